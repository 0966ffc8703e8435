"""Activation Function Alternatives.

An activation bends what would otherwise be one affine map. The step has no slope, and nothing is learned through it; σ and tanh
have one everywhere, but it dies away on both sides, and through L layers of σ a gradient grows by (1/4)ᴸ times the norms of the
weights, at most; relu keeps a slope of 1 on one side and none on the other, where a unit can die. Softplus is a smooth relu, its
slope is σ; leaky relu and elu never shut the gate; the slopes of gelu and silu are 0 at one point alone. One network learns
digits with each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch05_feed_forward.activation_training import EVERY, FUNCTIONS, TRAINED, WATCHED, Trained, trained
from gradiens.core.module import Module, knob
from gradiens.functions.activations import elu, gelu, leaky_relu, relu, selu, sigmoid, sign, silu, softplus, step, tanh
from gradiens.nn.prelu import PReLU
from gradiens.report.figure import Figure, Series

SEEDS, LONG_SEEDS = 5, 3
AXIS = np.linspace(-4, 4, 401)  # 0 is on it
GRAPHS = {"step": step, "sign": sign, "sigmoid": sigmoid, "tanh": tanh, "relu": relu,
          "leaky relu 0.05": FUNCTIONS["leaky relu 0.05"], "leaky relu 0.1": FUNCTIONS["leaky relu 0.1"], "elu": elu,
          "prelu, α = ¼": lambda u: jnp.reshape(PReLU.make()(jnp.ravel(u)), jnp.shape(u)),
          "selu": selu, "softplus": softplus, "gelu": gelu, "silu": silu}  # fmt: skip
CHARTS = {"with two ends": ("step", "sign", "sigmoid", "tanh"),
          "with a bend": ("relu", "leaky relu 0.05", "leaky relu 0.1", "prelu, α = ¼"),
          "smooth": ("softplus", "elu", "selu", "gelu", "silu")}  # fmt: skip
SHARPNESS = (1.0, 10.0, 100.0, 1000.0)
DEEPEST, WIDTH, NETWORKS = 6, 8, 20


class Config(Module):
    """The training on MNIST."""

    images: int = knob(5000, 1000, 60_000, says="training images of MNIST")
    epochs: int = knob(5, 1, 100, says="passes over them")
    unseen: int = knob(2000, 100, 10_000, says="test images")


class Record(NamedTuple):
    """Graphs by GRAPHS on AXIS, with their slopes; softplus(bu)/b by SHARPNESS; of random networks of 1 to DEEPEST layers of σ
    the norm of the Jacobian and its bound; what was trained."""

    value: Float[np.ndarray, "A 401"]
    slope: Float[np.ndarray, "A 401"]
    sharper: Float[np.ndarray, "4 401"]
    jacobian: Float[np.ndarray, "L N"]
    bound: Float[np.ndarray, "L N"]
    trained: Trained


def run(config: Config, key: Array) -> Record:
    """Graphs and slopes, Jacobians of random layers, and training."""
    u = jnp.asarray(AXIS)
    value, slope = jax.jit(_graphs)(u)
    jacobian, bound = _jacobians(jax.random.fold_in(key, 1))
    return Record(
        value=value,
        slope=slope,
        sharper=np.stack([softplus(b * u) / b for b in SHARPNESS]),
        jacobian=jacobian,
        bound=bound,
        trained=trained(TRAINED, config.images, config, SEEDS, jax.random.fold_in(key, 2)),
    )


def _graphs(u: Array) -> tuple[Array, Array]:
    """S(u) and S'(u) of every activation."""
    rows = [(S(u), jax.vmap(jax.grad(S))(u)) for S in GRAPHS.values()]
    value, slope = zip(*rows, strict=True)
    return jnp.stack(value), jnp.stack(slope)


