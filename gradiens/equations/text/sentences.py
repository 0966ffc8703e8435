"""Grammar to syntax, the statements: equations, declarations, ranges. One method for each rule of `grammar.lark`."""

from __future__ import annotations

from typing import Any

from gradiens.equations.text import syntax as s
from gradiens.equations.text.nesting import is_name
from gradiens.equations.text.parts import Parts, span, values
from gradiens.equations.text.pieces import Wrong


class Sentences:
    """The callbacks of the parser for statements."""

    def statements(self, parts: Parts) -> tuple[s.Syntax, ...]:
        """All of them, in order."""
        return values(parts)

    def equation(self, parts: Parts) -> s.Equation:
        """`left = right`."""
        left, _, right = parts
        _check_left(left)
        return s.Equation(span(parts), left, right)

    def suffix(self, parts: Parts) -> s.Range:
        """`t = 1..T` behind an equation."""
        index, _, first, *_, last = parts
        if not isinstance(index, s.Name):
            raise Wrong(index.at, "an index before = 1..T", "an expression", "write t = 1..T")
        return s.Range(span(parts), index.text, first, last, suffix=True)

    def header(self, parts: Parts) -> s.Range:
        """`for t = 1, …, T:`, `for k = 1, 2, … while c:`."""
        kinds = [getattr(part, "type", "") for part in parts]
        dots = kinds.index("RANGE")
        last = parts[dots + 1] if isinstance(parts[dots + 1], s.Syntax) else None
        condition = parts[kinds.index("WHILE") + 1] if "WHILE" in kinds else None
        return s.Range(span(parts), parts[1].value, parts[3], last, condition=condition)

    def declaration(self, parts: Parts) -> s.Declaration:
        """`names ∈ space`."""
        *names, space = values(parts)
        for name in names:
            if not is_name(name):
                raise Wrong(name.at, "a name before ∈", "an expression", "write W ∈ ℝ^(m×n)")
        assert isinstance(space, s.Space)
        return s.Declaration(span(parts), tuple(names), space)

    def field(self, parts: Parts) -> s.Space:
        """`ℝ^(m×n)`."""
        kinds: dict[str, Any] = {"ℝ": "ℝ", "ℤ": "ℤ", "ℂ": "ℂ"}
        return s.Space(span(parts), kinds.get(parts[0].value, "other"), _sizes(parts[1:]))

    def labels(self, parts: Parts) -> s.Space:
        """`{0, …, K-1}`; `{0, 1}` are truth values."""
        at, inside = span(parts), values(parts)
        sizes = _sizes([part for part in parts if isinstance(part, tuple)])
        dots = [place for place, one in enumerate(inside) if one == s.Name(at, "…")]
        before = inside[: dots[0]] if dots else inside
        counted = before == tuple(s.Num(at, number) for number in range(len(before)))
        if not before or not counted or dots not in ([], [len(inside) - 2]):
            raise Wrong(at, "labels that count from 0", "others", "write y ∈ {0, …, K-1} or {0, 1, 2}")
        if inside == (s.Num(at, 0), s.Num(at, 1)):
            return s.Space(at, "truth", sizes)
        return s.Space(at, "labels", sizes, _one_more(inside[-1]))


def _check_left(left: s.Syntax) -> None:
    if is_name(left) or (isinstance(left, s.Call) and is_name(left.head) and all(map(is_name, left.args))):
        return
    if isinstance(left, s.Num):
        raise Wrong(left.at, "a name on the left of =", "a number", "write ŷ = …")
    do = "write f(x) = …" if isinstance(left, s.Call) else "write ŷ = …"
    raise Wrong(left.at, "a name on the left of =", "an expression", do)


def _sizes(parts: Parts) -> tuple[s.Syntax, ...]:
    """The sizes above a space."""
    if not parts:
        return ()
    _, marks, powers, at = parts[0]
    if marks or len(powers) != 1 or powers[0][0] != "power":
        raise Wrong(at, "sizes like 64×n", "a mark", "write ℝ^(64×n)")
    value = powers[0][1]
    return value.items if isinstance(value, s.Times) else (value,)


def _one_more(last: s.Syntax) -> s.Syntax:
    """The number of labels 0, …, `last`."""
    if isinstance(last, s.Num) and isinstance(last.value, int):
        return s.Num(last.at, last.value + 1)
    one = s.Num(last.at, 1)
    if isinstance(last, s.Binary) and last.op == "sub" and last.right == one:
        return last.left
    return s.Binary(last.at, "add", last, one)
