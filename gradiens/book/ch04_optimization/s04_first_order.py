"""Additional First Order Methods.

How far to go along a direction is a problem in one variable. Solved exactly, it makes consecutive gradients orthogonal: the
path zig-zags, on a quadratic with the factor ((κ-1)/(κ+1))² from step to step at worst. Solved inexactly, by the conditions of
Armijo and Wolfe, it costs less and is no worse. Conjugate directions do not undo each other's work: n of them minimise a
quadratic in n variables. Nesterov's steps from a point that runs ahead halve the order of the gap, 1/k² for 1/k, with a
constant step; Adagrad and its kin give each coordinate a step size of its own.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch04_optimization.acceleration import Ahead, ahead
from gradiens.book.ch04_optimization.conjugate_directions import (
    KAPPA,
    SIZES,
    Conjugate,
    conjugate,
    largest_cosine,
    stops,
)
from gradiens.book.ch04_optimization.ill_conditioned import Gaps, groups, race, steps_to
from gradiens.book.ch04_optimization.paths import side_by_side
from gradiens.book.ch04_optimization.wolfe_steps import Searches, satisfied, searches
from gradiens.book.landscapes import along, contour, rosenbrock
from gradiens.core.module import Module, knob
from gradiens.optim.adagrad import Adagrad
from gradiens.optim.adamax import Adamax
from gradiens.optim.cost import cost_of
from gradiens.optim.line_search.exact import Exact
from gradiens.optim.optimizer import Coordinatewise
from gradiens.optim.polak_ribiere import PolakRibiere
from gradiens.optim.steepest_descent import SteepestDescent
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
AT, ALONG = (0.8, 0.0), (-204.4, 128.0)  # the slice of (a)
ALPHA = np.arange(301) * 1e-5
ADAMAX = (0.3, 0.5, 0.7, 0.0)  # α, β, γ, ε of the Adamax that is looked at


class Config(Module):
    """The start of the exact search, the ill-conditioned quadratic, the number of random cases."""

    start_1: float = knob(0.4, -2.0, 2.0, says="first coordinate of the start of the exact search")
    start_2: float = knob(-0.2, -2.0, 2.0, says="second coordinate of the start")
    steps: int = knob(1000, 60, 10_000, says="iterations of the exact search")
    kappa: float = knob(1000.0, 1.0, 1e6, "log", "condition number of the quadratic that all methods descend")
    dimension: int = knob(20, 2, 200, says="its dimension")
    race: int = knob(400, 200, 10_000, says="steps of every method on it")
    rate: float = knob(0.05, 1e-4, 10.0, "log", "step size of Adamax and Nadam there; ten times it for Adagrad")
    cases: int = knob(10, 2, 100, says="random costs of each kind on which the inequalities are tried")


class Record(NamedTuple):
    """The slice, the zig-zag, the searches, conjugate directions, the race, acceleration, adaptive rates."""

    slice: Float[Numbers, "A"]  # C at AT + α ALONG, α of ALPHA
    exact: Float[Numbers, "T1 2"]
    cosine: Float[Numbers, "T"]  # |cos| between consecutive directions of the exact search
    conjugate_path: Float[Numbers, "T1 2"]  # Polak-Ribière+ from the same start
    searches: dict[str, Searches]
    conjugate: Conjugate
    gaps: Gaps
    ahead: Ahead
    gradients: Float[Numbers, "T 4"]  # random, fed to Adagrad and Adamax
    adagrad: Float[Numbers, "T 4"]  # their steps
    adamax: Float[Numbers, "T 4"]


def run(config: Config, key: Array) -> Record:
    """Each part of the experiment by itself."""
    for_searches, for_quadratics, for_bowls, for_gradients = jax.random.split(key, 4)
    return Record(
        along(rosenbrock, _points()),
        *_exact(config),
        searches(for_searches, config.cases),
        conjugate(for_quadratics),
        race(config.kappa, config.dimension, config.rate, config.race),
        ahead(for_bowls, config.cases),
        *_adaptive(for_gradients),
    )


def _points() -> Float[np.ndarray, "A 2"]:
    """The points of the slice."""
    return np.asarray(AT) + ALPHA[:, None] * np.asarray(ALONG)


def _exact(config: Config) -> tuple[Array, Array, Array]:
    """Exact search on Rosenbrock, the cosines of its turns, and conjugate gradient beside it."""
    start = jnp.asarray([config.start_1, config.start_2])
    methods = {"exact": SteepestDescent(Exact(inner=60)), "conjugate": PolakRibiere(Exact(inner=60))}
    paths = side_by_side(cost_of(rosenbrock, start), methods, start, config.steps)
    g = np.asarray(paths["exact"][0].g)
    d = g / np.linalg.norm(g, axis=1, keepdims=True)
    return paths["exact"][0].theta, np.abs(np.sum(d[1:] * d[:-1], axis=1)), paths["conjugate"][0].theta


@jax.jit
def _adaptive(key: Array) -> tuple[Array, Array, Array]:
    """Random gradients with heavy tails, and the steps of Adagrad and Adamax on them."""
    sign, size = jax.random.normal(key, (2, 200, 4))
    gradients = sign * jnp.exp(2 * size)
    return gradients, _feed(Adagrad(0.3, 0.1), gradients), _feed(Adamax(*ADAMAX), gradients)


def _feed(method: Coordinatewise, gradients: Float[Array, "T d"]) -> Float[Array, "T d"]:
    """The steps of a method on given gradients."""
    zero = jnp.zeros_like(gradients[0])
    return jax.lax.scan(lambda state, g: method.step(state, g, zero), method.init(zero), gradients)[1]


def _lowest(record: Record) -> int:
    """Where on the slice the cost is least."""
    return int(np.argmin(record.slice))


def values(config: Config, record: Record) -> dict[str, float]:
    """The slice's minimum, the end of the exact search, steps on the quadratics, gaps on the ill-conditioned one (down to
    rounding, 1e-16 of the first)."""
    α, end = ALPHA[_lowest(record)], record.exact[-1]
    cg, sd = stops(record.conjugate.residual), stops(record.conjugate.steepest)
    after = {
        f"{name}: gap after 200 steps": float(max(gap[200], 1e-16 * gap[0]))
        for name, gap in _in_order(config, record).items()
    }
    return {
        "slice: C at 0": float(record.slice[0]),
        "slice: minimiser": float(α),
        "slice: theta_1": AT[0] + α * ALONG[0],
        "slice: theta_2": AT[1] + α * ALONG[1],
        "slice: C": float(record.slice[_lowest(record)]),
        "exact search: theta_1": float(end[0]),
        "exact search: theta_2": float(end[1]),
        "exact search: C": float(along(rosenbrock, end)),
        "n = 20: steps of conjugate gradient": float(cg[-1]),
        "n = 20: steps of steepest descent": float(sd[-1]),
        **after,
    }


def text(config: Config, record: Record) -> str:
    """The race: steps until the gap is a share of the first."""
    shares = (1e-2, 1e-4, 1e-8)
    head = f"    {'steps until the gap is':26}" + "".join(f"{share:>9.0e}" for share in shares)
    lines = [
        f"    {name:26}" + "".join(f"{'–' if (n := steps_to(gap, share)) is None else n:>9}" for share in shares)
        for name, gap in _in_order(config, record).items()
    ]
    title = f"On the quadratic with κ = {config.kappa:g}, as a share of the first gap:"
    return "\n".join([title, "", head, *lines, "", f"A dash: not within {config.race} steps."])


def _in_order(config: Config, record: Record) -> Gaps:
    """The gaps in the order in which they are drawn."""
    return {name: record.gaps[name] for members in groups(config.kappa, config.rate).values() for name in members}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The slice, the zig-zag, conjugate directions against steepest descent, the race, the bound."""
    race = [
        Figure(
            f"{title}, κ = {config.kappa:g}",
            [Series("line", None, _floored(record.gaps[name]), label=name) for name in members],
            "step",
            "C - C*",
            log_y=True,
        )
        for title, members in groups(config.kappa, config.rate).items()
    ]
    return (_slice(record), *_zigzag(config, record), _sizes(record), *race, _bound(record))


