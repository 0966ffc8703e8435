"""Graphs of networks as figures: units as points, connections as lines; what flows goes from left to right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise, product

import numpy as np

from gradiens.core.check import Mistake
from gradiens.report.figure import Figure, Series

Place = tuple[float, float]


def edges(pairs: Iterable[tuple[Place, Place]], label: str = "connections") -> Series:
    """All connections as one line with gaps."""
    gap = (np.nan, np.nan)
    points = np.array([point for a, b in pairs for point in (a, b, gap)])
    return Series("line", points[:, 0], points[:, 1], label=label, guide=True)


def units(places: Sequence[Place], label: str, colour: int, text: Sequence[str] = ()) -> Series:
    """Units as points."""
    return Series("points", *np.array(places).T, label=label, colour=colour, text=text)


def feed_forward(sizes: Sequence[int], title: str = "A feed-forward network") -> Figure:
    """Layers of these sizes, each unit connected to all of the next layer."""
    if len(sizes) < 2 or min(sizes) < 1:
        raise Mistake("at least two layers of at least one unit", list(sizes))
    columns = [_column(layer, n) for layer, n in enumerate(sizes)]
    lines = edges(pair for one, other in pairwise(columns) for pair in product(one, other))
    names = ["input", *["hidden"] * (len(sizes) - 2), "output"]
    kinds = {name: [place for column, n in zip(columns, names) if n == name for place in column] for name in names}
    series = [units(places, name, colour) for colour, (name, places) in enumerate(kinds.items())]
    counts = "-".join(map(str, sizes))
    return Figure(
        title, [lines, *series], "layer", "", summary=f"Layers of {counts} units, each connected to all of the next."
    )


def convolutional(inputs: int, window: int, title: str = "A convolutional layer") -> Figure:
    """A row of inputs; each unit sees `window` neighbours, and all use the same weights."""
    if not 1 <= window <= inputs:
        raise Mistake(f"a window between 1 and {inputs}", window)
    bottom, top = _column(0, inputs), _column(1, inputs - window + 1)
    shared = [
        edges(((bottom[i + j], top[i]) for i in range(len(top))), f"weight w{j + 1}, shared") for j in range(window)
    ]
    says = f"Each of {len(top)} units is connected to {window} neighbours among {inputs} inputs, by the same weights."
    return Figure(title, [*shared, units(bottom, "input", 0), units(top, "output", 1)], "layer", "", summary=says)


def recurrent(times: int, title: str = "A recurrent network, unrolled") -> Figure:
    """Inputs, states and outputs at times 1 … T; each state is connected to the one before."""
    if times < 1:
        raise Mistake("at least one time", times)
    x, h, y = ([(float(t), float(row)) for t in range(1, times + 1)] for row in (0, 1, 2))
    lines = [edges(zip(x, h), "W x"), edges(zip(h, y), "V h")]
    lines += [edges(pairwise(h), "U h, to the next time")] if times > 1 else []
    named = [units(row, name, colour) for colour, (name, row) in enumerate({"x": x, "h": h, "y": y}.items())]
    says = f"At each of {times} times the state h is made of the input x and of the state before; the output y of h."
    return Figure(title, [*lines, *named], "time", "", summary=says)


def _column(x: int, n: int) -> list[Place]:
    return [(float(x), float(i - (n - 1) / 2)) for i in range(n)]
