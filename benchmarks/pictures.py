"""How well a small convolutional network does on the official test images, and the CPU minutes that it takes."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.harness import Measure
from gradiens.core.check import Failure

MINUTES = 10
OPTIONS = {"model": "small_cnn", "schedule": "cosine", "patience": 0, "val": 0.02}


def small_cnn(data: str, epochs: int, quick: bool, **options: Any) -> Measure:
    """A whole `fit`: data, training, judgement. `error` is the share of test images it gets wrong."""
    from gradiens.train.fit import fit

    begun, clock = time.process_time(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        chosen = {**OPTIONS, **options, "epochs": 1 if quick else epochs}
        fitted = fit(data, out=Path(folder) / "run", quiet=True, **chosen)
    minutes = (time.process_time() - begun) / 60
    if minutes > MINUTES:
        raise Failure(f"{minutes:.1f} CPU minutes, and {MINUTES} are allowed", "take fewer epochs")
    test = fitted.summary["test"]
    return {
        "error": 1 - test["accuracy"], "total": time.perf_counter() - clock, "cpu_minutes": minutes,
        "quality": {"test_accuracy": test["accuracy"], "cpu_minutes": minutes},
    }  # fmt: skip
