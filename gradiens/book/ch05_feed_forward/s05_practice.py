"""Considerations and Practice for Optimization.

How weights begin decides whether a deep network learns at all. A signal through fifty random layers keeps its size, dies
out or explodes as the variance of the weights tells; with all weights 0 the units of a layer never differ; and with very
small ones the first epoch is lost. Inputs in standard units make the cost rounder, and the noise of gradients tells a size
for the minibatch. Gradients that are too long are clipped; the range test finds a step size, a schedule warms it up and lets it
fall, weights are averaged, and training ends when pictures not trained on are read no better.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from gradiens.book.ch05_feed_forward.digit_training import Rows, digits, each, judge, lane, seeds, stacked, train
from gradiens.book.ch05_feed_forward.practice_checks import LAYERS, PATIENCE, WAYS, Practice, practice
from gradiens.core.module import Module, join, knob, split
from gradiens.functions.activations import relu, tanh
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.nn.convolutions.signal_size import predicted, propagated
from gradiens.nn.initialisers import normal
from gradiens.nn.lsuv import lsuv
from gradiens.nn.mlp import MLP
from gradiens.optim.adam import Adam
from gradiens.optim.clipping import clip_by_norm, norm
from gradiens.optim.range_test import RangeTest, range_test
from gradiens.report.figure import Figure, Series
from gradiens.train.layer_statistics import layer_statistics
from gradiens.train.training import batch_cost

Numbers = Array | np.ndarray
SCALES = (1.0, 2.0, 4.0)  # c of the weights' variance c/N
SIZES = (784, 64, 64, 64, 64, 64, 10)
INITS = {
    "zero": "zeros",
    "N(0, 0.001)": lambda key, shape: normal(key, shape, 0.001),
    "Glorot": "glorot",
    "He": "he",
}
STARTS = (*INITS, "LSUV")  # the last from the weights of N(0, 0.001), scaled by the data
SEEDS, RATE, BATCH = 5, 1e-3, 50
HE = STARTS.index("He") * SEEDS  # the lane of the first network from He's start
CAPS = (0.1, 0.5, 0.99, 1.01, 5.0)  # in lengths of the gradient


class Config(Module):
    """The random layers, and the training."""

    draws: int = knob(10, 2, 100, says="draws of the random layers")
    depth: int = knob(50, 2, 200, says="random layers")
    width: int = knob(500, 10, 2000, says="units of a random layer")
    images: int = knob(5000, 100, 60_000, says="training images of MNIST")
    epochs: int = knob(1, 1, 50, says="passes over them")


class Record(NamedTuple):
    """Mean squares of signals; training from each of STARTS; clipped gradients; the range test."""

    z: Float[Numbers, "R 3 L"]  # relu, by c
    a: Float[Numbers, "R 3 L1"]
    tanh: Float[Numbers, "R L1"]  # c = 1
    cost: Float[Numbers, "starts seeds"]  # training cross-entropy after the last epoch
    accuracy: Float[Numbers, "starts seeds"]
    spread: Float[Numbers, "5"]  # from zero: the largest difference of two rows of W[l], of all seeds, l = 1 … 5
    rms: Float[Numbers, "starts layers"]  # of the layers' outputs before the first step, first seed
    gradient: Float[Numbers, "starts layers"]
    gradient_norm: Float[Numbers, ""]
    clipped: Float[Numbers, "caps 3"]  # length, cosine with the gradient, largest change of an entry
    rates: RangeTest
    practice: Practice


def run(config: Config, key: Array) -> Record:
    """Draw the random layers, train from each start, clip a gradient, test step sizes."""
    keys = seeds(key, config.draws)
    of_relu = [propagated(relu, SCALES, config.depth, config.width, k, jnp.float32) for k in keys]
    of_tanh = [propagated(tanh, (1.0,), config.depth, config.width, k, jnp.float32).a[0] for k in keys]
    (rows,) = digits(config.images)
    networks = _networks(seeds(key, SEEDS), rows)
    trained, cost, right = _train(config, networks, rows, key)
    first = jax.tree.map(lambda a: a[::SEEDS], networks)
    told = each(lambda model, rows: layer_statistics(model, categorical_cross_entropy, *rows), first, _head(rows))
    length, clipped = _clipped(lane(networks, HE), rows)
    return Record(
        z=np.stack([signals.z for signals in of_relu]),
        a=np.stack([signals.a for signals in of_relu]),
        tanh=np.stack(of_tanh),
        cost=cost,
        accuracy=right,
        spread=np.array([np.ptp(np.asarray(layer.W)[:SEEDS], axis=1).max() for layer in trained.layers[:-1]]),
        rms=told.rms,
        gradient=told.gradient,
        gradient_norm=length,
        clipped=clipped,
        rates=_rates(lane(networks, HE), rows),
        practice=practice(lane(networks, HE), _head(rows), jax.random.fold_in(key, 2)),
    )


def _networks(keys: Array, rows: Rows) -> MLP:
    """A lane a start and a seed, the seeds of a start side by side."""
    made = stacked(lambda k: [MLP.make(SIZES, k, init=init) for init in INITS.values()], keys)
    x, _ = _head(rows)
    scaled = [lsuv(lane(made[1], i), x) for i in range(len(keys))]
    made.append(jax.tree.map(lambda *lanes: jnp.stack(lanes), *scaled))
    return jax.tree.map(lambda *lanes: jnp.concatenate(lanes), *made)


def _head(rows: Rows) -> Rows:
    """The first 500."""
    return rows[0][:500], rows[1][:500]


def _train(config: Config, networks: MLP, rows: Rows, key: Array) -> tuple[MLP, np.ndarray, np.ndarray]:
    """The trained networks, and cost and accuracy by start and seed: a seed has the same orders from every start."""
    keys = jnp.tile(seeds(jax.random.fold_in(key, 1), SEEDS), len(STARTS))
    trained, (cost, right) = train(networks, Adam(RATE), rows, config.epochs, BATCH, keys, judge, rows)
    return trained, cost[-1].reshape(-1, SEEDS), right[-1].reshape(-1, SEEDS)


def _clipped(network: MLP, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """The length of a gradient in double precision, and what clipping at each of CAPS, in that length, makes of it."""
    theta, rest = split(jax.tree.map(lambda a: a.astype(jnp.float64), network))
    x, y = _head(rows)
    g = jax.jit(jax.grad(lambda theta: _cost(join(theta, rest), (x.astype(jnp.float64), y))))(theta)
    flat = np.asarray(ravel_pytree(g)[0])
    found = []
    for cap in CAPS:
        after = np.asarray(ravel_pytree(clip_by_norm(g, cap * float(norm(g)))[0])[0])
        length = np.linalg.norm(after)
        found.append((length, after @ flat / (length * np.linalg.norm(flat)), np.abs(after - flat).max()))
    return np.asarray(np.linalg.norm(flat)), np.array(found)


def _cost(network: MLP, rows: Rows) -> Float[Array, ""]:
    return batch_cost(categorical_cross_entropy, network, *rows)[0]


def _rates(network: MLP, rows: Rows) -> RangeTest:
    """ADAM from He's start on the same 500 pictures at every step, its step size growing from 10⁻⁵ to 1."""
    return range_test(lambda theta, _: _cost(theta, _head(rows)), network, Adam(), 1e-5, 1.0, 150, memory=0.0)