def _jacobians(key: Array) -> tuple[np.ndarray, np.ndarray]:
    """Spectral norms of ∂a[L]/∂x by depth and network, and (1/4)ᴸ Π ‖W[l]‖."""

    def layers(W: Array, x: Array) -> Array:
        """a[1], …, a[L]."""
        found = [x]
        for matrix in W:
            found.append(sigmoid(matrix @ found[-1]))
        return jnp.stack(found[1:])

    one, two = jax.random.split(key)
    W = jax.random.normal(one, (NETWORKS, DEEPEST, WIDTH, WIDTH))
    slopes = jax.jit(jax.vmap(jax.jacobian(layers, 1)))(W, jax.random.normal(two, (NETWORKS, WIDTH)))
    jacobian, each = (np.linalg.norm(np.asarray(matrices), 2, axis=(2, 3)).T for matrices in (slopes, W))
    return jacobian, np.cumprod(each / 4, axis=0)


def long_run(config: Config, key: Array) -> Trained:
    """All activations, the gated and the newer ones too, on four times as many images; three seeds."""
    return trained(EVERY, min(4 * config.images, 60_000), config, LONG_SEEDS, jax.random.fold_in(key, 2))


def _scores(names: Sequence[str], done: Trained, what: str = "") -> dict[str, float]:
    """Costs and test accuracies after the last epoch, medians over the seeds."""
    found = {
        f"{what}{name}: cost of {WATCHED:,} training images": np.median(c[-1])
        for name, c in zip(names, done.cost, strict=True)
    }
    found |= {f"{what}{name}: test accuracy": np.median(a) for name, a in zip(names, done.accuracy, strict=True)}
    return {name: float(value) for name, value in found.items()}


def long_values(config: Config, record: Trained) -> dict[str, float]:
    """Costs and test accuracies of all activations."""
    return _scores(EVERY, record, "long, ")