def _slice(record: Record) -> Figure:
    lowest = _lowest(record)
    line = Series("line", ALPHA, record.slice, label="C")
    point = Series("points", [ALPHA[lowest]], [record.slice[lowest]], label="lowest")
    return Figure("Rosenbrock along the gradient at (0.8, 0)", [line, point], "α", "C(θ + α d)")


def _zigzag(config: Config, record: Record) -> tuple[Figure, Figure]:
    """The whole path, and its beginning from near."""
    exact, turned = np.asarray(record.exact), record.conjugate_path[:40]
    steepest = Series("line", exact[:, 0], exact[:, 1], label="steepest descent", colour=1)
    conjugate = Series("line", turned[:, 0], turned[:, 1], label="conjugate gradient", colour=2)
    best = Series("points", [1.0], [1.0], label="minimum", colour=3)
    whole = contour(rosenbrock, np.linspace(0, 1.1, 111), np.linspace(-0.3, 1.1, 141), log=True)
    title = f"Exact search on Rosenbrock, {config.steps} steps, beside 40 of conjugate gradient"
    few = exact[2:26]
    (left, low), (right, high) = np.min(few, axis=0) - 0.005, np.max(few, axis=0) + 0.005
    near = contour(rosenbrock, np.linspace(left, right, 101), np.linspace(low, high, 101), log=True)
    zigzag = Series("line", few[:, 0], few[:, 1], label="steps 2 to 25", colour=1)
    return (
        Figure(title, [whole, steepest, conjugate, best], "θ₁", "θ₂"),
        Figure("The zig-zag from near", [near, zigzag], "θ₁", "θ₂", square=True),
    )


