"""One side of one row in this process: `python -m benchmarks.worker ROW SIDE [--quick]`, one JSON line on stdout."""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys

from benchmarks.harness import THREADS, Measure, Row


def main(name: str, side: str, quick: bool) -> None:
    """Two cores, the row's allocator setting, then the side."""
    if hasattr(os, "sched_setaffinity"):  # XLA takes as many threads as it sees cores
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
    row: Row = importlib.import_module(f"benchmarks.rows.{name}").ROW
    if row.allocator:
        from gradiens.core.session import keep_freed_memory

        keep_freed_memory()
    measured: Measure
    try:
        measured = row.sides[side](quick)
    except ModuleNotFoundError as error:
        measured = {"missing": error.name}
    measured.setdefault("peak_mb", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(measured))


if __name__ == "__main__":
    main(*sys.argv[1:3], quick="--quick" in sys.argv)
