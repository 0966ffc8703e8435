"""The scripts of a name in one order, whatever the order they are written in, and names as text.

`W_{q}^{[2]}` and `W^{[2]}_q` are one tree. Inside are primes and marks, then subscripts and times as written, outside powers
and ᵀ: `x²_i` is (x_i)², and `Wᵀ_{ij}` is `W_{ij}ᵀ`, an entry of the transpose.
"""

from __future__ import annotations

from typing import Any

from gradiens.equations.text import syntax as s
from gradiens.equations.text.parts import Parts, Script, span, values
from gradiens.equations.text.pieces import Wrong

_MARKS: dict[str, Any] = {"LAYER_OPEN": "layer", "EXAMPLE_OPEN": "example", "LTIME": "time"}
_SIGNS = {"add": "+", "sub": "-", "le": "≤", "lt": "<", "ge": "≥", "gt": ">", "ne": "≠", "eq": "="}


class Scripts:
    """The callbacks of the parser for scripts, one for each rule of `grammar.lark`."""

    def mark(self, parts: Parts) -> Script:
        """`'`, `[l]`, `(i)`, `⟨t⟩`."""
        items, at = values(parts), span(parts)
        if not items:
            return "mark", "prime", None, at
        index = items[0] if len(items) == 1 else s.Group(at, items)
        return "mark", _MARKS[parts[0].value], index, at

    def sub(self, parts: Parts) -> Script:
        """`_{i, j+1}`: a run of letters is one name, letters and digits beside each other are parts of their own."""
        items = tuple(item for place in values(parts) for item in _run(place))
        if len(items) > 1 and all(isinstance(item, s.Name) and len(item.text) == 1 for item in items):
            items = (s.Name(span(list(items)), "".join(map(spelled, items))),)
        listed = any(getattr(part, "type", "") == "COMMA" for part in parts)
        return "sub", items, (", " if listed else "").join(map(spelled, items)), span(parts)

    def sup(self, parts: Parts) -> Script:
        """`^{[1]⊤}`: its marks, and its power and transpose."""
        powers = [("power", part) for part in parts if isinstance(part, s.Syntax)]
        powers += [part for part in parts if isinstance(part, tuple) and part[0] == "entrywise"]
        powers += [("transpose", None) for part in parts if getattr(part, "type", "") == "TRANSPOSE"]
        marks = [part for part in parts if isinstance(part, tuple) and part[0] == "mark"]
        if not (marks or powers):
            raise Wrong(span(parts), "a superscript", "empty brackets", "write x^2")
        return "sup", marks, powers, span(parts)

    def entrywise(self, parts: Parts) -> tuple[str, s.Syntax]:
        """`∘2` above."""
        return "entrywise", parts[1]

    def slice(self, parts: Parts) -> s.Slice:
        """`2:5`, `:`, `71:`, `::2`."""
        ends: list[Any] = [None]
        for part in parts:
            if isinstance(part, s.Syntax):
                ends[-1] = part
            else:
                ends.append(None)
        if len(ends) > 3:
            raise Wrong(span(parts), "a slice start:stop:step", "more colons", "write x_{2:5}")
        return s.Slice(span(parts), *ends)


def _run(place: s.Syntax) -> tuple[s.Syntax, ...]:
    """The parts of one place in a subscript: `q1`, `i' j`; `size=2` is a setting."""
    if isinstance(place, s.Binary) and place.op == "eq" and isinstance(place.left, s.Name):
        return (s.Setting(place.at, place.left.text, place.right),)
    if isinstance(place, s.Product) and set(place.signs) == {""} and not isinstance(place.factors[0], s.Num):
        return place.factors
    return (place,)