def values(config: Config, record: Record) -> dict[str, float]:
    """Costs and test accuracies after the last epoch, dead and saturated shares: medians over the seeds."""
    done = record.trained
    found = _scores(TRAINED, done)
    found |= {f"relu, rate {r}: dead units": np.median(d) for r, d in zip(("1e-3", "1e-1"), done.dead, strict=True)}
    found |= {f"{n}: saturated": np.median(s) for n, s in zip(("sigmoid", "tanh"), done.saturated, strict=True)}
    found |= {f"{L} layers of σ: largest Jacobian over its bound": np.max(record.jacobian[L - 1] / record.bound[L - 1])
              for L in range(1, DEEPEST + 1)}  # fmt: skip
    return {name: float(value) for name, value in found.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Activations and their slopes, softplus and relu, the curves of the cost, dead units, Jacobians."""
    charts = []
    for kind, names in CHARTS.items():
        charts += [_lines(f"Activations {kind}", names, record.value, "S(u)")]
        charts += [_lines(f"Slopes of activations {kind}", names, record.slope, "S'(u)")]
    sharper = [Series("line", AXIS, y, label=f"b = {b:g}") for b, y in zip(SHARPNESS[:2], record.sharper, strict=False)]
    relu_too = Series("line", AXIS, _row(record.value, "relu"), label="relu", guide=True)
    return (
        *charts,
        Figure("softplus(bu)/b tends to relu", [*sharper, relu_too], "u", "softplus(bu)/b"),
        *_curves(TRAINED, record.trained),
        _dead(record.trained),
        _norms(record),
    )


def _row(graphs: np.ndarray, name: str) -> np.ndarray:
    return graphs[list(GRAPHS).index(name)]


def _lines(title: str, names: Sequence[str], graphs: np.ndarray, y: str) -> Figure:
    return Figure(title, [Series("line", AXIS, _row(graphs, name), label=name) for name in names], "u", y)


def _curves(names: Sequence[str], done: Trained) -> list[Figure]:
    """The median over the seeds, in charts of five activations."""
    epochs, title = (
        1 + np.arange(done.cost.shape[1]),
        f"Cost of the first {WATCHED:,} training images, median of the seeds",
    )
    lines = [Series("line", epochs, np.median(c, axis=1), label=name) for name, c in zip(names, done.cost, strict=True)]
    parts = (lines[i : i + 5] for i in range(0, len(lines), 5))
    return [Figure(title, part, "epoch", "C", log_y=True) for part in parts]


def long_show(config: Config, record: Trained) -> tuple[Figure, ...]:
    """The curves of the cost of all activations."""
    return tuple(_curves(EVERY, record))


def _dead(done: Trained) -> Figure:
    seeds = [f"seed {seed}" for seed in range(SEEDS)]
    bars = [Series("bars", seeds, d, label=f"rate {r}") for r, d in zip(("1e-3", "1e-1"), done.dead, strict=True)]
    return Figure("Relu units that are 0 on all training images", bars, "", "share of the hidden units")


def _norms(record: Record) -> Figure:
    depth = np.repeat(1 + np.arange(DEEPEST), NETWORKS)
    points = Series("points", depth, record.jacobian.ravel(), label="norm of the Jacobian")
    bound = Series("points", depth, record.bound.ravel(), label="(1/4)ᴸ times the norms of the weights")
    return Figure(f"Layers of σ, {NETWORKS} random networks", [points, bound], "layers L", "", log_y=True)


def claim_identities(config: Config, record: Record) -> bool:
    """Claim 1: tanh(u) = 2σ(2u) - 1; 2σ(u) - 1 = tanh(u/2); softplus' = σ; GELU(u) = u Φ(u). (relative 1e-9, absolute
    1e-12, on [-4, 4])"""
    from scipy.special import ndtr

    u, σ = jnp.asarray(AXIS), _row(record.value, "sigmoid")
    pairs = (
        (_row(record.value, "tanh"), 2 * np.asarray(sigmoid(2 * u)) - 1),
        (2 * σ - 1, np.asarray(tanh(u / 2))),
        (_row(record.slope, "softplus"), σ),
        (_row(record.value, "gelu"), AXIS * ndtr(AXIS)),
    )
    return all(np.allclose(left, right, rtol=1e-9, atol=1e-12) for left, right in pairs)


def claim_slopes_and_softplus_are_bounded(config: Config, record: Record) -> bool:
    """Claim 2: σ' ≤ 1/4, tanh' ≤ 1; |softplus - relu| ≤ ln 2 (equal at 0); softplus(bu)/b tends to relu as b grows: its
    largest distance is ln 2 / b."""
    ln2, gap = np.log(2), np.abs(record.sharper - _row(record.value, "relu")[None])
    slopes = _row(record.slope, "sigmoid").max() <= 0.25 and _row(record.slope, "tanh").max() <= 1
    at_zero = abs(gap[0][AXIS == 0][0] - ln2) <= 1e-12 and np.all(gap[0] <= ln2 + 1e-12)
    return bool(slopes and at_zero and np.allclose(gap.max(axis=1) * SHARPNESS, ln2, rtol=1e-9))


def claim_relus_are_homogeneous(config: Config, record: Record) -> bool:
    """Claim 3: relu and leaky relu are positively homogeneous: S(cu) = c S(u) for c > 0."""
    u = jnp.asarray(AXIS)
    kinds = (relu, *(lambda u, a=a: leaky_relu(u, a) for a in (0.05, 0.1)))
    return all(np.allclose(S(c * u), c * S(u), rtol=1e-9, atol=0) for S in kinds for c in (0.01, 0.7, 3.0, 1e3))


def claim_sigmoid_layers_shrink_gradients(config: Config, record: Record) -> bool:
    """Claim 4: the Jacobian norm of L sigmoid layers is at most (1/4)ᴸ times the product of the spectral norms (20 random
    networks of each depth 1, …, 6)."""
    return bool(np.all(record.jacobian <= record.bound * (1 + 1e-9)))


def claim_units_die_and_steps_do_not_learn(config: Config, record: Record) -> bool:
    """Claim 5: the median share of dead units at rate 1e-1 exceeds that at 1e-3 by 0.4 (5 seeds); the step activation does not
    learn by gradients: the gradient of its hidden layers is exactly 0 (that of its last layer is not, nor is one of σ)."""
    slow, fast = np.median(record.trained.dead, axis=1)
    (*hidden, last), of_sigmoid = record.trained.gradient
    steps = all(norm == 0 for norm in hidden) and last > 0 and np.all(of_sigmoid > 0)
    return bool(record.trained.dead.shape == (2, SEEDS) and fast - slow >= 0.4 and steps)
