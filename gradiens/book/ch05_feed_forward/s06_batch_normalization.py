"""Batch Normalization.

Each unit of a layer is shifted and scaled over the batch to mean 0 and variance 1, and then by two trained numbers to
whatever mean and deviation serve best. The backward pass goes through the batch's own mean and variance; at inference
running averages stand in, and the layer folds into the affine map beside it. On digits plain gradient descent at rate 0.1
learns faster with it from the first epoch on; at rate 0.001 the first epoch costs more with it. Its siblings normalise over
the units of one example, or the weights.
"""

from __future__ import annotations

from textwrap import indent
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch05_feed_forward.digit_training import (
    digits,
    each,
    judge,
    lane,
    seeds,
    stacked,
    train,
    unseen_digits,
)
from gradiens.book.ch05_feed_forward.normal_identities import (
    EPSILONS,
    SIX,
    Identities,
    identities,
    standardised_weights,
    unit_graph,
)
from gradiens.calculus.tape_text import drawing, table
from gradiens.core.module import Module, knob
from gradiens.nn.chain import Chain
from gradiens.nn.dense import Dense
from gradiens.nn.normalisation.batch_norm import BatchNorm
from gradiens.nn.normalisation.fold_norm import folded
from gradiens.optim.sgd import SGD
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
SIZES = (784, 128, 64, 10)
KINDS = ("plain", "batch normalised")
RATES = (1e-3, 1e-1)
SEEDS, BATCH = 5, 100
X_DRAWN, C_DRAWN = (1.0, 2.0, 4.0, -1.0, 0.0, 3.0), (1.0, -2.0, 0.5, 3.0, 0.0, 1.0)  # the unit that is drawn


class Config(Module):
    """The training on MNIST."""

    images: int = knob(10_000, 100, 60_000, says="training images of MNIST")
    epochs: int = knob(2, 1, 50, says="passes over them")


class Record(NamedTuple):
    """The identities, and the training: with and without batch normalisation, by step size, seed and epoch."""

    identities: Identities
    weights: Float[Numbers, "2 units"]  # standardised: of W, and of 3 W + 2
    cost: Float[Numbers, "kinds rates seeds epochs"]  # mean cost of the epoch's minibatches
    test: Float[Numbers, "kinds rates seeds"]  # accuracy on the test images after the last epoch
    folding: Float[
        Numbers, ""
    ]  # largest difference of the logits when a trained network is folded, over the largest logit
    blocks: Float[Numbers, "2"]  # of that network, and folded


def run(config: Config, key: Array) -> Record:
    """The identities for random numbers; both networks at both step sizes, five seeds."""
    test = unseen_digits()
    told = [_trained(config, key, normalised, test) for normalised in (False, True)]
    network = lane(told[1][0], -1, jnp.float64)
    short, x = eqx.filter_jit(folded)(network), test[0][:200].astype(jnp.float64)
    z, z_short = (eqx.filter_jit(lambda net: jax.vmap(net)(x))(net) for net in (network, short))
    return Record(
        identities=identities(key),
        weights=standardised_weights(key),
        cost=np.stack([costs for _, costs, _ in told]),
        test=np.stack([right for _, _, right in told]),
        folding=jnp.max(jnp.abs(z_short - z)) / jnp.max(jnp.abs(z)),
        blocks=np.array([len(network.blocks), len(short.blocks)], float),
    )


def network(key: Array, normalised: bool) -> Chain:
    """784-128-64-10, relu, He's start; with batch normalisation on the inputs of all three layers, or without."""
    blocks: list[Any] = []
    for n, m, k in zip(SIZES[:-1], SIZES[1:], jax.random.split(key, len(SIZES) - 1), strict=True):
        blocks += [*([BatchNorm.make(n)] if normalised else []), Dense.make(n, m, k), "relu"]
    return Chain.make(*blocks[:-1])


def _trained(config: Config, key: Array, normalised: bool, test: Any) -> tuple[Chain, np.ndarray, np.ndarray]:
    """A lane a rate and a seed: the networks, their mean costs by epoch, and their test accuracies."""
    starts = jnp.tile(seeds(key, SEEDS), len(RATES))
    networks = stacked(lambda k: network(k, normalised), starts)
    optimizer = SGD(jnp.repeat(jnp.asarray(RATES, jnp.float32), SEEDS))  # pyright: ignore[reportArgumentType]
    orders = jnp.tile(seeds(jax.random.fold_in(key, 1), SEEDS), len(RATES))
    (rows,) = digits(config.images)
    nothing = lambda network, given: given  # noqa: E731
    done, (_, costs) = train(
        networks, optimizer, rows, config.epochs, BATCH, orders, nothing, jnp.zeros(()), costs=True
    )
    right = each(lambda one, test: judge(one, test)[1], done, test)
    return done, costs.T.reshape(len(RATES), SEEDS, -1), np.asarray(right).reshape(len(RATES), SEEDS)


