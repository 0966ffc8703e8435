"""Formulation of Optimization.

To minimise C(θ) is to look for the lowest point; where C is smooth it is a stationary point, ∇C = 0, and the Hessian says
of which kind. A convex surface has one valley, peaks has three, and three hills, with saddles between. Gradient descent
takes steps against the gradient. On a convex C whose gradient is L-Lipschitz the gap falls like 1/k when the step is at
most 1/L; in Rosenbrock's valley a constant step that is too long ends in a cycle, and steps that shrink too fast stop
short of the minimum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch04_optimization.paths import paths_of
from gradiens.book.ch04_optimization.stationary import KINDS, Stationary, least_around, stationary
from gradiens.book.landscapes import along, bowl, contour, rosenbrock
from gradiens.core.iterate import Outcome, iterate
from gradiens.core.module import Module, knob
from gradiens.optim.descent import Descent
from gradiens.optim.problems.beale import Beale
from gradiens.optim.problems.himmelblau import Himmelblau
from gradiens.optim.problems.peaks import Peaks
from gradiens.optim.problems.rastrigin import Rastrigin
from gradiens.optim.problems.saddle import Saddle
from gradiens.optim.schedules import Exponential
from gradiens.optim.sgd import SGD
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
HALF = 2.5  # the surfaces are looked at for |θ₁|, |θ₂| ≤ 2.5
GRID = np.round(np.arange(-250, 251) * 0.01, 2)
HILLS = ((-0.01, 1.58, 8.106), (1.29, 0.00, 3.592), (-0.46, -0.63, 3.777))
EARLY = 500  # steps of a path that are all recorded


def round_bowl(theta: Float[Array, "2"]) -> Float[Array, ""]:
    """θ₁² + θ₂²."""
    return jnp.sum(theta**2)


SURFACES = {"bowl": (round_bowl, HALF), "peaks": (Peaks(), HALF)} | {
    name: (surface, surface.box[0][1])
    for name, surface in {
        "saddle": Saddle(),
        "beale": Beale(),
        "himmelblau": Himmelblau(),
        "rastrigin": Rastrigin(),
    }.items()
}


class Config(Module):
    """The start and the steps on Rosenbrock, and how many cases the inequalities are tried on."""

    start_1: float = knob(0.2, -2.0, 2.0, says="first coordinate of the start")
    start_2: float = knob(-0.2, -2.0, 2.0, says="second coordinate of the start")
    rate: float = knob(0.005, 1e-5, 0.006, "log", says="the longer first step a₀; the other is half of it")
    decay: float = knob(0.99, 0.5, 0.99999, says="g of the steps a₀ gᵏ, beside the constant ones")
    steps: int = knob(100_000, 100, 1_000_000, says="iterations")
    pairs: int = knob(1000, 10, 100_000, says="random pairs on which convexity is tried")
    quadratics: int = knob(10, 1, 100, says="random quadratics on which the 1/k bound is tried")


class Slack(NamedTuple):
    """By how much the inequalities of convexity hold on random pairs x, y."""

    chord: Float[Numbers, "N"]  # λ C(x) + (1-λ) C(y) - C(λ x + (1-λ) y)
    tangent: Float[Numbers, "N"]  # C(y) - C(x) - ∇C(x)ᵀ(y - x)


class Record(NamedTuple):
    """The surfaces; the four descents side by side: constant and decaying from a₀, then from a₀/2; the bound."""

    stationary: dict[str, Stationary]
    hills: Float[Numbers, "M 3"]  # θ₁, θ₂, C where peaks on the grid is higher than at the eight neighbours
    hollows: Float[Numbers, "M 3"]  # where it is lower
    slack: dict[str, Slack]  # of the bowl and of peaks
    at: Int[Numbers, "K"]  # step counts of the rows of `path`
    path: Float[Numbers, "K 4 2"]
    end: Float[Numbers, "3 4 2"]  # after all steps, one more, two more
    shares: Float[Numbers, "Q T"]  # gap after k = 1 … T steps, in parts of its bound


def run(config: Config, key: Array) -> Record:
    """Explore the surfaces, descend Rosenbrock four times, try the bound on random quadratics."""
    of_pairs, of_quadratics = jax.random.split(key)
    slack = {name: _slack(config, SURFACES[name][0], of_pairs) for name in ("bowl", "peaks")}
    hills = _on_grid(lambda theta: -SURFACES["peaks"][0](theta)) * [1, 1, -1]
    hollows = _on_grid(SURFACES["peaks"][0])
    return Record(stationary(SURFACES), hills, hollows, slack, *_descents(config), _shares(config, of_quadratics))


def _slack(config: Config, f: Callable[[Array], Array], key: Array) -> Slack:
    ends, between = jax.random.split(key)
    x, y = jax.random.uniform(ends, (2, config.pairs, 2), minval=-HALF, maxval=HALF)
    λ = jax.random.uniform(between, (config.pairs,))

    def one(x: Array, y: Array, λ: Array) -> Slack:
        chord = λ * f(x) + (1 - λ) * f(y) - f(λ * x + (1 - λ) * y)
        return Slack(chord, f(y) - f(x) - jax.grad(f)(x) @ (y - x))

    return jax.jit(jax.vmap(one))(x, y, λ)


def _on_grid(f: Callable[[Array], Array]) -> Float[np.ndarray, "M 3"]:
    """The inner points of the 0.01 grid that are lower than their neighbours, with C there."""
    C = np.asarray(jax.jit(jax.vmap(jax.vmap(f)))(jnp.stack(jnp.meshgrid(jnp.asarray(GRID), jnp.asarray(GRID)), -1)))
    rows, columns = np.nonzero(least_around(C) > C)
    inner = (np.abs(GRID[rows]) < HALF) & (np.abs(GRID[columns]) < HALF)
    rows, columns = rows[inner], columns[inner]
    return np.stack([GRID[columns], GRID[rows], C[rows, columns]], axis=-1)


def _descents(config: Config) -> tuple[Int[Numbers, "K"], Numbers, Numbers]:
    """The four paths: every early step, then one step in so many; and the last iterate with two more steps."""
    rates = config.rate * jnp.asarray([1.0, 1.0, 0.5, 0.5])
    decays = jnp.stack([jnp.ones(()), jnp.asarray(config.decay)] * 2)
    start = jnp.asarray([config.start_1, config.start_2])
    schedule = Exponential(config.steps, decays)  # pyright: ignore[reportArgumentType] - a sweep
    algorithm = Descent(_rosenbrock, SGD(rates), schedule)  # pyright: ignore[reportArgumentType] - a sweep

    def go(steps: int, keep: int | None, before: Outcome | None = None) -> Outcome:
        return iterate(algorithm, start, steps=steps, resume=before, record=_theta, keep=keep, quiet=True)

    most = go(config.steps, 1000, go(min(EARLY, config.steps - 1), None))
    more = go(config.steps + 2, None, most)
    path = np.concatenate([np.broadcast_to(start, (1, 4, 2)), most.trace])
    return np.concatenate([[0], most.at]), path, more.trace[-3:]


def _rosenbrock(theta: Array, t: Array) -> Array:
    return rosenbrock(theta)


def _theta(state, info) -> Array:
    return state.theta


def _shares(config: Config, key: Array, steps: int = 300) -> Float[np.ndarray, "Q T"]:
    """(C(θₖ) - C*) / (|θ₀ - θ*|² / (2 a k)) for random quadratics with steps a ≤ 1/L, the first with a = 1/L."""
    root, scale, start, share = jax.random.split(key, 4)
    d, q = 6, config.quadratics
    M = np.asarray(jax.random.normal(root, (q, d, d))) * 10 ** np.asarray(
        jax.random.uniform(scale, (q, 1, d), minval=-2.0)
    )
    A, θ0 = M @ M.swapaxes(1, 2), np.asarray(jax.random.normal(start, (q, d)))
    α = np.asarray(jax.random.uniform(share, (q,), minval=0.1).at[0].set(1)) / np.linalg.eigvalsh(A)[:, -1]
    points, _ = paths_of(bowl, SGD(jnp.asarray(α)), jnp.asarray(θ0), steps, jnp.asarray(A))  # pyright: ignore[reportArgumentType] - a knob of several values
    bound = np.sum(θ0**2, axis=1, keepdims=True) / (2 * α[:, None] * np.arange(1.0, steps + 1))
    return np.asarray(points.value)[:, 1:] / bound


def values(config: Config, record: Record) -> dict[str, float]:
    """The minima of the bowl and of peaks, where the four descents end."""
    found = {}
    for name in ("bowl", "peaks"):
        s = record.stationary[name]
        for number, place in enumerate(np.flatnonzero(s.kinds == "minimum"), 1):
            found |= _place(f"{name}: minimum {number}", s.theta[place], s.value[place])
    for name, end in zip(_names(config), record.end[0], strict=True):
        found |= _place(name, end, along(rosenbrock, end))
    return found


def _place(name: str, theta: Numbers, value: Numbers) -> dict[str, float]:
    return {f"{name}: theta_1": float(theta[0]), f"{name}: theta_2": float(theta[1]), f"{name}: C": float(value)}


def _names(config: Config) -> list[str]:
    """The four descents."""
    return [f"a₀ = {a:g}, g = {g:g}" for a in (config.rate, config.rate / 2) for g in (1.0, config.decay)]


def text(config: Config, record: Record) -> str:
    """How many stationary points of each kind there are, and the turns of the gradient along the border."""
    head = f"    {'surface':12}{'minima':>8}{'saddles':>9}{'maxima':>8}{'turns':>7}"
    lines = [
        f"    {name:12}{s.counts[0]:8d}{s.counts[1]:9d}{s.counts[2]:8d}{float(s.turns):7.2f}"
        for name, s in ((name, record.stationary[name]) for name in SURFACES)
    ]
    title = "Stationary points in the box, and how often the gradient turns around on the way along its border:"
    return "\n".join([title, "", head, *lines, "", "The turns are minima - saddles + maxima, when none is missing."])


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Bowl and peaks with their stationary points, the four paths, the cost along them."""
    valley = contour(rosenbrock, np.linspace(-0.2, 1.2, 141), np.linspace(-0.4, 1.2, 161), log=True)
    names, path = _names(config), np.asarray(record.path)
    lines = [
        Series("line", path[:, i, 0], path[:, i, 1], label=names[i], colour=i) for i in (0, 2, 1, 3)
    ]  # the short on top
    best = Series("points", [1.0], [1.0], label="minimum", colour=4)
    costs = along(rosenbrock, path)
    falls = [Series("line", record.at[1:], costs[1:, i], label=name, colour=i) for i, name in enumerate(names)]
    return (
        _surface("One valley: θ₁² + θ₂²", "bowl", record),
        _surface("Peaks: three hollows, three hills, three saddles", "peaks", record),
        Figure("Descending Rosenbrock's valley", [valley, *lines, best], "θ₁", "θ₂"),
        Figure("The cost along the four paths", falls, "step", "C", log_x=True, log_y=True),
    )


