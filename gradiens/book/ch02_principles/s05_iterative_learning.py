"""Iterative Optimization Based Learning.

The least-squares line could be had in closed form; here it is walked to. The eigenvalues of X'X say beforehand how: below
the step bound every start converges, above it the error grows without end, and just below is not the slowest place to be.
An intercept beside rooms that all number about six makes a long narrow valley, along whose floor the last digits
take thousands of steps. In standard units the valley is round and a handful of steps is enough; the coefficients are
carried back to the old units, and nobody can tell.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from gradiens.book.ch02_principles.tracts import columns, tracts
from gradiens.book.landscapes import contour
from gradiens.classical.features.standardised import Standardised
from gradiens.classical.linear.descent_bounds import DescentBounds
from gradiens.classical.linear.least_squares_routes import solve_least_squares
from gradiens.core.iterate import Outcome, iterate
from gradiens.core.module import Module, knob
from gradiens.data.minibatch import Minibatches
from gradiens.optim.descent import Descent
from gradiens.optim.minimize import minimize
from gradiens.optim.sgd import SGD
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
ROWS = 490
SHARES = (0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999)  # of the bound, at which the cost is watched
WATCHED = 500  # steps for which it is
KEPT = 10_000  # iterates of a walk that are kept
SEEDS = 5  # of the second data set


class Config(Module):
    """The rates, the stopping rule, and the stochastic run."""

    slow: float = knob(0.01, 1e-6, 1.0, "log", says="the small rate")
    fast: float = knob(0.0235, 1e-6, 1.0, "log", says="the rate just below the bound")
    beyond: float = knob(0.024, 1e-6, 1.0, "log", says="the rate above the bound")
    tolerance: float = knob(1e-5, 1e-13, 1.0, "log", says="length of a step at which to stop")
    most: int = knob(100_000, 100, 10_000_000, says="most steps")
    batch: int = knob(10, 1, ROWS, says="rows a step of stochastic gradient descent")
    stochastic: float = knob(0.004, 1e-6, 1.0, "log", says="rate of stochastic gradient descent")


class Walk(NamedTuple):
    """A descent from (0, 0): some of its iterates and after which steps they are, the last one, and the steps taken."""

    theta: Float[Numbers, "T 2"]
    at: Int[np.ndarray, "T"]
    end: Float[Numbers, "2"]
    steps: int
    stopped: str


class Plane(NamedTuple):
    """Two inputs and no intercept, raw and in standard units: the condition number of X'X/n by seed, and seed 0's X."""

    condition: Float[np.ndarray, "2 S"]
    X: Float[np.ndarray, "2 N 2"]
    y: Float[np.ndarray, "N"]


class Record(NamedTuple):
    """The simulated houses, the walks, costs along steps of several rates, the same in standard units, the plane."""

    X: Float[np.ndarray, "N 2"]
    y: Float[np.ndarray, "N"]
    solution: Float[np.ndarray, "2"]
    bounds: DescentBounds
    slow: Walk
    fast: Walk
    beyond: Walk
    costs: Float[Numbers, "W R"]
    errors: Float[Numbers, "V"]  # ‖t - t*‖ along the walk of rate 2/(μ + L)
    carried: Float[np.ndarray, "2"]  # from standard units
    carried_steps: int
    halving: Float[np.ndarray, "3"]  # end and number of steps of the descent whose step is halved until C falls
    noisy: Walk
    plane: Plane


def run(config: Config, key: Array) -> Record:
    """Simulate houses around the fitted line, and walk to their own line."""
    X, y = _houses()
    bounds, cost, zero = DescentBounds.of(X), _cost(X, y), np.zeros(2)
    halved = minimize(cost, zero, "steepest_descent", search="backtracking", tolerance=1e-6, steps=config.most)
    units = Standardised.of(X[:, 1:])
    Z = np.hstack([X[:, :1], units.apply(X[:, 1:])])
    walked = _walk(Z, y, DescentBounds.of(Z).best_rate, 1e-13, 1000)
    slope, intercept = units.back(np.asarray(walked.end)[1:], float(walked.end[0]))
    return Record(
        *(X, y, solve_least_squares(X, y, "qr"), bounds),
        slow=_walk(X, y, config.slow, config.tolerance, config.most),
        fast=_walk(X, y, config.fast, config.tolerance, config.most),
        beyond=_walk(X, y, config.beyond, config.tolerance, config.most),
        costs=_watched(cost, bounds.bound * jnp.asarray(SHARES)),
        errors=_errors(cost, bounds.best_rate, solve_least_squares(X, y, "qr")),
        carried=np.array([intercept, *slope]),
        carried_steps=walked.steps,
        halving=np.array([*halved.theta, halved.steps]),
        noisy=_stochastic(config, X, y, int(jax.random.randint(key, (), 0, 2**31 - 1))),
        plane=_plane(),
    )


def _houses() -> tuple[np.ndarray, np.ndarray]:
    """490 rooms and values around the line fitted to the tracts, by NumPy's legacy generator at seed 0."""
    rooms = columns(tracts(), "rm")
    a, b = solve_least_squares(np.hstack([np.ones_like(rooms), rooms]), columns(tracts(), "medv")[:, 0], "qr")
    draw = np.random.RandomState(0)
    x = draw.normal(6, 2.5, ROWS)
    return np.stack([np.ones(ROWS), x], axis=1), a + b * x + draw.normal(0, 3, ROWS)