def _sizes(record: Record) -> Figure:
    c = record.conjugate
    lines = [
        Series("line", SIZES, stops(c.residual), label="conjugate gradient"),
        Series("line", SIZES, stops(c.steepest), label="steepest descent"),
        Series("line", SIZES, SIZES, label="n", guide=True),
    ]
    return Figure("Steps to a residual of 1e-9 on quadratics with κ = 100", lines, "n", "steps", log_y=True)


def _bound(record: Record) -> Figure:
    worst = {"Nesterov": record.ahead.accelerated, "gradient descent": record.ahead.plain}
    k = np.arange(1, record.ahead.plain.shape[1] + 1)
    lines = [Series("line", k, np.max(shares, axis=0), label=name) for name, shares in worst.items()]
    one = Series("line", k, np.ones(len(k)), label="the bound", guide=True)
    title = "The largest gap in parts of 2 L |θ₀ - θ*|²/(k+1)²"
    return Figure(title, [*lines, one], "step k", "gap / bound", log_x=True, log_y=True)


def _floored(gap: Numbers) -> np.ndarray:
    """The gap down to 10⁻¹⁰ of the first."""
    gap = np.asarray(gap)
    return np.where(gap > 1e-10 * gap[0], gap, np.nan)


def claim_the_slice_has_its_minimum_where_it_is_stated(config: Config, record: Record) -> bool:
    """Claim 1: along d = (-204.4, 128) from (0.8, 0), C = 41.0 at α = 0; the minimiser is 0.00165, the next point
    (0.46274, 0.2112), C = 0.2895058. d is the negative gradient."""
    α, d = ALPHA[_lowest(record)], np.asarray(ALONG)
    down = np.allclose(-jax.jit(jax.grad(rosenbrock))(jnp.asarray(AT)), d, rtol=1e-12, atol=0)
    there = np.allclose(np.asarray(AT) + α * d, (0.46274, 0.2112), rtol=0, atol=5e-6)
    costs = abs(record.slice[0] - 41) < 1e-9 and abs(record.slice[_lowest(record)] - 0.2895058) <= 5e-8
    return down and there and bool(costs and abs(α - 0.00165) < 1e-12)