def values(config: Config, record: Record) -> dict[str, float]:
    """The growth of signals a layer, the loss of each start, and the range test."""
    told = {f"relu, c = {c:g}: mean log ratio a layer": g for c, g in zip(SCALES, _growth(record.a), strict=True)}
    ends = np.median(record.tanh[:, [1, -1]], axis=0)
    told |= {"tanh, c = 1: mean square at layer 1": ends[0], f"tanh, c = 1: at layer {config.depth}": ends[1]}
    for start, cost, right in zip(STARTS, record.cost, record.accuracy, strict=True):
        told |= {f"{start}: median loss after {config.epochs} epochs": np.median(cost),
                 f"{start}: median accuracy": np.median(right)}  # fmt: skip
    told |= {"range test: steepest at rate": record.rates.steepest} | _practised(record.practice)
    return {name: float(value) for name, value in told.items()}


def _practised(found: Practice) -> dict[str, float]:
    """The products of linear layers, the shape of the cost, the noise, and the two schedules."""
    told = {f"{LAYERS} {start} layers: {which} singular value of the product": value
            for start, row in zip(("orthogonal", "N(0, 1/N)"), found.singular, strict=True)
            for which, value in zip(("largest", "middle"), row, strict=True)}  # fmt: skip
    for name, ratio in zip(("pixels", "pixels in standard units"), found.curvature, strict=True):
        told |= {f"{name}: largest curvature over the mean one": ratio}
    told |= {"He: gradient noise scale, in pictures": found.noise}
    for way, (last, average), (end, kept) in zip(WAYS, found.cost, found.ends, strict=True):
        told |= {f"{way}: validation loss": last, f"{way}: of averaged weights": average,
                 f"{way}: step at which patience {PATIENCE} ends it": end, f"{way}: step kept": kept}  # fmt: skip
    return {name: float(value) for name, value in told.items()}


