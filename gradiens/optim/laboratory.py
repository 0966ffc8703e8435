"""The laboratory: any methods on any problems from many starts with many settings, in one compiled call.

A method may hold knobs of several values (`Adam(lr=jnp.logspace(-4, 0, 9))`): each is a lane. Kept are the value and the work
after each step, and the path.

    work = values + 2 · gradients + 4 · products H p + 4 d · Hessians

counts what was asked of the cost in units of one evaluation; a gradient by reverse mode costs about two, a product about four. A
target is a share τ of the gap at the start: C(θ) - C* ≤ τ (C(θ₀) - C*).

    profile of m at r: the share of (problem, start) where m's work to the target is at most r times the least of all methods

Book: 4.1.  Source: Dolan & Moré (2002) for the profiles.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from gradiens.core import sweep
from gradiens.core.check import Mistake
from gradiens.optim.cost import Composite
from gradiens.optim.gauss_newton import GaussNewton
from gradiens.optim.levenberg_marquardt import LevenbergMarquardt
from gradiens.optim.minimiser import Minimise, Minimiser
from gradiens.optim.natural_gradient import NaturalGradient
from gradiens.optim.problems.problem import Problem
from gradiens.optim.secant import Secant

KIND = ""  # it runs methods and is none
PATHS = 2  # dimension up to which the paths are kept


class Rows(NamedTuple):
    """After each row of steps, for every lane and start: value, residual, work, trouble; θ for problems that can be drawn."""

    value: Any
    residual: Any
    work: Any
    theta: Any


@dataclasses.dataclass(frozen=True)
class Race:
    """What the laboratory gave: by (method, problem) the `Rows`, arrays (lane, start, row); row 0 is the start itself.

    `steps` says after how many steps the rows were taken, `least` the minimum of each problem (NaN: unknown, then the lowest
    value that any method found), `left_out` why a method was not run on a problem.
    """

    rows: Mapping[tuple[str, str], Rows]
    steps: np.ndarray
    least: Mapping[str, float]
    lanes: Mapping[str, Mapping[str, np.ndarray]]
    left_out: Mapping[tuple[str, str], str]
    seconds: Mapping[str, float]

    @property
    def methods(self) -> list[str]:
        """Their names, in order."""
        return list(dict.fromkeys(method for method, _ in (*self.rows, *self.left_out)))

    @property
    def problems(self) -> list[str]:
        """Their names, in order."""
        return list(dict.fromkeys(problem for _, problem in (*self.rows, *self.left_out)))

    def gap(self, method: str, problem: str) -> np.ndarray:
        """C(θ) - C*, (lane, start, row)."""
        return np.asarray(self.rows[method, problem].value, np.float64) - self.least[problem]

    def work_to(self, method: str, problem: str, target: float) -> np.ndarray:
        """Work until the gap is at most `target` of that at the start, (lane, start); infinite where it never was."""
        gap, work = self.gap(method, problem), np.asarray(self.rows[method, problem].work, np.float64)
        there = gap <= target * gap[:, :, :1] + 1e-300
        first = there.argmax(axis=2)
        found = np.take_along_axis(work, first[:, :, None], axis=2)[:, :, 0]
        return np.where(there.any(axis=2), found, np.inf)

    def best_lane(self, method: str, problem: str, target: float) -> int:
        """The setting with the least median work to the target; where none arrives, the lowest median gap at the end."""
        work = np.median(self.work_to(method, problem, target), axis=1)
        if np.isfinite(work).any():
            return int(np.argmin(work))
        last = np.nan_to_num(np.median(self.gap(method, problem)[:, :, -1], axis=1), nan=np.inf)
        return int(np.argmin(last))

    def tuned(self, method: str, problem: str, target: float) -> np.ndarray:
        """Work to the target by the best setting, (start,)."""
        return self.work_to(method, problem, target)[self.best_lane(method, problem, target)]

    def with_tuning(self, method: str, problem: str, target: float) -> np.ndarray:
        """The same with the price of having tried all settings to the end or to the target, (start,)."""
        work = np.asarray(self.rows[method, problem].work, np.float64)[:, :, -1]
        spent = np.minimum(self.work_to(method, problem, target), work)
        return np.where(np.isfinite(self.tuned(method, problem, target)), spent.sum(axis=0), np.inf)

    def profile(self, target: float, ratios: np.ndarray, tuning: bool = False) -> dict[str, np.ndarray]:
        """The performance profile of each method at `ratios`; a method that was left out of a problem never arrives there."""
        ask = self.with_tuning if tuning else self.tuned
        columns = {m: [ask(m, p, target) if (m, p) in self.rows else None for p in self.problems] for m in self.methods}
        starts = max(len(column) for work in columns.values() for column in work if column is not None)
        filled = {
            m: np.concatenate([np.full(starts, np.inf) if c is None else c for c in work])
            for m, work in columns.items()
        }
        least = np.min(list(filled.values()), axis=0)
        with np.errstate(invalid="ignore"):
            times = {m: np.where(np.isfinite(work), work / least, np.inf) for m, work in filled.items()}
        return {m: np.mean(t[None, :] <= ratios[:, None] * (1 + 1e-12), axis=1) for m, t in times.items()}


def race(
    methods: Mapping[str, Minimiser],
    problems: Mapping[str, Problem],
    starts: Mapping[str, Any] | None = None,
    steps: int = 500,
    rows: int = 500,
) -> Race:
    """Every method on every problem for `steps` steps, from `starts` (by problem, (start, d); else its usual start).

    The trace keeps about `rows` rows. A method that does not suit a problem (no residuals, too many parameters) is left out,
    and that is said. Lanes that diverge hold NaN from then on.

    Raises `Mistake` where nothing is left to run.
    """
    stride = -(-steps // rows)
    given = {name: jnp.atleast_2d(jnp.asarray((starts or {}).get(name, p.start()))) for name, p in problems.items()}
    left_out = {
        (m, p): why for m, method in methods.items() for p, one in problems.items() if (why := _unsuited(method, one))
    }
    pairs = {
        (m, p): Minimise(one.cost(), method, 0.0, -float("inf"))
        for m, method in methods.items()
        for p, one in problems.items()
        if (m, p) not in left_out
    }
    if not pairs:
        raise Mistake(
            "a method that suits a problem", "; ".join(f"{m} on {p}: {why}" for (m, p), why in left_out.items())
        )
    clock = _Clock()
    program = jax.jit(_run, static_argnums=(2, 3)).lower(pairs, given, steps // stride, stride).compile()
    clock.mark("compile")
    found = jax.block_until_ready(program(pairs, given))
    clock.mark("run")
    least = {}
    for name, problem in problems.items():
        lowest = [float(np.nanmin(r.value)) for (_, p), r in found.items() if p == name]
        least[name] = problem.least if np.isfinite(problem.least) else min(lowest, default=float("nan"))
    lanes = {name: _settings(method) for name, method in methods.items()}
    found = {pair: jax.tree.map(np.asarray, found[pair]) for pair in pairs}  # in the order asked for
    return Race(found, np.arange(steps // stride + 1) * stride, least, lanes, left_out, clock.seconds)


def _run(pairs: Any, starts: Any, rows: int, stride: int) -> dict[tuple[str, str], Rows]:
    return {pair: _lanes(problem, starts[pair[1]], rows, stride) for pair, problem in pairs.items()}


def _lanes(problem: Minimise, starts: Any, rows: int, stride: int) -> Rows:
    """(lane, start, row, …): every setting from every start."""
    found = sweep.find(problem, None, None)
    one = lambda p, start: _path(p, start, rows, stride)  # noqa: E731
    many = jax.vmap(one, in_axes=(None, 0))
    if not found.lanes:
        return jax.tree.map(lambda a: a[None], many(problem, starts))
    return jax.vmap(many, in_axes=(found.algorithm, None))(problem, starts)


def _path(problem: Minimise, start: Any, rows: int, stride: int) -> Rows:
    """One run; at rest once nothing is to be gained."""
    drawn = start.size <= PATHS

    def row(state: Any) -> Rows:
        value, residual = (
            problem.method.shown(problem.cost, state.point),
            problem.method.residual(problem.cost, state.point),
        )
        n = state.counts
        work = n.values + 2 * n.gradients + 4 * n.products + 4 * start.size * n.hessians
        return Rows(value, residual, work, state.point.theta if drawn else jnp.zeros(0))

    def step(state: Any, _: Any) -> Any:
        new, _ = problem.step(state, None)
        return jax.tree.map(lambda old, new: jnp.where(state.done, old, new), state, new), None

    def several(state: Any, _: Any) -> Any:
        state, _ = jax.lax.scan(step, state, None, length=stride)
        return state, row(state)

    first = problem.init(start)
    _, kept = jax.lax.scan(several, first, None, length=rows)
    return jax.tree.map(lambda a, b: jnp.concatenate([a[None], b]), row(first), kept)


def _settings(method: Minimiser) -> dict[str, np.ndarray]:
    """The knobs that hold several values."""
    from gradiens.core.module import knobs, submodules

    return {
        name: np.asarray(value)
        for module in submodules(method)
        for name in knobs(type(module))
        if eqx.is_array(value := getattr(module, name)) and value.ndim == 1
    }


def _unsuited(method: Minimiser, problem: Problem) -> str:
    """Why a method cannot be run on a problem, or ""."""
    outputs = isinstance(method, GaussNewton | LevenbergMarquardt | NaturalGradient)
    if outputs and not isinstance(problem.cost(), Composite):
        return "it needs residuals"
    if isinstance(method, Secant) and problem.dimension != 1:
        return "it is for one parameter"
    return ""


class _Clock:
    """Seconds between marks."""

    def __init__(self) -> None:
        import time

        self.now, self.seconds, self.last = time.perf_counter, {}, time.perf_counter()

    def mark(self, name: str) -> None:
        self.seconds[name], self.last = self.now() - self.last, self.now()


__all__: Sequence[str] = ["Race", "Rows", "race"]
