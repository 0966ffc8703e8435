"""Logistic Regression as a Shallow Neural Network.

One neuron, a sigmoid of an affine map, is logistic regression, and gradient descent trains it. The cross-entropy of its output is
convex in the weights; the squared error is not, and bends downwards on most of the plane. On ten standardised features of the
Wisconsin data a rate below the safe bound 2/L converges, and so does one of twice the bound; a rate of seven times the
bound goes down fast at first and ends hopping between two points above the minimum. What is learnt on standardised
features can be written for the raw ones. Where no line separates the classes, one neuron cannot either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch03_simple_networks.wisconsin import wisconsin
from gradiens.classical.classifiers.logistic_regression import fit_logistic
from gradiens.classical.features.standardised import Standardised
from gradiens.core.iterate import iterate
from gradiens.core.module import Module, knob
from gradiens.data.sets.planar_solar import planar_solar
from gradiens.functions.activations import sigmoid
from gradiens.functions.losses import binary_cross_entropy, squared
from gradiens.functions.metrics import accuracy, auc, log_loss
from gradiens.functions.two_classes import counts
from gradiens.nn.regression import logistic_regression
from gradiens.optim.descent import Descent
from gradiens.optim.sgd import SGD
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
X_LINE, Y_LINE = (-3.0, -2.0, -1.0, 1.0, 2.0, 3.0), (1.0, 0.0, 0.0, 1.0, 1.0, 0.0)
COLUMNS = (
    "mean_radius", "mean_texture", "mean_smoothness", "mean_compactness", "mean_symmetry", "mean_fractal_dimension",
    "radius_error", "texture_error", "smoothness_error", "compactness_error",
)  # fmt: skip
W_TRIED, B_TRIED = np.arange(-4, 4.5, 0.5), np.arange(-8.0, 9.0)  # where the Hessians are looked at


class Config(Module):
    """The rates, the steps and the pictures."""

    rate_1: float = knob(15.0, 0.01, 100.0, "log", says="first rate of gradient descent")
    rate_2: float = knob(5.0, 0.01, 100.0, "log", says="second rate")
    rate_3: float = knob(2.0, 0.01, 100.0, "log", says="third rate")
    steps: int = knob(40, 10, 1000, says="steps whose cross-entropy and F1 are drawn")
    to_the_end: int = knob(40_000, 100, 1_000_000, says="steps after which descent has come to its end")
    grid: int = knob(101, 21, 401, says="points along each side of the landscapes; odd, so that 0 is one")


class Landscape(NamedTuple):
    """Costs over (b, w), and the least eigenvalues of their Hessians over B_TRIED × W_TRIED."""

    cross_entropy: Float[Numbers, "G G"]
    squared_error: Float[Numbers, "G G"]
    at_zero: Float[Numbers, "2"]
    convex: Float[Numbers, "17 17"]
    bent: Float[Numbers, "17 17"]


class Descents(NamedTuple):
    """By rate: cross-entropy and F1 at the start and after each of the first steps, and the end of the descent."""

    cross_entropy: Float[Numbers, "T1 3"]
    f1: Float[Numbers, "T1 3"]
    end: Float[Numbers, "3 3"]  # cross-entropy at the end, a step later, and another
    hop: Float[Numbers, "2 3"]  # largest change of a weight in one step there, and in two
    bound: Float[Numbers, ""]  # 2/L


class Record(NamedTuple):
    """The landscapes, the descents, the full fit, both ways to predict, and the planar data."""

    landscape: Landscape
    descents: Descents
    full: Float[Numbers, "3"]  # cross-entropy, accuracy, AUC
    probability: Float[Numbers, "2 569"]  # from standardised features, and from raw ones
    x: Float[Numbers, "400 2"]
    y: Int[Numbers, "400"]
    planar: Float[Numbers, "5"]  # accuracy, cross-entropy, both weights, intercept


def run(config: Config, key: Array) -> Record:
    """The landscapes, gradient descent at three rates, the full fit, the planar data. Nothing here is random."""
    raw, y = wisconsin(COLUMNS)
    units = Standardised(raw.mean(0), raw.std(0, ddof=1))
    z = units.apply(raw)
    fit = fit_logistic(z, y, 2)
    w, b = units.back(fit.w[:, 1], fit.b[1])
    p = fit.predict_proba(z)[:, 1]
    table = planar_solar().frame
    x, label = table.select("x1", "x2").to_numpy(), table["label"].to_numpy().astype(np.int64)
    plane = fit_logistic(x, label, 2)
    planar = [
        accuracy(label, plane.predict(x)),
        log_loss(label, plane.predict_proba(x)[:, 1]),
        *plane.w[:, 1],
        plane.b[1],
    ]
    return Record(
        landscape=_landscape(config),
        descents=_descents(config, z, y, key),
        full=np.array([log_loss(y, p), accuracy(y, p > 0.5), auc(y, p)]),
        probability=np.stack([p, np.asarray(sigmoid(jnp.asarray(raw @ w + b)))]),
        x=x,
        y=label,
        planar=np.array(planar),
    )


def _landscape(config: Config) -> Landscape:
    x, y = jnp.asarray(X_LINE), jnp.asarray(Y_LINE)
    entropy = lambda θ: binary_cross_entropy(θ[0] + θ[1] * x, y) / x.size  # noqa: E731
    error = lambda θ: squared(sigmoid(θ[0] + θ[1] * x), y)  # noqa: E731
    grid, tried = _grid(*_axes(config)), _grid(B_TRIED, W_TRIED)
    least = lambda cost: np.linalg.eigvalsh(jax.jit(_everywhere(jax.hessian(cost)))(tried))[..., 0]  # noqa: E731
    return Landscape(
        cross_entropy=jax.jit(_everywhere(entropy))(grid),
        squared_error=jax.jit(_everywhere(error))(grid),
        at_zero=np.array([entropy(jnp.zeros(2)), error(jnp.zeros(2))]),
        convex=least(entropy),
        bent=least(error),
    )


def _axes(config: Config) -> tuple[np.ndarray, np.ndarray]:
    """b and w."""
    return np.linspace(-10, 10, config.grid), np.linspace(-5, 5, config.grid)


def _grid(b: np.ndarray, w: np.ndarray) -> Array:
    return jnp.asarray(np.stack(np.meshgrid(b, w), axis=-1))


def _everywhere(cost: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return jax.vmap(jax.vmap(cost))


def _descents(config: Config, z: np.ndarray, y: np.ndarray, key: Array) -> Descents:
    """From weights 0.1, all rates side by side in one compiled loop."""
    X, t = jnp.asarray(z), jnp.asarray(y)

    def cost(model: Callable[[Array], Array], _: Any) -> Array:
        return jnp.mean(jax.vmap(binary_cross_entropy)(jax.vmap(model)(X)[:, 0], t))

    start = jax.tree.map(lambda leaf: jnp.full_like(leaf, 0.1), logistic_regression(z.shape[1], key))
    theta = lambda state, info: state.theta  # noqa: E731
    rates = jnp.asarray([config.rate_1, config.rate_2, config.rate_3])
    descent = Descent(cost, SGD(rates))  # pyright: ignore[reportArgumentType] - a sweep
    early = iterate(descent, start, steps=config.steps, record=theta, keep=None, quiet=True)
    last = iterate(descent, start, steps=config.to_the_end, record=theta, keep=1, quiet=True)
    ends = iterate(descent, start, steps=config.to_the_end + 2, resume=last, record=theta, keep=None, quiet=True)
    first = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (1, 3, *leaf.shape)), start)
    path = jax.tree.map(lambda one, more: jnp.concatenate([one, jnp.asarray(more)]), first, early.trace)
    logits = jax.jit(jax.vmap(jax.vmap(lambda model: jax.vmap(model)(X)[:, 0])))
    z_path, tail = np.asarray(logits(path)), jax.tree.map(lambda leaf: jnp.asarray(leaf)[-3:], ends.trace)
    f1 = [[float(counts(y, at > 0).f1) for at in row] for row in z_path]
    flat = np.concatenate([np.asarray(leaf).reshape(3, 3, -1) for leaf in jax.tree.leaves(tail)], axis=-1)
    hop = np.abs(np.stack([flat[1] - flat[0], flat[2] - flat[0]])).max(-1)
    X1 = np.hstack([np.ones((len(z), 1)), z])
    bound = 2 / (np.linalg.eigvalsh(X1.T @ X1)[-1] / (4 * len(z)))
    return Descents(_entropy(z_path, y), np.array(f1), _entropy(np.asarray(logits(tail)), y), hop, np.array(bound))


def _entropy(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.mean(np.logaddexp(0, z) - y * z, axis=-1)


def values(config: Config, record: Record) -> dict[str, float]:
    """Minima of the landscapes, cross-entropies on the way and at the end by rate, the fits."""
    bent = float(np.sum(record.landscape.bent < 0))
    found = {"CE at 0": record.landscape.at_zero[0], "squared error at 0": record.landscape.at_zero[1]}
    found |= {"points where the squared error bends down": bent, "2/L": record.descents.bound}
    for i, rate in enumerate((config.rate_1, config.rate_2, config.rate_3)):
        on_the_way = {
            f"rate {rate:g}: CE after {t}": record.descents.cross_entropy[t, i] for t in (0, 10, config.steps)
        }
        found |= on_the_way | {f"rate {rate:g}: F1 after {config.steps}": record.descents.f1[config.steps, i]}
        found |= {
            f"rate {rate:g}: last CE": record.descents.end[1, i],
            f"rate {rate:g}: CE before": record.descents.end[0, i],
        }
    found |= dict(zip(("full fit: CE", "full fit: accuracy", "full fit: AUC"), record.full, strict=True))
    names = ("accuracy", "CE", "w1", "w2", "intercept")
    found |= {f"planar: {name}": value for name, value in zip(names, record.planar, strict=True)}
    return {name: float(value) for name, value in found.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Both landscapes, the descents by cross-entropy and by F1, and the planar data with the line."""
    b, w = _axes(config)
    costs = [
        ("cross-entropy", np.asarray(record.landscape.cross_entropy)),
        ("squared error", record.landscape.squared_error),
    ]
    zero = Series("points", [0.0], [0.0], label="least", colour=1)
    landscapes = [
        Figure(f"Landscape of the {name}", [Series("contour", b, w, z, name), zero], "b", "w") for name, z in costs
    ]
    rates = [f"rate {rate:g}" for rate in (config.rate_1, config.rate_2, config.rate_3)]
    entropy = [Series("line", y=record.descents.cross_entropy[:, i], label=name) for i, name in enumerate(rates)]
    least = Series("line", [0, config.steps], [record.full[0]] * 2, label="least", guide=True)
    f1 = [Series("line", y=record.descents.f1[:, i], label=name) for i, name in enumerate(rates)]
    return (
        *landscapes,
        Figure("Cross-entropy during training", [*entropy, least], "step", "CE"),
        Figure("F1 during training", f1, "step", "F1"),
        _planar(record),
    )


