"""Operations without a sign of their own are drawn as calls with named settings: `maxpool_{size=2, stride=2}(a)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradiens.equations.boxes.notation import SPACE, Box, Digits, Script, Sign, Word, listed, paren, row
from gradiens.equations.tree.expression import Apply, Expr
from gradiens.equations.tree.layout import ATOM, Draw, Drawn, Layout

Settings = Callable[[Apply], Mapping[str, Any]]


def value_box(value: Any) -> Box:
    """The value of a setting: a number, a word, `yes` or `no`, several of them in brackets."""
    if isinstance(value, tuple):
        return value_box(value[0]) if len(value) == 1 else paren(listed(*map(value_box, value)))
    if isinstance(value, bool):
        return Word("yes" if value else "no")
    return Word(value) if isinstance(value, str) else Digits(str(value))


def settings_box(settings: Mapping[str, Any]) -> Box:
    """`size=2, stride=(1, 2)`."""
    return listed(*(row(Word(name), Sign("=", True), value_box(value)) for name, value in settings.items()))


def own(expr: Apply) -> Mapping[str, Any]:
    """The parameters of a node that say something: not None, not False."""
    return {name: value for name, value in expr.params if value is not None and value is not False}


def call(name: str, settings: Settings = own) -> Draw:
    """The drawing `name_{setting=value, …}(args)`."""

    def draw(layout: Layout, expr: Apply, index: tuple[str, ...]) -> Drawn:
        shown = settings(expr)
        head: Box = Script(Word(name), settings_box(shown)) if shown else Word(name)
        return row(head, paren(listed(*(layout.box(arg) for arg in expr.operands)))), ATOM

    return draw


def operator(sign: str, left: Expr, right: Expr, settings: Mapping[str, Any], layout: Layout, level: int) -> Box:
    """`left ⋆_{stride=2} right`: the settings stand below the sign."""
    mark = Script(Sign(sign, True), settings_box(settings)) if settings else Sign(sign, True)
    boxes = [layout.box(arg, level) for arg in (left, right)]
    return row(boxes[0], SPACE, mark, SPACE, boxes[1])
