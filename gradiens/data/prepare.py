"""From a table or images to what training takes: three parts of numbers, the preprocessing, and a card of decisions.

Everything fitted (median, mean, standard deviation, levels, what a column is) is fitted on the training rows only.
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from gradiens.core.check import Mistake, known
from gradiens.data.card import column_cards, target_card
from gradiens.data.columns import fit_column, moments, standardise
from gradiens.data.copies import copies
from gradiens.data.examples import sheets
from gradiens.data.images import Images
from gradiens.data.preprocessing import (
    ImagePreprocessing,
    MatrixPreprocessing,
    Preprocessing,
    Row,
    TablePreprocessing,
)
from gradiens.data.split import Indices, split
from gradiens.data.table import Table, tidy
from gradiens.data.target import Target, decide, fit_number

__all__ = ["Part", "Prepared", "Row", "prepare", "prepare_matrix"]

Fractions = tuple[float, float, float]


@dataclass(frozen=True)
class Part:
    """Some rows: x as the preprocessing encodes it, y int32 class codes or float32 standardised numbers."""

    x: Any
    y: np.ndarray

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class Prepared:
    """What training takes and the report shows."""

    train: Part
    val: Part
    test: Part
    preprocessing: Preprocessing
    card: dict[str, Any]

    @property
    def task(self) -> str:
        """binary, classes or number."""
        return self.preprocessing.target.task

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes by code; none for a number."""
        return self.preprocessing.target.classes

    @property
    def target(self) -> str:
        """The name of the target."""
        return self.preprocessing.target.name


def prepare(
    source: Table | Images,
    target: str = "",
    task: str = "auto",
    seed: int = 0,
    fractions: Fractions = (0.7, 0.15, 0.15),
    drop: tuple[str, ...] = (),
    keep: int | None = None,
) -> Prepared:
    """Split by `seed`, fit the preprocessing on the training rows, encode. `drop` names columns to leave out.

    `keep`: of the training rows only so many, the first in an order drawn by the seed; fewer rows lie within more.
    """
    if isinstance(source, Images):
        return _images(source, target, task, seed, fractions, drop, keep)
    return _table(source, target, task, seed, fractions, drop, keep)


def _table(
    source: Table,
    target: str,
    task: str,
    seed: int,
    fractions: Fractions,
    drop: tuple[str, ...],
    keep: int | None,
) -> Prepared:
    source = dataclasses.replace(source, frame=tidy(source.frame))
    frame, name = source.frame, target or source.target
    if not name:
        raise Mistake("a target", "none", f"name one of the columns: --target {frame.columns[-1]!r}")
    known("column", name, frame.columns)
    for column in drop:
        known("column", column, [c for c in frame.columns if c != name])
    goal, said = decide(frame.get_column(name), task)
    labels = np.zeros(frame.height) if goal.task == "number" else goal.encode(frame.get_column(name))
    rows = _kept(split(labels, goal.task, seed, fractions), keep, seed)
    _check_classes(goal, labels[rows[0]])
    if goal.task == "number":
        goal = fit_number(goal, frame.get_column(name).gather(rows[0]))
    preprocessing, notes = _fit(source, goal, rows[0], drop)
    y = goal.encode(frame.get_column(name))
    encoded = [preprocessing.encode(frame[index], own=True) for index in rows]
    parts = [Part(one.x, y[index]) for one, index in zip(encoded, rows, strict=True)]
    if goal.task != "number":
        notes += _rare(goal, y)
    notes += [
        f"{part} rows: {note}" for part, one in zip(("training", "validation", "test"), encoded) for note in one.notes
    ]
    card = {
        **_origin(source, frame.height, parts, seed),
        "test_rows": _digest(rows[2]),
        "columns": column_cards(frame, rows[0], preprocessing),
        "target": target_card(goal, said, y),
        "features": preprocessing.n_features,
        "notes": [*source.notes, said, *notes],
    }
    return Prepared(parts[0], parts[1], parts[2], preprocessing, card)


def _fit(source: Table, goal: Target, train: np.ndarray, drop: tuple[str, ...]) -> tuple[TablePreprocessing, list[str]]:
    columns, left_out, notes = [], list(drop), [f"column {name!r} left out: asked for" for name in drop]
    for series in source.frame:
        if series.name in (goal.name, *drop):
            continue
        column, note = fit_column(series, train)
        if column is None:
            left_out.append(series.name)
        else:
            columns.append(column)
        notes += [note] * bool(note)
    if not columns:
        raise Mistake("at least one column to learn from", "none", "; ".join(notes) or "add columns beside the target")
    return TablePreprocessing(tuple(columns), goal, tuple(left_out), source.header), notes


def _rare(goal: Target, y: np.ndarray) -> list[str]:
    counts = np.bincount(y, minlength=len(goal.classes))
    rare = [name for name, count in zip(goal.classes, counts, strict=True) if count < 3]
    return [f"classes with fewer than 3 rows, not in every part: {', '.join(rare[:8])}"] if rare else []


def _origin(source: Table | Images, rows: int, parts: list[Part], seed: int) -> dict[str, Any]:
    return {
        "name": source.name,
        "path": getattr(source, "path", ""),
        "sha256": source.sha256,
        "rows": rows,
        "seed": seed,
        "parts": dict(zip(("train", "val", "test"), map(len, parts), strict=True)),
    }


