"""What a model of two numbers says over the plane: regions of the classes, probability of one, or the predicted number."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradiens.data.table_input import TablePreprocessing
from gradiens.report.figure import Figure, Series
from gradiens.report.text import elide, number
from gradiens.train.fitted import Fitted

GRID = 120  # places along each axis
MARGIN = 0.06  # of the range of the training rows, around it
CLASSES = 8  # most classes whose regions have colours of their own


def boundary(fitted: Fitted) -> list[Figure]:
    """The figure, if the model takes two columns of numbers and nothing else."""
    columns = _two_numbers(fitted)
    if not columns:
        return []
    import polars as pl

    axes = [_axis(fitted, i) for i in range(2)]
    across, up = np.meshgrid(*axes)
    names = [column.name for column in columns]
    told = fitted.predict(pl.DataFrame(dict(zip(names, (across.ravel(), up.ravel()), strict=True))))
    if told.probabilities is None:
        return [_number(fitted, names, axes, np.asarray(told.predicted, np.float64).reshape(across.shape))]
    p = told.probabilities.reshape(*across.shape, -1)
    return [_two(fitted, names, axes, p[..., 1]) if p.shape[-1] == 2 else _many(fitted, names, axes, p)]


def _two_numbers(fitted: Fitted) -> tuple[Any, ...]:
    preprocessing = fitted.preprocessing
    if not isinstance(preprocessing, TablePreprocessing) or len(preprocessing.columns) != 2:
        return ()
    plain = all(column.kind == "number" and not column.indicator for column in preprocessing.columns)
    few = len(preprocessing.target.classes) <= CLASSES
    return preprocessing.columns if plain and few else ()


def _axis(fitted: Fitted, i: int) -> np.ndarray:
    """From the least to the largest value in training, and a margin."""
    column = fitted.preprocessing.columns[i]  # pyright: ignore[reportAttributeAccessIssue] - of a table, see above
    card = next(card for card in fitted.summary["card"]["columns"] if card["name"] == column.name)
    room = MARGIN * (card["max"] - card["min"])
    return np.linspace(card["min"] - room, card["max"] + room, GRID)


def _points(fitted: Fitted) -> tuple[np.ndarray, np.ndarray]:
    """The test rows in the units of the columns (N, 2), and their classes or numbers."""
    columns = fitted.preprocessing.columns  # pyright: ignore[reportAttributeAccessIssue] - of a table, see above
    z = fitted.tested.get("x", np.zeros((0, 2)))
    mean, std = (np.array([getattr(column, name) for column in columns]) for name in ("mean", "std"))
    return z * std + mean, fitted.tested.get("y", np.zeros(0))


def _clouds(fitted: Fitted) -> list[Series]:
    x, y = _points(fitted)
    names = fitted.preprocessing.target.classes
    kinds = [(k, y == k) for k in range(len(names))]
    return [
        Series("points", x[own, 0], x[own, 1], label=elide(names[k], 24), colour=k) for k, own in kinds if own.any()
    ]


def _two(fitted: Fitted, names: list[str], axes: list[np.ndarray], p: np.ndarray) -> Figure:
    positive = fitted.preprocessing.target.classes[1]
    shade = Series("contour", axes[0], axes[1], p, label=f"probability of {positive}")
    says = (
        f"Shade: the probability of {positive}, from {number(p.min(), 2)} to {number(p.max(), 2)}; at 0.5 the decision "
        "changes. Points: the test rows by their true class."
    )
    return Figure(f"Probability of {positive}", [shade, *_clouds(fitted)], names[0], names[1], summary=says)


def _many(fitted: Fitted, names: list[str], axes: list[np.ndarray], p: np.ndarray) -> Figure:
    code = p.argmax(axis=-1)
    shares = np.bincount(code.ravel(), minlength=p.shape[-1]) / code.size
    classes = fitted.preprocessing.target.classes
    told = ", ".join(f"{name} {100 * share:.0f} %" for name, share in zip(classes, shares, strict=True))
    says = f"Shade: the most probable class; of the plane shown: {told}. Points: the test rows by their true class."
    return Figure(
        "Decision regions",
        [Series("regions", axes[0], axes[1], code), *_clouds(fitted)],
        names[0],
        names[1],
        summary=says,
    )


def _number(fitted: Fitted, names: list[str], axes: list[np.ndarray], z: np.ndarray) -> Figure:
    x, _ = _points(fitted)
    target = fitted.preprocessing.target.name
    shade = Series("contour", axes[0], axes[1], z, label=f"predicted {target}")
    cloud = [Series("points", x[:, 0], x[:, 1], label="test rows", colour=1)] if len(x) else []
    says = f"Shade: the predicted {target}, from {number(z.min(), 3)} to {number(z.max(), 3)}. Points: the test rows."
    return Figure(f"Predicted {target}", [shade, *cloud], names[0], names[1], summary=says)
