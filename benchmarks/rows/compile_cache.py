"""The second start of `gradiens fit digits`, with the compiled programs of the first on disk, beside the first."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.command import fit
from benchmarks.harness import Measure, Row


def first(quick: bool) -> Measure:
    with tempfile.TemporaryDirectory() as folder:
        return fit("digits", Path(folder) / "run", Path(folder) / "cache", "--epochs", "2")


def second(quick: bool) -> Measure:
    with tempfile.TemporaryDirectory() as folder:
        fit("digits", Path(folder) / "first", Path(folder) / "cache", "--epochs", "2")
        return fit("digits", Path(folder) / "run", Path(folder) / "cache", "--epochs", "2")


ROW = Row(
    title="`gradiens fit digits --epochs 2 --json`: second start, from the persistent compile cache",
    goal="measurably faster than the first start",
    sides={"second start": second, "first start, empty cache": first},
    number="total",
    least_ratio=1.1,
    agree={"test_accuracy": 0.0, "test_loss": 0.0},
    note="Seconds of the whole process, imports and report included; compile: what the run itself reports.",
)
