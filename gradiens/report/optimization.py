"""A race of the laboratory in pictures and in a table: paths in the landscape, gap against work, performance profiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradiens.optim.laboratory import Race
from gradiens.optim.problems.problem import Problem
from gradiens.report.figure import Figure, Series
from gradiens.report.text import number

GRID = 121  # points along each side of a landscape
FLOOR = 1e-16  # gaps below it are drawn there
NEAR = 1e-3  # decades of a landscape are counted from here


def table_of(race: Race, problem: str, target: float) -> list[dict[str, Any]]:
    """A row for each method on a problem, the best first: medians over the starts, by the best of the settings."""
    rows = []
    for method in race.methods:
        why = race.left_out.get((method, problem), "")
        rows.append({"method": method, "says": why} if why else _row(race, method, problem, target))
    return sorted(rows, key=lambda row: (row.get("work") is None, row.get("work") or 0, row.get("gap", np.inf)))


def _row(race: Race, method: str, problem: str, target: float) -> dict[str, Any]:
    lane, found = race.best_lane(method, problem, target), race.rows[method, problem]
    gap, work = race.gap(method, problem)[lane], race.tuned(method, problem, target)
    end = float(np.median(gap[:, -1]))
    there = gap <= target * gap[:, :1]
    steps = np.where(there.any(1), race.steps[there.argmax(1)], np.inf)
    settings = {name: float(values[lane]) for name, values in race.lanes[method].items()}
    says = "" if np.isfinite(end) else "diverged"
    return {
        "method": method,
        **({"setting": ", ".join(f"{name} {number(v)}" for name, v in settings.items())} if settings else {}),
        "reached": f"{int(np.isfinite(work).sum())} of {len(work)}",
        "steps": _median(steps),
        "work": _median(work),
        "with tuning": _median(race.with_tuning(method, problem, target)),
        "gap": end if np.isfinite(end) else None,
        "gradient": float(np.median(found.residual[lane][:, -1])),
        "says": says,
    }


def _median(values: np.ndarray) -> int | None:
    middle = float(np.quantile(values, 0.5, method="higher"))  # one that occurred
    return None if not np.isfinite(middle) else int(middle)


def figures_of(race: Race, problems: Mapping[str, Problem], target: float) -> list[Any]:
    """For each problem its paths, where it can be drawn, and gap against work; then the profiles."""
    made: list[Any] = []
    for name, problem in problems.items():
        pair = [landscape(race, name, problem, target)] if problem.dimension == 2 else []
        made.append((*pair, gaps(race, name, target)))
    if len(race.methods) > 1 and (len(problems) > 1 or _starts(race) > 1):
        made.append((profiles(race, target, False), profiles(race, target, True)))
    return made


def _starts(race: Race) -> int:
    return next(iter(race.rows.values())).value.shape[1]


def _entrants(race: Race, problem: str) -> list[tuple[int, str]]:
    """The methods that ran on a problem, with the place of their colour."""
    return [(place, m) for place, m in enumerate(race.methods) if (m, problem) in race.rows]


def landscape(race: Race, name: str, problem: Problem, target: float) -> Figure:
    """The contours of a two-dimensional problem with the path of each method from the first start."""
    paths = {m: race.rows[m, name].theta[race.best_lane(m, name, target), 0] for _, m in _entrants(race, name)}
    (x0, x1), (y0, y1) = problem.box
    x, y = np.linspace(x0, x1, GRID), np.linspace(y0, y1, GRID)
    z = np.asarray(_surface(problem, jnp.asarray(x), jnp.asarray(y)), np.float64)
    scaled = np.log10(z - min(z.min(), race.least[name]) + NEAR)
    series = [Series("contour", x, y, scaled, "log₁₀ of the gap")]
    for place, method in _entrants(race, name):
        path = paths[method]
        inside = np.isfinite(path).all(1) & (path >= [x0, y0]).all(1) & (path <= [x1, y1]).all(1)
        path = np.where(inside[:, None], path, np.nan)
        series.append(Series("line", path[:, 0], path[:, 1], label=method, colour=place))
    best = problem.minimisers()
    series.append(Series("points", best[:, 0], best[:, 1], label="minimum", colour=7))
    return Figure(f"Paths on {name}", series, "θ₁", "θ₂", summary=_arrivals(race, name, target))


@jax.jit
def _surface(problem: Problem, x: Any, y: Any) -> Any:
    return jax.vmap(lambda b: jax.vmap(lambda a: problem(jnp.stack([a, b])))(x))(y)


def _arrivals(race: Race, problem: str, target: float) -> str:
    told = []
    for row in table_of(race, problem, target):
        if "reached" in row:
            steps = row["steps"]
            told.append(
                f"{row['method']} arrives after {steps:.0f} steps"
                if steps is not None
                else f"{row['method']} does not arrive"
            )
    return "; ".join(told) + "."


def gaps(race: Race, problem: str, target: float) -> Figure:
    """The gap to the minimum against the work, by the best setting of each method, the median over the starts."""
    series = []
    for place, method in _entrants(race, problem):
        lane = race.best_lane(method, problem, target)
        gap = np.median(race.gap(method, problem)[lane], axis=0)
        work = np.median(race.rows[method, problem].work[lane], axis=0)
        kept = np.isfinite(gap) & np.r_[True, np.diff(work) > 0]
        series.append(Series("line", work[kept], np.maximum(gap[kept], FLOOR), label=method, colour=place))
    return Figure(
        f"Gap to the minimum of {problem}", series, "work, evaluations of C", "C - C*", log_x=True, log_y=True
    )


def profiles(race: Race, target: float, tuning: bool) -> Figure:
    """The performance profiles, with or without the price of the tuning."""
    ratios = np.logspace(0, 3, 61)
    found = race.profile(target, ratios, tuning)
    series = [Series("line", ratios, share, label=m, colour=place) for place, (m, share) in enumerate(found.items())]
    what = "with the tuning counted" if tuning else "each at its best setting"
    title = f"Performance profiles, {what}"
    return Figure(title, series, "work, in parts of the least of all methods", "share of problems solved", log_x=True)