def _cost(X: np.ndarray, y: np.ndarray):
    """C(t) = ‖y - Xt‖²/n; an input, if there is one, says which rows."""
    X_, y_ = jnp.asarray(X), jnp.asarray(y)

    def cost(t: Array, rows: Array | None = None) -> Float[Array, ""]:
        chosen = rows is not None and jnp.ndim(rows) > 0
        e = y_[rows] - X_[rows] @ t if chosen else y_ - X_ @ t
        return jnp.mean(e**2)

    return cost


def _walk(X: np.ndarray, y: np.ndarray, rate: float, tolerance: float, most: int) -> Walk:
    """Gradient descent until a step is shorter than `tolerance`."""
    algorithm = Descent(_cost(X, y), SGD(rate), watch=True)
    short = lambda state, info: rate * info.grad_norm < tolerance  # noqa: E731
    at = lambda state, info: state.theta  # noqa: E731
    return _told(iterate(algorithm, jnp.zeros(2), steps=most, until=short, record=at, keep=KEPT, quiet=True))


def _stochastic(config: Config, X: np.ndarray, y: np.ndarray, seed: int) -> Walk:
    """Steps on minibatches, at most 10,000."""
    algorithm, at = Descent(_cost(X, y), SGD(config.stochastic)), lambda state, info: state.theta
    rows, steps = Minibatches(ROWS, config.batch, seed), min(config.most, 10_000)
    return _told(iterate(algorithm, jnp.zeros(2), steps=steps, feed=rows, record=at, keep=KEPT, quiet=True))


def _told(outcome: Outcome) -> Walk:
    return Walk(outcome.trace, outcome.at, outcome.state.theta, outcome.steps, outcome.stopped)


def _watched(cost, rates: Array) -> Float[Array, "W R"]:
    """C before each of the first steps, for all rates at once."""
    algorithm = Descent(cost, SGD(rates))  # pyright: ignore[reportArgumentType] - a knob of several values: a sweep
    outcome = iterate(algorithm, jnp.zeros(2), steps=WATCHED, keep=None, quiet=True)
    return outcome.trace.loss


def _errors(cost, rate: float, best: np.ndarray) -> Float[Array, "V"]:
    """‖t - t*‖ from the start on."""
    distance = lambda state, info: jnp.linalg.norm(state.theta - jnp.asarray(best))  # noqa: E731
    outcome = iterate(Descent(cost, SGD(rate)), jnp.zeros(2), steps=WATCHED, record=distance, keep=None, quiet=True)
    return jnp.concatenate([jnp.linalg.norm(jnp.asarray(best))[None], outcome.trace])


def _plane() -> Plane:
    """x₁ ~ N(2, 2), x₂ ~ N(1, 1), y = 2x₁ + 0.5x₂ + N(0, 0.01), for each seed."""
    made = []
    for seed in range(SEEDS):
        draw = np.random.default_rng(seed)
        X = np.stack([draw.normal(2, 2, 1000), draw.normal(1, 1, 1000)], axis=1)
        made.append((X, Standardised.of(X).apply(X), X @ [2.0, 0.5] + draw.normal(0, 0.01, 1000)))
    condition = np.array([[DescentBounds.of(X).condition for X in pair[:2]] for pair in made]).T
    return Plane(condition, np.stack(made[0][:2]), made[0][2])