def _planar(record: Record) -> Figure:
    w1, w2, b = record.planar[2:]
    points = [Series("points", *record.x[record.y == k].T, label=f"class {k}", colour=k) for k in (0, 1)]
    ends = np.array([record.x[:, 0].min(), record.x[:, 0].max()])
    line = Series("line", ends, (-b - w1 * ends) / w2, label="p = 1/2", guide=True)
    return Figure("Two classes that no line separates", [*points, line], "x₁", "x₂", square=True)


def claim_both_costs_are_least_at_zero(config: Config, record: Record) -> bool:
    """Claim 1: the CE minimum is exactly ln 2, at w = b = 0; the squared-error minimum is 1.5, also there (1e-12)."""
    exact = np.all(np.abs(record.landscape.at_zero - np.array([np.log(2), 1.5])) <= 1e-12)
    middle = config.grid // 2
    lowest = [z[middle, middle] <= np.min(z) for z in (record.landscape.cross_entropy, record.landscape.squared_error)]
    return bool(exact and all(lowest))


def claim_only_the_cross_entropy_is_convex(config: Config, record: Record) -> bool:
    """Claim 2: the CE Hessian is positive semidefinite at every grid point; the squared-error Hessian has a negative eigenvalue
    at 248 of the 289 points w in {-4, -3.5, …, 4}, b in {-8, -7, …, 8} (below -1e-12 counts as negative)."""
    return bool(np.all(record.landscape.convex >= -1e-12) and np.sum(record.landscape.bent < -1e-12) == 248)