def _digest(rows: np.ndarray) -> str:
    """A fingerprint of row indices: two runs on one file with the same one were judged on the same rows."""
    return hashlib.sha256(rows.astype("<i8").tobytes()).hexdigest()[:16]


def _check_classes(goal: Target, train: np.ndarray) -> None:
    """A `Mistake` when only one class came into the training part."""
    found = np.unique(train)
    if goal.task != "number" and len(found) < 2:
        got = f"{goal.classes[int(found[0])]!r} alone in {len(train):,}"
        raise Mistake("at least two classes among the training rows", got, "add rows, or lower --val and --test")


def _kept(rows: Indices, keep: int | None, seed: int) -> Indices:
    """The split with `keep` of its training rows."""
    train, val, test = rows
    if keep is None:
        return rows
    if not 1 <= keep <= len(train):
        raise Mistake(f"from 1 to {len(train)} training rows", keep)
    order = np.random.Generator(np.random.Philox(key=seed)).permutation(train)
    return np.sort(order[:keep]), val, test


def _images(
    source: Images,
    target: str,
    task: str,
    seed: int,
    fractions: Fractions,
    drop: tuple[str, ...],
    keep: int | None,
) -> Prepared:
    known("target", target or source.target, [source.target])
    if drop:
        raise Mistake("images without columns to drop", f"{drop[0]!r}", "leave out --drop")
    known("task of images", task, ["auto", "binary", "classes"] if len(source.classes) == 2 else ["auto", "classes"])
    task = "binary" if len(source.classes) == 2 and task != "classes" else "classes"
    goal = Target(source.target, task, source.classes)
    y = source.labels.astype(np.int32)
    official = source.test_pixels is not None and source.test_labels is not None
    if official:
        train_part = fractions[0] + fractions[1]
        fractions = (fractions[0] / train_part, fractions[1] / train_part, 0.0)
    groups, found = copies(source.pixels, y, goal.classes, sum(share > 0 for share in fractions))
    rows = _kept(split(y, task, seed, fractions, groups), keep, seed)
    _check_classes(goal, y[rows[0]])
    parts = [Part(source.pixels[index], y[index]) for index in rows]
    if official:
        parts[2] = Part(source.test_pixels, np.asarray(source.test_labels, np.int32))
    preprocessing = ImagePreprocessing(source.pixels.shape[1:], source.maximum, goal)
    every = np.concatenate([part.y for part in parts])
    said = f"target {goal.name!r} is one of {len(goal.classes)} classes"
    kept = ["the official test images are the test part; validation images are cut from the training images"] * official
    examples = sheets(parts[0].x, parts[0].y, goal.classes, source.maximum)
    card = {
        **_origin(source, len(every), parts, seed),
        "test_rows": "official" if official else _digest(rows[2]),
        "columns": [],
        "images": {"shape": list(preprocessing.shape), "maximum": source.maximum, "examples": examples},
        "target": target_card(goal, said, every),
        "features": preprocessing.n_features,
        "notes": [*source.notes, said, *found, *kept, f"pixels are divided by {source.maximum}"],
    }
    return Prepared(parts[0], parts[1], parts[2], preprocessing, card)


def prepare_matrix(
    x: np.ndarray, y: np.ndarray, target: Target, names: tuple[str, ...] = (), seed: int = 0, val: float = 0.0
) -> Prepared:
    """Numbers x (N, D) and y (N,), class codes or numbers by `target`, all for training but a share `val`; no test rows.

    Raises `Mistake` for shapes that do not agree and numbers that are not finite.
    """
    x, y = np.asarray(x, np.float64), np.asarray(y)
    if x.ndim != 2 or y.shape != (len(x),) or not x.size:
        raise Mistake("x of shape (N, D) and y of length N ≥ 1", f"x {x.shape} and y {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise Mistake("finite numbers in x and y", "NaN or Inf")
    names = names or tuple(f"x{i + 1}" for i in range(x.shape[1]))
    train, held, _ = split(y, target.task, seed, (1 - val, val, 0.0))
    if target.task == "number":
        mean, std, _ = moments(y[train].astype(np.float64))
        target, y = dataclasses.replace(target, mean=mean, std=std), standardise(y, mean, std)[0]
    else:
        y = y.astype(np.int32)
    preprocessing = MatrixPreprocessing.fit(x[train], names, target)
    parts = [Part(preprocessing.encode(x[rows]).x, y[rows]) for rows in (train, held)]
    none = Part(parts[0].x[:0], parts[0].y[:0])
    source = Table(pl.DataFrame(), "matrix", notes=("from memory",))
    said = f"target {target.name!r} is " + (f"one of {len(target.classes)} classes" if target.classes else "a number")
    card = {
        **_origin(source, len(x), [*parts, none], seed),
        "columns": [],
        "target": target_card(target, said, parts[0].y),
        "features": len(names),
        "notes": [*source.notes, said, "every column standardised by its training rows"],
    }
    return Prepared(parts[0], parts[1], none, preprocessing, card)
