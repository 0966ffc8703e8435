"""What was measured, kept: `results.json` with every number and the machine, `RESULTS.md` rendered from it."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, THREADS

JSON = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "benchmarks" / "RESULTS.md"
LONG = ROOT / "benchmarks" / "long_runs.md"  # written by hand: hours of runs that no one repeats for a table
SHOWN = ("jax", "jaxlib", "numpy", "torch", "scikit-learn")


def machine() -> dict[str, Any]:
    """Processor, cores, versions, date, and how busy it was (called before the first run)."""
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "threads": THREADS,
        "load": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: _version(name) for name in SHOWN},
    }


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def merge(measured: dict[str, Any], here: dict[str, Any]) -> dict[str, Any]:
    """The kept rows with those just measured in their place; each row remembers the machine it was measured on."""
    kept = json.loads(JSON.read_text(encoding="utf-8")) if JSON.is_file() else {}
    return dict(sorted({**kept, **{name: {**row, "machine": here} for name, row in measured.items()}}.items()))


def save(table: dict[str, Any]) -> None:
    """Write both files."""
    JSON.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(table) + "\n" + LONG.read_text(encoding="utf-8"), encoding="utf-8")


def page(table: dict[str, Any]) -> str:
    """The Markdown page: one table, then what is said of each row, then the machines."""
    head = ["row", "must reach", "reached", "ratio", "compile, s", "steady, µs a step", "peak memory, MB"]
    intro = f"""# Benchmarks

Ours beside a peer, measured by `make bench`: the sides take turns, every run is a fresh process with {THREADS} threads,
and medians are compared. A ratio is the peer's time divided by ours: above 1, ours is faster; gaps under 10 % are
noise. Compile, steady time and memory are ours, with a peer's memory in brackets (the libraries and the data in memory
are most of it). `results.json` holds every number.
"""
    lines = [
        intro, _cells(head), _cells(["---"] * len(head)), *(_cells(_row(row)) for row in table.values()),
        "", "## Notes", "", *(f"- **{row['title']}.** {_notes(row)}" for row in table.values()),
        "", "## Machine", "", *_machines(table), "",
    ]  # fmt: skip
    return "\n".join(lines)


def _cells(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _row(row: dict[str, Any]) -> list[str]:
    ours, peer = [*row["sides"].values(), {}][:2]
    memory = f"{_median(ours, 'peak_mb', '.0f')} ({_median(peer, 'peak_mb', '.0f')})".replace(" ()", "")
    compiled, steady = _median(ours, "compile", ".2f"), _median(ours, "steady", ".0f", 1e6)
    return [row["title"], row["goal"], row["reached"], ratios(row), compiled, steady, memory]


def _median(side: dict[str, Any], name: str, form: str, scale: float = 1.0) -> str:
    return format(scale * side[name]["median"], form) if name in side else ""


def ratios(row: dict[str, Any]) -> str:
    """Each other side's ratio; where there is no other side, our own number."""
    if row["ratios"]:
        return ", ".join(f"{value:.3g} ({side})" for side, value in row["ratios"].items())
    ours = next(iter(row["sides"].values()))
    form = ".0f" if row["unit"] else ".4f"  # a share has no unit
    return f"{_median(ours, row['number'], form)} {row['unit']}".strip() if row["number"] in ours else ""


def _notes(row: dict[str, Any]) -> str:
    number, sides = row["number"], row["sides"]
    here = {side: one for side, one in sides.items() if number in one}
    spread = [f"{side} {100 * (one[number]['max'] / one[number]['min'] - 1):.0f} %" for side, one in here.items()]
    scores = [
        f"{side} {one['quality']['test_accuracy']:.4f}"
        for side, one in here.items()
        if "test_accuracy" in one["quality"]
    ]
    runs = max((one["runs"] for one in here.values()), default=0)
    said = [
        row["note"],
        f"Least to most of {runs} runs: {', '.join(spread)}." if runs > 1 else "",
        f"Test accuracy: {', '.join(scores)}." if scores else "",
        *(f"{one['cpu_minutes']['median']:.1f} CPU minutes." for one in here.values() if "cpu_minutes" in one),
        *(f"{side}: {one['none']}." for side, one in sides.items() if "none" in one),
        "glibc was told to keep freed memory, on every side." if row["allocator"] else "",
    ]
    return " ".join(filter(None, said))


def _machines(table: dict[str, Any]) -> list[str]:
    """Each different machine once, with the rows measured on it."""
    told: dict[str, list[str]] = {}
    for name, row in table.items():
        m = row["machine"]
        versions = ", ".join(f"{package} {m[package]}" for package in SHOWN)
        text = f"{m['cpu']}, {m['cores']} cores, {m['system']}; Python {m['python']}, {versions}; {m['date']}; load {m['load']}"
        told.setdefault(text, []).append(name)
    return [f"- {text}. Rows: {', '.join(names)}." for text, names in told.items()]