def claim_full_fit(config: Config, record: Record) -> bool:
    """Claim 3: full fit of (b): CE 0.140008, accuracy 0.940246, AUC 0.986483 (half a unit of the last digit)."""
    return bool(np.all(np.abs(record.full - np.array([0.140008, 0.940246, 0.986483])) <= 5e-7))


def claim_cross_entropies_at_rate_15(config: Config, record: Record) -> bool:
    """Claim 4: rate 15 gives CE 0.592807, 0.144627, 0.140073 after 0, 10, 40 steps; the safe bound is 2/L = 2.14005 with
    L = λ_max(X'X)/(4n) (half a unit of the last digit)."""
    found = record.descents.cross_entropy[[0, 10, 40], 0]
    near = np.all(np.abs(found - np.array([0.592807, 0.144627, 0.140073])) <= 5e-7)
    return bool(near and abs(record.descents.bound - 2.14005) <= 5e-6)


def claim_rate_15_ends_in_a_cycle(config: Config, record: Record) -> bool:
    """Claim 5: rates 2 and 5 converge to the optimum (CE within 1e-9); rate 15 ends in a 2-cycle with CE 0.142330 and
    0.142320, above the optimum (half a unit of the last digit; weights the same after two steps, within 1e-9)."""
    end, hop = np.asarray(record.descents.end), np.asarray(record.descents.hop)
    converged = np.all(np.abs(end[:, 1:] - record.full[0]) <= 1e-9)
    cycle = np.abs(np.sort(end[:2, 0]) - [0.142320, 0.142330]) <= 5e-7
    return bool(
        converged and np.all(cycle) and hop[0, 0] > 1e-3 and hop[1, 0] <= 1e-9 and np.all(end[:, 0] > record.full[0])
    )


def claim_back_transformed_weights_predict_the_same(config: Config, record: Record) -> bool:
    """Claim 6: the back-transformed weights w_j/s_j and b - Σ m_j w_j/s_j give the same predictions on raw data (relative
    1e-9)."""
    return bool(np.allclose(*record.probability, rtol=1e-9, atol=1e-15))


def claim_a_line_fails_on_the_planar_data(config: Config, record: Record) -> bool:
    """Claim 7: (c): accuracy 0.47, CE 0.673146, w = (0.0280909, -0.2031848), b = 0.0155550 (half a unit of the last
    digit)."""
    stated = np.array([0.47, 0.673146, 0.0280909, -0.2031848, 0.0155550])
    return bool(np.all(np.abs(record.planar - stated) <= np.array([5e-3, 5e-7, 5e-8, 5e-8, 5e-8])))