def _surface(title: str, name: str, record: Record) -> Figure:
    axis, s = np.linspace(-HALF, HALF, 101), record.stationary[name]
    marks = [
        Series("points", s.theta[s.kinds == kind, 0], s.theta[s.kinds == kind, 1], label=kind)
        for kind in KINDS
        if kind in s.kinds
    ]
    return Figure(title, [contour(SURFACES[name][0], axis, axis), *marks], "θ₁", "θ₂", square=True)


def claim_peaks_has_three_hills_and_three_hollows(config: Config, record: Record) -> bool:
    """Claim 1: on the 0.01 grid the maxima of peaks are (-0.01, 1.58) 8.106, (1.29, 0.00) 3.592, (-0.46, -0.63) 3.777. It
    has exactly three minima in the box: the grid shows three, Newton's method finds three, and minima + maxima - saddles
    is the number of turns of the gradient along the border."""
    highest, stated = record.hills[np.argsort(record.hills[:, 0])], np.asarray(sorted(HILLS))
    hills = highest.shape == stated.shape and bool(np.all(np.abs(highest - stated) <= (0.005, 0.005, 0.0005)))
    found = record.stationary["peaks"]
    return hills and len(record.hollows) == found.counts[0] == 3 and found.complete


def claim_decaying_steps_stop_short(config: Config, record: Record) -> bool:
    """Claim 2: with g = 0.99, a₀ = 0.005 ends at (0.53591, 0.28488) with C 0.21592 and a₀ = 0.0025 at (0.40044, 0.15742)
    with C 0.36033 (1e-4). The steps have a finite sum, so the iterates stop short: they no longer move, where the gradient
    is not 0."""
    end = record.end[:, 1::2]
    reached = np.column_stack([end[0], along(rosenbrock, end[0])])
    stated = [(0.53591, 0.28488, 0.21592), (0.40044, 0.15742, 0.36033)]
    still = bool(np.all(end[0] == end[2]))
    slopes = np.linalg.norm(jax.jit(jax.vmap(jax.grad(rosenbrock)))(end[0]), axis=1)
    return np.allclose(reached, stated, rtol=0, atol=1e-4) and still and bool(np.all(slopes > 0.1))


