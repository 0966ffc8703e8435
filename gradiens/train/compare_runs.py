"""Two runs judged on the same test rows: is the one better, by how much, and how sure is that?

    d̂ = score(ours) - score(theirs)        over the same rows, with the paired bootstrap interval of d̂

For classes also McNemar's exact p-value, from the rows that only one of the two predicts right.

Book: 2.7.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from gradiens.core import tensors
from gradiens.core.check import Mistake
from gradiens.core.run import Run
from gradiens.evaluation.comparison import Effect, compare_rows, mcnemar
from gradiens.train.evaluate import compare, decide, headline, told

SAME = "fit both with the same data, --seed, --val and --test"


def compare_runs(ours: str | Path, theirs: str | Path, seed: int = 0) -> dict[str, Any]:
    """The effects by metric, the headline metric's first; positive is better for ours.

    Raises `Mistake` where a folder holds no finished run, a run kept no test rows, or the two have other ones.
    """
    runs = [_opened(Path(one)) for one in (ours, theirs)]
    _same(*runs)
    task, y = runs[0]["task"], runs[0]["y"]
    a, b = (run["prediction"] for run in runs)
    first = {**compare(task, y, a, b, seed), "p_value": None}
    if task != "number":
        first["p_value"] = mcnemar(y, decide(task, a), decide(task, b)).p_value
    name, terms = ("mae", _distances) if task == "number" else ("log_loss", _surprises)
    second = compare_rows(terms(y, a), terms(y, b), lower=True, seed=seed) if len(y) > 1 else None
    effects = [first] + ([_told(name, second)] if second else [])
    scores = {
        key: {effect["metric"]: run["test"][effect["metric"]] for effect in effects} for key, run in zip("ab", runs)
    }
    for effect in effects:
        effect |= {"ours": scores["a"][effect["metric"]], "theirs": scores["b"][effect["metric"]]}
    return {
        "run": str(ours), "other": str(theirs), "data": runs[0]["card"]["name"], "target": runs[0]["target"],
        "rows": len(y), "metric": headline(task), "verdict": first["verdict"], "effects": effects,
    }  # fmt: skip


def _told(metric: str, effect: Effect) -> dict[str, Any]:
    p = effect.p_value
    return {**told(metric, effect), "p_value": None if math.isnan(p) else p}


def _distances(y: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    return np.abs(y - prediction)


def _surprises(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """-ln of the probability given to what came."""
    given = p[np.arange(len(y)), y] if p.ndim == 2 else np.where(y == 1, p, 1 - p)
    return -np.log(np.clip(given.astype(np.float64), np.finfo(np.float64).eps, 1))


def _opened(folder: Path) -> dict[str, Any]:
    """The summary of a finished run with its test rows."""
    summary = Run.open(folder).summary
    if summary is None:
        raise Mistake("a finished run", f"{folder}, which is not done", f"gradiens resume {folder}")
    path = folder / "test.safetensors"
    arrays = tensors.load(path)[0] if path.is_file() else {}
    if not len(arrays.get("y", ())):
        raise Mistake("a run with test rows", f"{folder}, which has none", "fit with --test above 0")
    return {**summary, **arrays}


def _same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Both runs predict the same target of the same rows."""
    for key in ("target", "task", "classes"):
        if ours[key] != theirs[key]:
            raise Mistake(f"two runs with the same {key}", f"{ours[key]!r} and {theirs[key]!r}", SAME)
    cards = ours["card"], theirs["card"]
    for key, what in (("sha256", "data"), ("test_rows", "test rows")):
        a, b = (card.get(key) for card in cards)
        if a != b or a is None:
            got = f"other {what}" if a != b else "runs of an older version, which did not say which they were"
            raise Mistake(f"two runs judged on the same {what}", got, SAME)
    if not np.array_equal(ours["y"], theirs["y"]):
        raise Mistake("two runs judged on the same test rows", "other targets in them", SAME)