def _growth(a: Numbers) -> np.ndarray:
    """The log ratio of E[a²] from layer to layer, by c: its mean over layers and draws."""
    return np.diff(np.log(np.asarray(a, np.float64)), axis=2).mean((0, 2))


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Signals through random layers, the loss from each start, what goes on in the layers at first, the range test."""
    layers = np.arange(config.depth + 1)
    lines = [Series("line", layers, _middle(record.a[:, i]), label=f"relu, c = {c:g}") for i, c in enumerate(SCALES)]
    lines.append(Series("line", layers, _middle(record.tanh), label="tanh, c = 1"))
    guide = Series("line", layers, predicted(tanh, 1.0, config.depth), label="tanh, wide layers", guide=True)
    text = [f"{cost:.2f}" for cost in np.median(record.cost, axis=1)]
    bars = Series("bars", list(STARTS), np.median(record.cost, axis=1), label="median of five seeds", text=text)
    rates = record.rates
    tested = [Series("line", rates.rates, rates.losses, label="500 pictures")]
    return (
        Figure("Mean square of the activations, median of the draws", [*lines, guide], "layer", "E[a²]", log_y=True),
        Figure("Training loss from each start", [bars], "", "cross-entropy"),
        _by_layer("Outputs of the layers before the first step", "root mean square", record.rms),
        _by_layer("Gradients of the layers before the first step", "‖g‖", record.gradient),
        Figure("Range test from He's start", tested, "step size", "cross-entropy", log_x=True,
               summary=f"The loss falls fastest at {rates.steepest:.2g}."),
    )  # fmt: skip


def _middle(a: Numbers) -> np.ndarray:
    return np.median(np.asarray(a), axis=0)


def _by_layer(title: str, what: str, rows: Numbers) -> Figure:
    """A line a start; the start from zero has nothing to show on this scale."""
    at = np.arange(1, len(SIZES))
    shown = [(start, np.asarray(row)) for start, row in zip(STARTS, rows, strict=True) if start != "zero"]
    lines = [Series("line", at, row, label=start) for start, row in shown]
    return Figure(title, lines, "layer", what, log_y=True)


def claim_from_zero_weights_units_stay_equal(config: Config, record: Record) -> bool:
    """Claim 1: from zero weights the units of a hidden layer stay equal for ever: the rows of each W[l] are the same after
    training, exactly, on all five seeds; of relu units, whose gradients are 0, and of σ units, whose weights all move."""
    of_sigmoid = record.practice
    return bool(np.all(record.spread == 0) and np.all(of_sigmoid.moved > 0) and np.all(of_sigmoid.spread == 0))


def claim_the_variance_of_weights_sets_the_size_of_signals(config: Config, record: Record) -> bool:
    """Claim 2: Var z[l] = N Var(w) E[a²]; per relu layer c = 2 keeps E[a²], c = 1 halves it, c = 4 doubles it: the log
    ratio, averaged over layers and draws, is within 0.03 of 0, -ln 2, ln 2; so is that of the two sides of the equation."""
    a, z = np.asarray(record.a, np.float64), np.asarray(record.z, np.float64)
    sides = np.log(z / (np.array(SCALES)[:, None] * a[:, :, :-1])).mean((0, 2))
    grown = np.abs(_growth(a) - np.log(np.array(SCALES) / 2))
    return bool(np.all(np.abs(sides) <= 0.03) and np.all(grown <= 0.03))


def claim_tanh_signals_fall_slowly(config: Config, record: Record) -> bool:
    """Claim 3: tanh, c = 1: the mean square at layer 50 is below that at layer 1 but exceeds 1e-3, in every draw."""
    return bool(np.all(record.tanh[:, -1] < record.tanh[:, 1]) and np.all(record.tanh[:, -1] > 1e-3))


def claim_clipping_caps_the_length_alone(config: Config, record: Record) -> bool:
    """Claim 4: clipping caps the norm, keeps the direction and does nothing below the cap; relative 1e-9."""
    length, cosine, change = record.clipped.T
    caps = np.array(CAPS)
    capped = np.allclose(length / record.gradient_norm, np.minimum(caps, 1), rtol=1e-9, atol=0)
    return bool(capped and np.allclose(cosine, 1, rtol=1e-9, atol=0) and np.all(change[caps > 1] == 0))


def claim_he_beats_very_small_weights(config: Config, record: Record) -> bool:
    """Claim 5: the median training loss after one epoch is lower from He's start than from N(0, 0.001) by 1, five seeds."""
    cost = dict(zip(STARTS, np.median(record.cost, axis=1), strict=True))
    return bool(cost["He"] <= cost["N(0, 0.001)"] - 1)
