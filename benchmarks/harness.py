"""The harness: the sides of a row take turns (A B A B …), every run in a fresh process, and medians are compared.

A row (`benchmarks/rows/*.py`) is a `Row`: its sides are functions that measure in the process they are called in and
return `{"compile", "steady", "total", "peak_mb", "quality": {…}}`, in seconds and megabytes, what they have of it. The
first side is ours, the second the peer that the goal names, any others stand beside them. A ratio is the peer's time
divided by ours: above 1, ours is faster. A run that is fast and wrong fails its row: `agree` compares the qualities.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
THREADS = 2
LIMIT_SECONDS = 900  # of one process

Measure = dict[str, Any]
Side = Callable[[bool], Measure]  # the argument: quick, a smaller run whose numbers are not the row's


@dataclass(frozen=True)
class Row:
    """What is measured, what it must reach, and which numbers of the two sides must agree, within which difference."""

    title: str
    goal: str
    sides: dict[str, Side]
    number: str = "steady"
    unit: str = "s"
    least_ratio: float = 0.0
    most: float = float("inf")
    agree: dict[str, float] = field(default_factory=dict)
    allocator: bool = False  # glibc told to keep freed memory, on every side
    note: str = ""


def rows() -> dict[str, Row]:
    """Every row, by the name of its file."""
    from benchmarks import rows as folder

    found = (module.name for module in pkgutil.iter_modules(folder.__path__))
    return {name: importlib.import_module(f"benchmarks.rows.{name}").ROW for name in sorted(found)}


def environment(threads: int = THREADS) -> dict[str, str]:
    """The environment of a worker: every library with the same number of threads."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, **dict.fromkeys(names, str(threads)), "PYTHONPATH": path}


def run_side(row: str, side: str, quick: bool) -> Measure:
    """One run of one side in a process of its own. `{"missing": NAME}` or `{"failed": WHY}` when there is no number."""
    command = [sys.executable, "-m", "benchmarks.worker", row, side, *["--quick"] * quick]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=LIMIT_SECONDS
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {LIMIT_SECONDS} s"}
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        return {"failed": (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1][:300]}
    return json.loads(lines[-1])


def measure(name: str, row: Row, repeat: int, quick: bool, run: Callable[..., Measure] = run_side) -> dict[str, Any]:
    """The row's sides in alternation, `repeat` times each, judged. A side without a number is not tried again."""
    taken: dict[str, list[Measure]] = {side: [] for side in row.sides}
    for _ in range(repeat):
        for side, runs in taken.items():
            if not runs or reason(runs[-1]) is None:
                runs.append(run(name, side, quick))
    sides = {side: summary(runs) for side, runs in taken.items()}
    return {"title": row.title, "goal": row.goal, "number": row.number, "unit": row.unit, "note": row.note,
            "allocator": row.allocator, "quick": quick, "sides": sides, **judge(row, sides)}  # fmt: skip


def reason(one: Measure) -> str | None:
    """Why a run gave no number, or None when it gave one."""
    if "missing" in one:
        return f"peer missing: pip install {one['missing']}"
    return one.get("failed")


def summary(runs: list[Measure]) -> dict[str, Any]:
    """Median, least and most of each number over the runs, and the last run's quality."""
    why = next((why for one in runs if (why := reason(one))), None)
    if why:
        return {"none": why}
    names = [name for name in ("compile", "steady", "total", "peak_mb", "error", "cpu_minutes") if name in runs[0]]
    spread = {name: _spread([one[name] for one in runs]) for name in names}
    return {"runs": len(runs), **spread, "quality": runs[-1].get("quality", {})}


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def judge(row: Row, sides: dict[str, Any]) -> dict[str, Any]:
    """`{"reached": yes, no, or why it cannot be said, "ratios": {SIDE: other / ours}}`."""
    ours, *others = sides
    if "none" in sides[ours]:
        return {"reached": f"not run: {sides[ours]['none']}", "ratios": {}}
    value = sides[ours][row.number]["median"]
    there = [name for name in others if "none" not in sides[name]]
    ratios = {name: sides[name][row.number]["median"] / value for name in there}
    if value > row.most:
        return {"reached": "no", "ratios": ratios}
    if not row.least_ratio:
        return {"reached": "yes" if row.most < float("inf") else "told", "ratios": ratios}
    if others[0] not in there:
        return {"reached": sides[others[0]]["none"], "ratios": ratios}
    wrong = [f"{name} disagrees: {a:.4g} and {b:.4g}" for name, a, b in _differences(row, sides, (ours, others[0]))]
    return {"reached": "; ".join(["no", *wrong]) if wrong or ratios[others[0]] < row.least_ratio else "yes",
            "ratios": ratios}  # fmt: skip


def _differences(row: Row, sides: dict[str, Any], pair: tuple[str, str]) -> list[tuple[str, float, float]]:
    """The qualities of the two sides that differ by more than the row allows, NaN included."""
    both = [(name, *(sides[side]["quality"][name] for side in pair), most) for name, most in row.agree.items()]
    return [(name, a, b) for name, a, b, most in both if not abs(a - b) <= most]