def stacked(base: s.Syntax, scripts: list[Script]) -> s.Syntax:
    """`base` with its scripts: ("sub", items, text, place), ("sup", marks, powers, place), ("mark", kind, index, place)."""
    marks = [one for script in scripts for one in (script[1] if script[0] == "sup" else [script]) if one[0] != "sub"]
    inner = [one for kinds in (("prime",), ("layer", "example")) for one in marks if one[1] in kinds]
    middle = [one for script in scripts for one in (script[1] if script[0] == "sup" else [script])]
    middle = [one for one in middle if one[0] == "sub" or one[1] == "time"]
    powers = [(*pair, script[3]) for script in scripts if script[0] == "sup" for pair in script[2]]
    found = _founded(base, scripts)
    for one in [*inner, *middle]:
        at = s.Place(found.at.start, max(found.at.stop, one[3].stop))
        found = s.Sub(at, found, one[1], one[2]) if one[0] == "sub" else s.Mark(at, found, one[1], one[2])
    if sum(kind != "transpose" for kind, _, _ in powers) > 1:
        raise Wrong(powers[-1][2], "one power", "a power of a power", "write (x^2)^3 or x^(2^3)")
    for kind, value, place in powers:
        at = s.Place(found.at.start, max(found.at.stop, place.stop))
        found = s.Transposed(at, found) if kind == "transpose" else s.Power(at, found, value, kind == "entrywise")
    return found


def _founded(base: s.Syntax, scripts: list[Script]) -> s.Syntax:
    """Numbers carry no scripts but powers; `1_{n×m}` is 𝟏, `0_{n×m}` zeros."""
    if not isinstance(base, s.Num):
        return base
    sub = any(script[0] == "sub" for script in scripts)
    if sub and base.value == 1:
        return s.Ones(base.at)
    for script in scripts:
        if script[0] == "mark" or (script[0] == "sub" and base.value != 0) or (script[0] == "sup" and script[1]):
            raise Wrong(script[3], "a name before a script", "a number", "write x_1, or 2 · x")
    return base


def is_name(part: s.Syntax) -> bool:
    """Is it a name with scripts, like `W_{q}^{[2]}` or σ²?"""
    while isinstance(part, s.Sub | s.Mark) or (isinstance(part, s.Power) and isinstance(part.exponent, s.Num)):
        part = part.base
    return isinstance(part, s.Name)


def symbol_name(part: s.Syntax) -> str:
    """A name as text: base, primes, what is below, what is above, times; `W_{q}^{[2]}`, `v'`, `h⟨t⟩`."""
    found = {"prime": "", "below": "", "above": "", "time": ""}
    while isinstance(part, s.Sub | s.Power | s.Mark):
        where, text = _written(part)
        found[where] = text + found[where]
        part = part.base
    assert isinstance(part, s.Name)
    below, above = (
        f"{mark}{{{found[where]}}}" if found[where] else "" for mark, where in (("_", "below"), ("^", "above"))
    )
    return part.text + found["prime"] + below + above + found["time"]


def _written(script: s.Sub | s.Power | s.Mark) -> tuple[str, str]:
    """Where a script stands, and its text."""
    if isinstance(script, s.Sub):
        return "below", script.text
    if isinstance(script, s.Power):
        return "above", spelled(script.exponent)
    if script.index is None:
        return "prime", "'"
    left, right = {"layer": "[]", "example": "()", "time": "⟨⟩"}[script.kind]
    items = script.index.items if isinstance(script.index, s.Group) else (script.index,)
    return "time" if script.kind == "time" else "above", f"{left}{','.join(map(spelled, items))}{right}"


def spelled(part: s.Syntax | None) -> str:
    """A part of a subscript as canonical text: `t-1`, `stride=2`, `(1, 2)`, `2:5`."""
    if part is None:
        return ""
    if isinstance(part, s.Num):
        return str(part.value)
    if isinstance(part, s.Setting):
        return f"{part.name}={spelled(part.value)}"
    if isinstance(part, s.Slice):
        step = f":{spelled(part.step)}" if part.step is not None else ""
        return f"{spelled(part.start)}:{spelled(part.stop)}{step}"
    if isinstance(part, s.Group):
        return f"({', '.join(map(spelled, part.items))})"
    if isinstance(part, s.Binary) and part.op in _SIGNS:
        return f"{spelled(part.left)}{_SIGNS[part.op]}{spelled(part.right)}"
    if isinstance(part, s.Call):
        return f"{spelled(part.head)}({', '.join(map(spelled, part.args))})"
    if isinstance(part, s.Unary):
        return f"-{spelled(part.body)}"
    if isinstance(part, s.Product):
        return " ".join(map(spelled, part.factors))
    if isinstance(part, s.Times):
        return "×".join(map(spelled, part.items))
    return symbol_name(part) if is_name(part) else type(part).__name__.lower()
