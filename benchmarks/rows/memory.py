"""Peak memory of a whole MNIST run by the command line: data, training, baselines, equations, report."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.command import fit
from benchmarks.harness import Measure, Row


def ours(quick: bool) -> Measure:
    with tempfile.TemporaryDirectory() as folder:
        epochs = "1" if quick else "2"
        return fit("mnist", Path(folder) / "run", Path(folder) / "cache", "--hidden", "256,128", "--epochs", epochs)


ROW = Row(
    title="peak memory of `gradiens fit mnist --hidden 256,128 --epochs 2 --json`, the whole process",
    goal="< 1 GB",
    sides={"ours": ours},
    number="peak_mb",
    unit="MB",
    most=1000,
    note="The largest resident size that the system saw; the logistic baseline, on all rows in float32, makes the peak.",
)