def values(config: Config, record: Record) -> dict[str, float]:
    """The solution and the bound, the number of iterates for each rate, where the others end, condition numbers."""
    bounds = record.bounds
    found = {"intercept": record.solution[0], "slope": record.solution[1], "bound": bounds.bound}
    found |= {"lambda max of X'X": bounds.L * ROWS / 2, "condition number": bounds.condition}
    for name in ("slow", "fast", "beyond"):
        walk, rate = getattr(record, name), float(getattr(config, name))
        what = "iterates" if walk.stopped == "until" else "iterates until it overflows or is given up"
        found[f"rate {rate:g}: {what}"] = walk.steps
    found |= {"step halving: iterates": record.halving[2], "standard units: iterates": record.carried_steps}
    found |= {"stochastic: distance at the end": np.linalg.norm(record.noisy.end - record.solution)}
    for name, row in zip(("raw", "standard units"), record.plane.condition, strict=True):
        found |= {f"condition number, {name}: least": row.min(), f"condition number, {name}: most": row.max()}
    return {name: float(value) for name, value in found.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The error of each walk, the walks over the contours, and the contours of the plane, raw and in standard units."""
    walks = {f"rate {config.slow:g}": record.slow, f"rate {config.fast:g}": record.fast}
    walks |= {f"rate {config.beyond:g}": record.beyond, f"{config.batch} rows a step": record.noisy}
    lines = [
        Series("line", walk.at, np.linalg.norm(walk.theta - record.solution, axis=1), label=name)
        for name, walk in walks.items()
    ]
    last = max(record.slow.steps, record.fast.steps)
    within = [(s, (s.x <= last) & (s.y <= 1e3)) for s in lines]  # the walk beyond the bound leaves the picture
    near = [Series("line", s.x[seen], s.y[seen], label=s.label) for s, seen in within]
    figures = [Figure("Distance to the solution", near, "step", "‖t - t*‖", log_y=True)]
    figures += [
        _contours(f"C, {name} (κ = {κ[0]:.3g})", X, record.plane.y - b)
        for name, X, κ, b in zip(
            ("raw", "in standard units"),
            record.plane.X,
            record.plane.condition,
            (0.0, record.plane.y.mean()),
            strict=True,
        )
    ]
    return tuple(figures)


def _contours(title: str, X: np.ndarray, y: np.ndarray) -> Figure:
    """The cost around its minimum, and the walk of the best rate from a corner."""
    best = solve_least_squares(X, y, "qr")
    cost, start, bounds = _cost(X, y), best + 2.0, DescentBounds.of(X)
    path = [start]
    for _ in range(30):
        path.append(path[-1] - bounds.best_rate * 2 / len(X) * X.T @ (X @ path[-1] - y))
    way, span = np.array(path), np.linspace(-3, 3, 61)
    return Figure(
        title,
        [contour(cost, best[0] + span, best[1] + span), Series("line", way[:, 0], way[:, 1], label="gradient descent"),
         Series("points", best[:1], best[1:], label="minimum")],
        "t₁", "t₂", square=True,
    )  # fmt: skip


def claim_solution_and_bound(config: Config, record: Record) -> bool:
    """Claim 1: the least-squares solution is (-30.448388600, 8.310100645), λ_max(X'X) = 20670.3268006, and the bound
    n/λ_max = 0.0237054791 (half a unit of the last digit)."""
    solution = np.all(np.abs(record.solution - [-30.448388600, 8.310100645]) <= 5e-10)
    eigenvalue = abs(record.bounds.L * ROWS / 2 - 20670.3268006) <= 5e-8
    return bool(solution and eigenvalue and abs(record.bounds.bound - 0.0237054791) <= 5e-11)


def claim_below_the_bound_the_cost_falls(config: Config, record: Record) -> bool:
    """Claim 2: C decreases monotonically for rates in (0, bound); 0.024 diverges. The stopped iterates of 0.01 and 0.0235
    lie within 0.005 of the solution."""
    falls = _falls(record.costs)
    diverges = record.beyond.stopped != "until" and bool(np.all(np.abs(record.beyond.theta[-1]) > 1e9))
    stopped = [walk for walk in (record.slow, record.fast) if walk.stopped == "until"]
    near = all(np.linalg.norm(walk.end - record.solution) <= 0.005 for walk in stopped)
    return bool(np.all(falls)) and diverges and near and len(stopped) == 2


def _falls(costs: Numbers) -> Bool[np.ndarray, "W1 R"]:
    """Whether C is lower after a step, as far as rounding lets it be seen."""
    costs = np.asarray(costs)
    return np.diff(costs, axis=0) <= 1e-14 * costs[:-1]


def claim_just_below_the_bound_is_faster(config: Config, record: Record) -> bool:
    """Claim 3: rate 0.0235 needs fewer steps than 0.01."""
    return record.fast.stopped == record.slow.stopped == "until" and record.fast.steps < record.slow.steps


def claim_coefficients_are_carried_back(config: Config, record: Record) -> bool:
    """Claim 4: coefficients carried back from standard units equal the raw fit (relative 1e-9); the step 2/(μ + L)
    contracts the error by at most (κ - 1)/(κ + 1) a step."""
    κ, errors = record.bounds.condition, np.asarray(record.errors)
    contracts = np.all(errors[1:] <= (κ - 1) / (κ + 1) * errors[:-1] * (1 + 1e-9))
    return bool(contracts) and np.allclose(record.carried, record.solution, rtol=1e-9, atol=0)


def claim_standard_units_make_the_valley_round(config: Config, record: Record) -> bool:
    """Claim 5: the condition number of the second moments is 6.17 raw (population: [[8, 2], [2, 2]]), and below 1.3 after
    standardising, on each of 5 seeds."""
    low, high = np.linalg.eigvalsh([[8.0, 2.0], [2.0, 2.0]])
    return bool(abs(high / low - 6.17) <= 5e-3 and np.all(record.plane.condition[1] < 1.3))
