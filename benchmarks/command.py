"""`gradiens fit` as a user starts it, timed from outside."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.harness import Measure


def fit(data: str, out: Path, cache: Path, *options: str) -> Measure:
    """Run `gradiens fit DATA … --json` with its compile cache in `cache`: wall seconds, peak memory, its own report."""
    command = [sys.executable, "-m", "gradiens", "fit", data, "--json", "--out", str(out), *options]
    clock = time.perf_counter()
    done = subprocess.run(command, env={**os.environ, "GRADIENS_CACHE": str(cache)}, capture_output=True, text=True)
    total = time.perf_counter() - clock
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip().splitlines()[-1:]}")
    said = json.loads(done.stdout)
    tested = {"test_accuracy": said["test"]["accuracy"], "test_loss": said["test"]["log_loss"]}
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"compile": said["seconds"]["compile"], "total": total, "peak_mb": peak, "quality": tested}