def values(config: Config, record: Record) -> dict[str, float]:
    """Mean losses of the first epoch and final test accuracies, medians over seeds; what does not vanish for ε > 0."""
    told = {}
    for k, kind in enumerate(KINDS):
        for r, rate in enumerate(RATES):
            told[f"{kind}, rate {rate:g}: mean loss of the first epoch"] = np.median(record.cost[k, r, :, 0])
            told[f"{kind}, rate {rate:g}: test accuracy after {config.epochs} epochs"] = np.median(record.test[k, r])
    told |= {f"Σ dx x̂ at ε = {ε:g}": s[1] for ε, s in zip(EPSILONS, record.identities.sums, strict=True)}
    return {name: float(value) for name, value in told.items()}


def text(config: Config, record: Record) -> str:
    """The backward graph of one unit with a batch of six."""
    lines = indent(table(unit_graph(X_DRAWN, C_DRAWN)), "    ")
    return f"One unit, a batch of six: each adjoint as the sum over the children.\n\n{lines}"


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The graph of one unit, and the training with and without it."""
    figures = [_graph()]
    for r, rate in enumerate(RATES):
        at = np.arange(1, config.epochs + 1)
        lines = [
            Series("line", at, np.median(record.cost[k, r], axis=0), label=f"{kind}, median")
            for k, kind in enumerate(KINDS)
        ]
        points = [
            Series("points", np.repeat(at, SEEDS), record.cost[k, r].T.ravel(), label=f"{kind}, seeds", colour=k)
            for k, kind in enumerate(KINDS)
        ]
        figures.append(Figure(f"Plain gradient descent, rate {rate:g}", [*lines, *points], "epoch", "mean loss"))
    return tuple(figures)


def _graph() -> Figure:
    """The tape of one unit: nodes by the order of evaluation, edges to what each is made of."""
    tape = unit_graph(X_DRAWN, C_DRAWN)
    made = drawing(tape)
    ends = np.full((2, len(made.edges), 3), np.nan)  # the third: a gap between edges
    ends[0, :, :2], ends[1, :, :2] = made.x[made.edges], made.y[made.edges]
    edges = Series("line", ends[0].ravel(), ends[1].ravel(), label="edges", guide=True)
    nodes = Series("points", made.x, made.y, label="nodes", text=[node.name for node in tape.nodes])
    says = "; ".join(made.labels) + "."
    return Figure("One unit with a batch of six, as a graph", [edges, nodes], "order of evaluation", "", summary=says)


def claim_the_batch_gets_mean_0_and_its_variance(config: Config, record: Record) -> bool:
    """Claim 1: with γ = 1, β = 0 the batch has mean 0 and variance v/(v + ε); relative 1e-9."""
    mean, variance, expected = record.identities.moments
    return bool(np.allclose(mean, 0, atol=1e-12) and np.allclose(variance, expected, rtol=1e-9, atol=0))


def claim_scale_and_shift_before_it_do_not_matter(config: Config, record: Record) -> bool:
    """Claim 2: with ε = 0 the output is invariant to positive scaling and shifts of a unit's input; a bias before it has
    zero gradient. The same holds for standardised weights in their W."""
    found = record.identities
    same = np.allclose(*found.rescaled, rtol=1e-9, atol=1e-12) and np.allclose(*record.weights, rtol=1e-9, atol=1e-12)
    return bool(same and np.allclose(found.bias_gradient, 0, atol=1e-12))


def claim_backward_is_the_difference_and_its_sums_vanish(config: Config, record: Record) -> bool:
    """Claim 3: backward = finite differences (1e-6) and the tape (1e-9); Σ dx = 0, and Σ dx x̂ = 0 as ε → 0."""
    layer, tape, difference = record.identities.backward
    agree = np.allclose(layer, difference, rtol=1e-6, atol=1e-8) and np.allclose(layer, tape, rtol=1e-9, atol=1e-12)
    plain, along = np.abs(np.asarray(record.identities.sums)).T
    falls = np.all(np.diff(along) < 0) and along[0] > 1e-4 and along[-1] < 1e-12
    return bool(agree and np.all(plain < 1e-12) and falls)


def claim_it_can_be_undone_and_folded(config: Config, record: Record) -> bool:
    """Claim 4: γ = √(v + ε), β = m restores the identity; at inference the layer folds into the preceding affine map, and
    into the one behind it; so does all of the trained network."""
    found, near = record.identities, lambda a, b: np.allclose(a, b, rtol=1e-9, atol=1e-12)
    folds = near(found.folds[0], found.folds[1]) and near(*found.folds[2:])
    whole = record.folding < 1e-9 and record.blocks[0] == 8 and record.blocks[1] == 5
    return bool(near(*found.restored) and folds and whole)


def claim_one_example_does_not_see_the_others(config: Config, record: Record) -> bool:
    """Claim 5: inference output for one example does not depend on the rest of the batch; layer normalisation never does,
    nor group, instance and RMS normalisation; batch normalisation in training does."""
    pairs = zip(SIX, record.identities.companions, strict=True)
    same = {name: np.allclose(*pair, rtol=1e-12, atol=0) for name, pair in pairs}
    return not same.pop("batch, training") and all(same.values())


def claim_the_first_epoch_is_cheaper_with_it(config: Config, record: Record) -> bool:
    """Claim 6: plain SGD, rate 1e-1: the mean batch loss over the first epoch is lower with it by 0.1, median of five
    seeds."""
    plain, normalised = np.median(record.cost[:, RATES.index(1e-1), :, 0], axis=1)
    return bool(normalised <= plain - 0.1)
