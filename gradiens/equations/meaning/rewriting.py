"""Times written as subscripts, `h_t = tanh(W h_{t-1} + U x_t)`, read as the times they are: `h⟨t⟩`, `h⟨t-1⟩`, `x⟨t⟩`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gradiens.equations.text import syntax as s

_LAYERS = ("l", "ℓ")  # the index of layers: W_l is a matrix of its own, not a row of W


def rewritten(node: Any, change: Callable[[s.Syntax], s.Syntax]) -> Any:
    """A syntax tree with `change` applied to each part, from the leaves up."""
    if isinstance(node, tuple):
        return tuple(rewritten(item, change) for item in node)
    if not isinstance(node, s.Syntax):
        return node
    fields = {one.name: getattr(node, one.name) for one in dataclasses.fields(node)}
    new = {name: rewritten(value, change) for name, value in fields.items() if name != "at"}
    same = all(new[name] is fields[name] or new[name] == fields[name] for name in new)
    return change(node if same else dataclasses.replace(node, **new))


def parts(node: Any) -> Iterable[s.Syntax]:
    """Every part of a syntax tree."""
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, tuple):
            stack.extend(one)
        elif isinstance(one, s.Syntax):
            yield one
            stack.extend(getattr(one, field.name) for field in dataclasses.fields(one) if field.name != "at")


def shift_of(index: s.Syntax | None, letter: str) -> int | None:
    """The k of `t + k`; None if it is not a time of that letter."""
    if isinstance(index, s.Name):
        return 0 if index.text == letter else None
    if isinstance(index, s.Binary) and index.op in ("add", "sub") and isinstance(index.right, s.Num):
        if not isinstance(index.left, s.Name) or index.left.text != letter:
            return None
        return int(index.right.value) * (1 if index.op == "add" else -1)
    return None


def timed(statements: Sequence[s.Statement]) -> Sequence[s.Statement]:
    """The statements with subscripts that are times as times."""
    ranges = {one.index for one in statements if isinstance(one, s.Range)}
    defined: dict[str, set[s.Syntax]] = {}
    for one in statements:
        left = one.left if isinstance(one, s.Equation) else None
        if isinstance(left, s.Sub) and len(left.items) == 1 and isinstance(left.items[0], s.Name):
            letter = left.items[0].text
            back = letter in ranges and letter not in _LAYERS and _looks_back(one, left.base, letter)
            if letter == "t" or back:
                defined.setdefault(letter, set()).add(left.base)
    if not defined:
        return statements
    return [rewritten(one, lambda part: _as_time(part, defined)) for one in statements]


def _looks_back(equation: s.Statement, base: s.Syntax, letter: str) -> bool:
    """Does the right side use the name itself at another time?"""
    return any(
        isinstance(part, s.Sub) and part.base == base and len(part.items) == 1 and shift_of(part.items[0], letter)
        for part in parts(equation)
    )


def _as_time(part: s.Syntax, defined: dict[str, set[s.Syntax]]) -> s.Syntax:
    if not isinstance(part, s.Sub) or len(part.items) != 1:
        return part
    item = part.items[0]
    for letter, bases in defined.items():
        inside = shift_of(item, letter) is not None
        ends = part.base in bases and (
            isinstance(item, s.Num) or (isinstance(item, s.Name) and item.text == letter.upper())
        )
        if inside or ends:
            return s.Mark(part.at, part.base, "time", item)
    return part
