"""The clause below equations: which space each symbol is from, how many classes a target has, the values of small constants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gradiens.equations.boxes.notation import SPACE, Box, Digits, Fence, Letter, Sign, listed, named, row
from gradiens.equations.boxes.numerals import constant
from gradiens.equations.printing.repeat import Layers
from gradiens.equations.tree.expression import Expr, Symbol, number
from gradiens.equations.tree.layout import Layout

_SHORT = 40  # characters of a constant array that is written out


def clause(
    symbols: Iterable[Symbol],
    limits: Mapping[Expr, int],
    constants: Mapping[Symbol, Any],
    layout: Layout,
    layers: Layers,
) -> list[Box]:
    """`W, V ∈ ℝ^{3×4}`, `y ∈ {0, …, 9}`, `K_1 = [1; 2]`: symbols that stand together and are alike are said together.
    Those of all layers come last, with the range of the layers.
    """
    groups: list[tuple[list[Box], Box]] = []
    ranged: dict[tuple[str, int, int], dict[Box, list[Box]]] = {}
    for one in symbols:
        value = written(constants.get(one), layout.flat)
        space = _space(one, limits, layout) if value is None else row(Sign("="), value)
        if one.name in layers:
            ranged.setdefault(layers[one.name], {}).setdefault(space, []).append(named(one.name))
        elif groups and groups[-1][1] == space and value is None:
            groups[-1][0].append(named(one.name))
        else:
            groups.append(([named(one.name)], space))
    boxes = [row(listed(*names), space) for names, space in groups]
    for (index, first, last), spaces in ranged.items():
        boxes += [row(listed(*names), space) for space, names in spaces.items()]
        boxes.append(row(Letter(index), Sign("="), listed(Digits(str(first)), Sign("…", True), Digits(str(last)))))
    return boxes


def _space(one: Symbol, limits: Mapping[Expr, int], layout: Layout) -> Box:
    return row(Sign("∈"), classes(limits[one], layout) if one in limits and not one.shape else layout.space(one))


def classes(count: int, layout: Layout) -> Box:
    """{0, …, 9}."""
    few = [Digits(str(value)) for value in range(count)] if count <= 3 and count not in layout.sizes else None
    last = row(layout.size(count), Sign("-"), Digits("1")) if count in layout.sizes else Digits(str(count - 1))
    inside = few or [Digits("0"), Sign("…", True), last]
    return row(Sign("{", True), listed(*inside), Sign("}", True))


def written(value: Any, flat: bool) -> Box | None:
    """A constant vector or matrix as its entries, `[1, 2; 3, 4]`, if they are few and short."""
    array = np.asarray(value) if value is not None else np.zeros(0)
    if array.dtype.kind not in "bif" or array.ndim not in (1, 2) or not 0 < array.size <= 16:
        return None
    lines: Any = (array if array.ndim == 2 else array[:, None]).tolist()
    if sum(len(repr(entry)) + 2 for line in lines for entry in line) > _SHORT:
        return None
    parts: list[Box] = []
    for line in lines:
        entries = listed(*(constant(number(entry).value, flat)[0] for entry in line))
        parts += [Sign(";", True), SPACE, entries] if parts else [entries]
    return Fence("[", row(*parts), "]")
