"""Figures as data, with no drawing in them. A `Figure` is one chart; a `Series` is one thing to be seen in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from gradiens.core.check import Mistake, known
from gradiens.report.text import number

Kind = Literal["line", "points", "bars", "band", "heat", "contour", "regions", "picture"]
_GRIDS = ("heat", "contour", "regions")


@dataclass(frozen=True, eq=False)
class Series:
    """One thing in a chart.

    - line, points, bars: `y` (N,) over `x` (N,) of numbers or names; `x` left out is 0 … N-1
    - band: between `y` and `z` (N,) over `x` (N,)
    - heat, contour: `z` (rows, columns) of numbers over `x` (columns,) and `y` (rows,)
    - regions: the same with `z` class codes 0, 1, …
    - picture: `z` (rows, columns) of grey or (rows, columns, 3) of colours, bytes or numbers in [0, 1], the first row on top;
      a figure of pictures holds nothing else, and `label` stands beneath each

    `text` is written at each point or into each cell. `colour` is an index into the palette (default: the place in the
    figure; in regions the class code). A `guide` is a muted dashed line: a diagonal, a best step, a baseline.
    """

    kind: Kind
    x: Any = None
    y: Any = None
    z: Any = None
    label: str = ""
    text: Sequence[Any] = ()
    colour: int | None = None
    guide: bool = False

    def __post_init__(self) -> None:
        known("kind of series", self.kind, get_args(Kind))
        if self.kind == "picture":
            object.__setattr__(self, "z", _pixels(self.z))
            return
        if self.kind in _GRIDS:
            self._check_grid()
            return
        y = _array(self.y, 1, f"y of {self.kind} {self.label!r}")
        x = np.arange(len(y)) if self.x is None else _array(self.x, 1, f"x of {self.kind} {self.label!r}")
        if len(x) != len(y):
            raise Mistake(f"x and y of one length in {self.kind} {self.label!r}", f"{len(x)} and {len(y)}")
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", y)
        if self.kind == "band":
            upper = _array(self.z, 1, f"z of band {self.label!r}")
            if len(upper) != len(y):
                raise Mistake(f"y and z of one length in band {self.label!r}", f"{len(y)} and {len(upper)}")
            object.__setattr__(self, "z", upper)
        elif self.z is not None:
            raise Mistake(f"no z in {self.kind} {self.label!r}", type(self.z).__name__, "a label goes by name: label=…")

    def _check_grid(self) -> None:
        z = _array(self.z, 2, f"z of {self.kind} {self.label!r}")
        x = np.arange(z.shape[1]) if self.x is None else _array(self.x, 1, f"x of {self.kind}")
        y = np.arange(z.shape[0]) if self.y is None else _array(self.y, 1, f"y of {self.kind}")
        if z.shape != (len(y), len(x)):
            raise Mistake(f"z of shape {(len(y), len(x))} in {self.kind} {self.label!r}", z.shape)
        for name, value in (("x", x), ("y", y), ("z", z)):
            object.__setattr__(self, name, value)


def _pixels(z: Any) -> np.ndarray:
    """Bytes, grey or in colours."""
    z = np.asarray(z)
    if z.ndim not in (2, 3) or (z.ndim == 3 and z.shape[2] != 3) or not z.size:
        raise Mistake("z of shape (rows, columns) or (rows, columns, 3) in a picture", f"shape {z.shape}")
    return z if z.dtype == np.uint8 else np.rint(255 * np.clip(z.astype(np.float64), 0, 1)).astype(np.uint8)


def _array(value: Any, rank: int, what: str) -> np.ndarray:
    array = np.asarray(value)
    if array.ndim != rank:
        raise Mistake(f"{what} of rank {rank}", "nothing" if value is None else f"shape {array.shape}")
    return array if array.dtype.kind in "biufU" else _numbers_or_names(array)


def _numbers_or_names(array: np.ndarray) -> np.ndarray:
    """None and the like become NaN; what is no number becomes text."""
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError):
        return array.astype(str)


@dataclass(frozen=True, eq=False)
class Figure:
    """One chart: a title, its series, the names of the axes, and a sentence that says what is to be seen.

    `square` gives both axes one scale on the screen's square; an empty `summary` is made from the series.
    """

    title: str
    series: Sequence[Series]
    x: str = ""
    y: str = ""
    log_x: bool = False
    log_y: bool = False
    square: bool = False
    summary: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "series", tuple(self.series))
        kinds = {series.kind for series in self.series}
        if "picture" in kinds and len(kinds) > 1:
            raise Mistake("a figure of pictures alone", f"pictures beside {', '.join(sorted(kinds - {'picture'}))}")

    def says(self) -> str:
        """The summary, given or made: the text that stands for the chart."""
        return self.summary or " ".join(filter(None, map(_says, self.series))) or "No data."


def _says(series: Series) -> str:
    """One sentence on one series; guides need none."""
    if series.guide:
        return ""
    name = series.label or series.kind
    if series.kind == "picture":
        return f"{name}: {series.z.shape[0]} × {series.z.shape[1]} pixels."
    if series.kind in _GRIDS:
        rows, columns = series.z.shape
        kinds = f"{len(np.unique(series.z))} classes" if series.kind == "regions" else _range(series.z)
        return f"{name}: a grid of {rows} by {columns}, {kinds}."
    if series.y.dtype.kind == "U":
        return f"{name}: {len(series.y)} points."
    if series.kind == "points":
        return f"{name}: {len(series.y)} points, {_range(series.y)}."
    if series.kind == "line":
        y = series.y[np.isfinite(series.y)]
        ends = f"from {number(y[0])} to {number(y[-1])}; " if len(y) > 1 else ""
        return f"{name}: {ends}{_range(series.y)}."
    both = np.concatenate([series.y, series.z]) if series.kind == "band" else series.y
    return f"{name}: {len(series.y)} values, {_range(both)}."


def _range(values: np.ndarray) -> str:
    values = values[np.isfinite(values)]
    return f"least {number(values.min())}, largest {number(values.max())}" if values.size else "no finite value"
