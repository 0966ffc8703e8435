"""`import gradiens` beside `import jax`."""

from __future__ import annotations

import importlib
import time

from benchmarks.harness import Measure, Row


def imported(module: str, name: str = "") -> Measure:
    """Seconds until `module` is there, and its `name` if one is given."""
    clock = time.perf_counter()
    found = importlib.import_module(module)
    if name:
        getattr(found, name)
    return {"total": time.perf_counter() - clock}


def ours(quick: bool) -> Measure:
    return imported("gradiens")


def peer(quick: bool) -> Measure:
    return imported("jax")


ROW = Row(
    title="`import gradiens`",
    goal="< 1.5 × the time of `import jax`",
    sides={"ours": ours, "import jax": peer},
    number="total",
    least_ratio=1 / 1.5,
    note="Names are loaded when they are first used, so this import alone loads nothing; the next row has the rest.",
)