def claim_constant_steps_end_in_a_cycle(config: Config, record: Record) -> bool:
    """Claim 3: at (1, 1) the gradient is 0 and the Hessian [[802, -400], [-400, 200]] has condition number 2508; both
    constant steps exceed 2/λ_max = 0.0019968, so (1, 1) is unstable and both runs end in a 2-cycle, with C 0.716974 and
    0.788039 (a₀ = 0.005), 0.169668 and 0.178912 (a₀ = 0.0025), to 1e-5."""
    g, H = (np.asarray(jax.jit(by(rosenbrock))(jnp.ones(2))) for by in (jax.grad, jax.hessian))
    λ = np.linalg.eigvalsh(H)
    exact = bool(np.all(g == 0)) and np.allclose(H, [[802, -400], [-400, 200]], rtol=1e-12, atol=0)
    sharp = abs(λ[1] / λ[0] - 2508) <= 0.5 and abs(2 / λ[1] - 0.0019968) <= 5e-8 and config.rate / 2 > 2 / λ[1]
    cycle = record.end[:, ::2]
    returns = np.allclose(cycle[0], cycle[2], rtol=1e-9, atol=0) and not np.allclose(cycle[0], cycle[1], atol=1e-3)
    costs = np.sort(along(rosenbrock, cycle[:2]), axis=0).T
    stated = [(0.716974, 0.788039), (0.169668, 0.178912)]
    return exact and bool(sharp) and returns and np.allclose(costs, stated, rtol=0, atol=1e-5)


def claim_the_gap_falls_like_one_over_k(config: Config, record: Record) -> bool:
    """Claim 4: for convex L-smooth C and a step a ≤ 1/L, C(θₖ) - C* ≤ |θ₀ - θ*|²/(2 a k), for ten random quadratics."""
    return bool(np.all((record.shares >= 0) & (record.shares <= 1)))


def claim_chords_lie_above_and_tangents_below_a_convex_surface(config: Config, record: Record) -> bool:
    """Claim 5: the chord and tangent inequalities hold for θ₁² + θ₂² on 1,000 random pairs and fail for peaks on some."""
    holds = all(bool(np.all(slack >= -1e-12)) for slack in record.slack["bowl"])
    return holds and all(bool(np.any(slack < -1e-3)) for slack in record.slack["peaks"])
