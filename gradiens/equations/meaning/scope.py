"""What the names of a text stand for: what it declares, defines, is given; and in a model, its parameters.

The rank of a name that nothing declares is decided where it is first used: in a sum it is that of the other side; else a
capital is a matrix, a small letter a vector, a small Greek letter a number.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from gradiens.equations.meaning.sizes import Contradiction, Size, Sizes, unknown
from gradiens.equations.meaning.terms import Index, Meant, Term, of_meant, placed
from gradiens.equations.text import syntax as s
from gradiens.equations.text.faults import fault
from gradiens.equations.tree.expression import Kind, Role
from gradiens.equations.tree.operations import TABLE

_NAMES = re.compile(r"[^\W\d_]\w*'*(?:[_^]\{[^{}]*\})+")
_INPUTS = ("x", "X", "y", "Y")
_NAME = re.compile(r"(?P<base>[A-Za-z]{2,}(?:_[A-Za-z0-9]+)+|[^_^'⟨]+)(?P<rest>.*)$")
_PART = re.compile(r"_(\{[^{}]*\}|[^{}])|\^(\{[^{}]*\}|[^{}])|('+)|(⟨[^⟩]*⟩)")


def _as_printed(name: re.Match[str]) -> str:
    from gradiens.equations.boxes.notation import named
    from gradiens.equations.boxes.unicode import unicode

    return unicode(named(name[0]))


def canonical(name: str) -> str:
    """A name in one order of its scripts: base, primes, _{below}, ^{above}, ⟨time⟩; so in `f(x, y)` and `∂C/∂W`."""
    if name.endswith(")") and "(" in name and "^{(" not in name:
        head, args = name[:-1].split("(", 1)
        return f"{canonical(head)}({', '.join(canonical(arg.strip()) for arg in args.split(','))})"
    if name.startswith("∂") and "/" in name:
        return "/".join("∂" + canonical(part.removeprefix("∂")) for part in name.split("/", 1))
    found = _NAME.match(unicodedata.normalize("NFC", name))
    if found is None:
        return name
    base = found["base"].rstrip("0123456789") or found["base"]
    below, above, primes, time = found["base"].removeprefix(base), "", "", ""  # rk4 is rk_4
    for low, high, prime, at in _PART.findall(found["rest"]):
        below += ("_" if below and low else "") + low.strip("{}")
        above += high.strip("{}")
        primes += prime
        time += at
    scripts = (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "") + time
    return base + primes + scripts.replace(" ", "")


@dataclass(eq=False)
class Scope:
    """The names of one text, and the text itself for messages."""

    text: str
    sizes: Sizes
    model: bool  # what is not declared is a parameter
    meant: dict[str, Meant] = field(default_factory=dict)
    defined: dict[str, Term] = field(default_factory=dict)
    pending: dict[str, Callable[[], None]] = field(default_factory=dict)  # defined by equations not yet read
    indices: dict[str, Index] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)  # the l of W^[l] while its layer is read
    times: dict[str, Any] = field(default_factory=dict)  # the loop whose step t is read, by the letter t
    loops: dict[str, Any] = field(default_factory=dict)  # the loop that defines a name
    programs: Mapping[str, list[Any]] = field(default_factory=dict)  # operators that are known by name only
    functions: dict[str, s.Equation] = field(default_factory=dict)  # f(x) = …, by the text
    inside: list[str] = field(default_factory=list)  # the definitions that are being read
    fresh: set[str] = field(default_factory=set)  # parameters that nothing declares

    def fail(self, at: s.Place, expected: str, got: str, do: str = "") -> NoReturn:
        """One message with a caret under the place; names are written as they are printed."""
        raise fault(self.text, at, *(_NAMES.sub(_as_printed, part) for part in (expected, got, do)))

    def equal(self, a: Size, b: Size, at: s.Place, rule: str) -> None:
        """The sizes a and b agree; if not, both are named with the rules that gave them."""
        try:
            self.sizes.equal(a, b)
        except Contradiction as error:
            one, other = error.sizes
            told = " and ".join(f"{size}" + (f" ({size.why})" if size.why else "") for size in (one, other))
            self.fail(at, f"equal sizes in {rule}", told, "change a declaration, or transpose")

    def key(self, name: s.Syntax) -> str | None:
        """The canonical name that a syntax spells, if it spells one."""
        spelled = _spelled(self, name)
        return None if spelled is None else canonical(spelled)

    def knows(self, key: str) -> bool:
        """Is the name declared, defined, given, or an input of a model?"""
        return key in self.defined or key in self.pending or key in self.meant or (self.model and key in _INPUTS)

    def use(self, key: str, at: s.Place) -> Term:
        """What the name stands for; its own equation is read first if need be."""
        if key in self.pending:
            if key in self.inside:
                self.fail(at, "definitions that do not go in a circle", " → ".join([*self.inside, key]))
            self.inside.append(key)
            self.pending[key]()
            self.inside.pop()
            self.pending.pop(key, None)
        if key in self.defined:
            return placed(self.defined[key], at)
        if key not in self.meant:
            self.meant[key] = Meant(key, "input", at=at)
        return of_meant(self.meant[key], at)

    def new(self, key: str, at: s.Place, shape: tuple[Size, ...] | None = None) -> Term:
        """A name that is used and not defined: a parameter of a model, a mistake elsewhere."""
        plain = re.sub(r"[_^'⟨].*", "", key)
        if not self.model or (len(plain) > 1 and plain.isascii() and "_" not in plain):
            self.unknown(key, plain, at)
        role: Role = "parameter"
        self.meant[key] = Meant(key, role, shape, "real", at)
        self.fresh.add(key)
        return of_meant(self.meant[key], at)

    def unknown(self, key: str, plain: str, at: s.Place) -> NoReturn:
        """Say that a name is not known, and which one may have been meant."""
        from gradiens.equations.meaning.named import FUNCTIONS

        known = [*self.defined, *self.pending, *self.meant, *FUNCTIONS, *TABLE]
        near = difflib.get_close_matches(key, known, 1, 0.7)
        do = f"did you mean {near[0]}?" if near else ""
        if not near and len(plain) > 1 and plain.isascii():
            do = f"write {' '.join(plain)} for a product, or declare {key} ∈ ℝ"
        self.fail(at, "a symbol that is declared or defined", key, do or f"declare it: {key} ∈ ℝ^n")

    def settle(self, term: Term, rank: int | None = None) -> Term:
        """Decide the rank of a name at its first use."""
        if term.settled:
            return term
        meant = term.meant
        assert meant is not None
        if rank is None:
            rank = usual_rank(meant.name)
        rows = ("rows", "columns", "third axis", "fourth axis") if rank > 1 else ("entries",)
        meant.shape = tuple(unknown("", f"{rows[min(axis, 3)]} of {meant.name}") for axis in range(rank))
        return term

    def kind(self, term: Term, kind: Kind) -> Term:
        """Decide the kind of number of a name at its first use."""
        if term.meant is not None and term.meant.kind is None:
            term.meant.kind = kind
        if term.meant is not None:
            term.kind = term.meant.kind or kind
        return term

    def index(self, letter: str) -> Index | None:
        """The index of that letter in the sums around."""
        return self.indices.get(letter)

    def whole(self, expr: s.Syntax | None) -> int | None:
        """The whole number that a syntax is, counters and sizes included."""
        size = self.size(expr) if expr is not None else None
        return None if size is None else size.known

    def size(self, expr: s.Syntax) -> Size | None:
        """A size as written: 64, n, 2n + m; None if it is none."""
        if isinstance(expr, s.Fence) and expr.kind == "paren":
            return self.size(expr.body)
        if isinstance(expr, s.Num):
            return Size(expr.value, why=f"{expr.value} is written") if isinstance(expr.value, int) else None
        if isinstance(expr, s.Binary) and expr.op in ("add", "sub"):
            a, b = self.size(expr.left), self.size(expr.right)
            return None if a is None or b is None else (a + b if expr.op == "add" else a - b)
        if isinstance(expr, s.Product | s.Times):
            return self._product_size(expr)
        key = self.key(expr)
        if key is None:
            return None
        return Size(self.counters[key]) if key in self.counters else self.sizes.name(key)

    def _product_size(self, expr: s.Product | s.Times) -> Size | None:
        total = Size(1)
        for factor in expr.factors if isinstance(expr, s.Product) else expr.items:
            size = self.size(factor)
            if size is None or (total.known is None and size.known is None):
                return None
            total = size.times(total.known) if total.known is not None else total.times(size.known or 0)
        return total


def usual_rank(name: str) -> int:
    """A capital is a matrix, a small letter a vector, a small Greek letter a number."""
    letter = unicodedata.normalize("NFD", name)[0]
    if letter.isupper():
        return 2
    return 0 if "α" <= letter <= "ω" else 1


def _spelled(scope: Scope, name: s.Syntax) -> str | None:
    if isinstance(name, s.Name):
        return name.text
    if isinstance(name, s.Sub):
        if (
            any(isinstance(item, s.Slice | s.Setting | s.Binary | s.Group) for item in name.items)
            and not scope.counters
        ):
            return None  # a part of an array
        base = _spelled(scope, name.base)
        below = name.text
        if len(name.items) == 1 and scope.counters and scope.whole(name.items[0]) is not None:
            below = str(scope.whole(name.items[0]))  # W_l while layer l is read
        return None if base is None else f"{base}_{{{below.strip('{}')}}}"
    if isinstance(name, s.Mark):
        return _marked(scope, name)
    if isinstance(name, s.Power) and isinstance(name.exponent, s.Num) and not name.entrywise:
        base = _spelled(scope, name.base)
        return None if base is None else f"{base}^{{{name.exponent.value}}}"
    return None


def _marked(scope: Scope, name: s.Mark) -> str | None:
    base = _spelled(scope, name.base)
    if base is None or name.kind == "prime":
        return None if base is None else base + "'"
    assert name.index is not None
    at = written(scope, name.index)
    left, right = {"layer": "[]", "example": "()", "time": "⟨⟩"}[name.kind]
    return f"{base}{left}{at}{right}" if name.kind == "time" else f"{base}^{{{left}{at}{right}}}"


def written(scope: Scope, index: s.Syntax) -> str:
    """The index of a mark as text: a number where it is known."""
    if isinstance(index, s.Num):
        return str(index.value)
    key = scope.key(index)
    if key is not None:
        return str(scope.counters.get(key, key))
    if isinstance(index, s.Binary) and index.op in ("add", "sub"):
        value = scope.whole(index) if scope.counters else None
        if value is not None:
            return str(value)
        sign = "+" if index.op == "add" else "-"
        return f"{written(scope, index.left)}{sign}{written(scope, index.right)}"
    if isinstance(index, s.Group):
        return ",".join(written(scope, item) for item in index.items)
    return "?"