def claim_exact_search_ends_where_it_is_stated(config: Config, record: Record) -> bool:
    """Claim 2: exact search by Newton on α from (0.4, -0.2) ends after 1,000 iterations at (0.96706, 0.93493), C =
    1.0930e-3 (rel. 1e-2)."""
    end = record.exact[-1]
    return np.allclose([*end, along(rosenbrock, end)], (0.96706, 0.93493, 1.0930e-3), rtol=1e-2, atol=0)


def claim_consecutive_directions_are_orthogonal(config: Config, record: Record) -> bool:
    """Claim 3: consecutive exact-search directions are orthogonal: |cos| < 1e-9, first 50."""
    return bool(np.all(record.cosine[:50] < 1e-9))


def claim_conjugate_gradient_ends_in_n_steps(config: Config, record: Record) -> bool:
    """Claim 4: conjugate gradient ends in at most n steps (residual 1e-9 relative), with A-conjugate directions (|cos| <
    1e-7 in the A-inner product); in two steps when n = 2."""
    c = record.conjugate
    steps = stops(c.residual)
    ends = bool(np.all([residual[n] <= 1e-9 for n, residual in zip(SIZES, c.residual, strict=True)]))
    conjugate = all(
        largest_cosine(A, np.diff(θ[: m + 1], axis=0)) < 1e-7
        for A, θ, m in zip(np.asarray(c.matrices), np.asarray(c.theta), steps, strict=True)
    )
    return ends and conjugate and bool(steps[0] == 2)


def claim_exact_search_lowers_the_cost_by_a_known_factor(config: Config, record: Record) -> bool:
    """Claim 5: steepest descent with exact search on a quadratic: cost ratio ≤ ((κ-1)/(κ+1))² per step."""
    cost = np.asarray(record.conjugate.cost)
    factor = ((KAPPA - 1) / (KAPPA + 1)) ** 2
    return bool(np.all(cost[:, 0] > 0) and np.all(cost[:, 1:] <= factor * cost[:, :-1] * (1 + 1e-10)))


def claim_accepted_steps_satisfy_wolfes_conditions(config: Config, record: Record) -> bool:
    """Claim 6: accepted steps satisfy both Wolfe inequalities, 0 < c₁ < c₂ < 1; those of the strong search bound the slope
    on both sides."""
    return all(satisfied(found, name == "strong wolfe") for name, found in record.searches.items())


def claim_nesterov_gap_falls_like_one_over_k_squared(config: Config, record: Record) -> bool:
    """Claim 7: Nesterov on convex L-smooth C: gap ≤ 2 L |θ₀ - θ*|²/(k+1)²."""
    return bool(np.all((record.ahead.accelerated >= 0) & (record.ahead.accelerated <= 1)))


def claim_adagrad_adamax_fista_are_what_they_are_called(config: Config, record: Record) -> bool:
    """Claim 8: Adagrad's effective rates never increase; Adamax uses max(c u, |g|); FISTA with no penalty is Nesterov."""
    g = np.asarray(record.gradients)
    rates = -np.asarray(record.adagrad) / g
    α, β, γ, _ = ADAMAX
    u, v, steps = np.zeros(4), np.zeros(4), []
    for t, now in enumerate(g, 1):
        u, v = np.maximum(γ * u, np.abs(now)), β * v + (1 - β) * now
        steps.append(-α * v / (1 - β**t) / u)
    falls = bool(np.all(rates > 0) and np.all(np.diff(rates, axis=0) <= 1e-12))
    largest = np.allclose(record.adamax, steps, rtol=1e-9, atol=0)
    return falls and largest and np.allclose(record.ahead.fista, record.ahead.nesterov, rtol=1e-9, atol=1e-12)
