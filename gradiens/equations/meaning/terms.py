"""Terms: what a part of a text means, with sizes that may still be unknown; `ground` makes the tree of a term.

A term has a `shape` of `Size`s and, inside sums and index notation, an `index`: named axes that stand before the others.
`A_{ij}` is the matrix A whose two axes have the names i and j. An entrywise operation lines up axes by name; a sum over k
takes the axis k away; `[…]_{ij}` turns names into places again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gradiens.equations.meaning.sizes import Size, positive
from gradiens.equations.text.syntax import NOWHERE, Place
from gradiens.equations.tree.expression import Expr, Kind, Role, Symbol, number, symbol
from gradiens.equations.tree.operations import apply

Shape = tuple[Size, ...]


@dataclass(eq=False)
class Index:
    """A letter that runs over the places of an axis."""

    name: str
    size: Size
    first: int = 0  # the number of its first place, where it is used as a number


@dataclass(eq=False)
class Meant:
    """What a name stands for that the text does not define: its rank may be decided by its first use."""

    name: str
    role: Role
    shape: Shape | None = None
    kind: Kind | None = None
    at: Place = NOWHERE

    def symbol(self) -> Symbol:
        """The symbol, when the sizes are known."""
        return symbol(self.name, tuple(map(positive, self.shape or ())), self.kind or "real", self.role)


@dataclass(eq=False)
class Term:
    """A part of a text: its axes, its kind of number, its place, and how its tree is made of the trees below."""

    axes: Shape | None
    kind: Kind
    make: Callable[[Ground], Expr]
    at: Place
    index: tuple[Index, ...] = ()
    row: bool = False  # a vector that stands as a row: xᵀ
    meant: Meant | None = None
    value: float | int | None = None  # a number as written
    wild: bool = False  # 𝟏, as large as its place asks for
    inverse_of: Term | None = None  # A of A⁻¹

    @property
    def shape(self) -> Shape:
        """The sizes of the axes without names."""
        found = self.meant.shape if self.meant is not None else self.axes
        assert found is not None
        return found

    @property
    def settled(self) -> bool:
        """Is the rank known?"""
        return self.meant is None or self.meant.shape is not None

    @property
    def total(self) -> Shape:
        """All sizes: those of the named axes first."""
        return (*(one.size for one in self.index), *self.shape)

    @property
    def scalar(self) -> bool:
        """Has it no axes without names?"""
        return not self.shape


@dataclass
class Ground:
    """Makes trees of terms, each term once, when all sizes are known."""

    memo: dict[Term, Expr] = field(default_factory=dict)

    def __call__(self, term: Term) -> Expr:
        """The tree of a term."""
        if term not in self.memo:
            self.memo[term] = term.make(self)
        return self.memo[term]

    def shape(self, sizes: Sequence[Size]) -> tuple[int, ...]:
        """The numbers of sizes."""
        return tuple(map(positive, sizes))


def of_number(value: float | int, at: Place) -> Term:
    """A number as written."""
    kind: Kind = "integer" if isinstance(value, int) else "real"
    return Term((), kind, lambda ground: number(value), at, value=value)


def of_meant(meant: Meant, at: Place) -> Term:
    """A use of a name."""
    return Term(None, meant.kind or "real", lambda ground: meant.symbol(), at, meant=meant)


def operation(op: str, args: Sequence[Term], axes: Shape, kind: Kind, at: Place, /, **params: Any) -> Term:
    """An operation on whole arrays; a parameter that is a `Size`, or a tuple of them, is a number in the tree."""

    def make(ground: Ground) -> Expr:
        return apply(
            op, *(ground(arg) for arg in args), **{name: _settled(ground, value) for name, value in params.items()}
        )

    return Term(axes, kind, make, at)


def _settled(ground: Ground, value: Any) -> Any:
    if isinstance(value, Size):
        return positive(value)
    if isinstance(value, tuple) and any(isinstance(item, Size) for item in value):
        return ground.shape([item if isinstance(item, Size) else Size(item) for item in value])
    return value


def union(terms: Sequence[Term]) -> tuple[Index, ...]:
    """The named axes of all terms, in the order in which they appear."""
    return tuple(dict.fromkeys(one for term in terms for one in term.index))


def aligned(term: Term, index: tuple[Index, ...], shape: Shape) -> Callable[[Ground], Expr]:
    """The tree of `term` laid out over the named axes `index` and the places `shape`; a number stays a number."""
    if (term.index == index and len(term.shape) == len(shape)) or not term.total:
        return lambda ground: ground(term)
    places = [index.index(one) for one in term.index]
    places += range(len(index) + len(shape) - len(term.shape), len(index) + len(shape))
    full = (*(one.size for one in index), *shape)

    def make(ground: Ground) -> Expr:
        return spread(ground(term), places, ground.shape(full))

    return make


def spread(expr: Expr, places: Sequence[int], full: tuple[int, ...]) -> Expr:
    """`expr` with its axes put to `places` of an array of the shape `full`, repeated along the others."""
    order = tuple(sorted(range(len(places)), key=lambda axis: places[axis]))
    if order != tuple(range(len(order))):
        expr = apply("transpose", expr, axes=order)
    if len(places) == len(full):
        return expr
    return apply("spread", expr, shape=full, axes=tuple(sorted(places)))


def entrywise(op: str, args: Sequence[Term], shape: Shape, kind: Kind, at: Place, **params: Any) -> Term:
    """An operation entry by entry, over the named axes of all operands; their shapes agree or are ()."""
    index = union(args)
    rows = any(arg.row for arg in args)
    whole = [aligned(arg, index, shape if arg.shape else ()) for arg in args]
    mixed = bool(index) and any(not arg.shape for arg in args) and bool(shape)
    if mixed:  # a number with a name beside an array: it is spread over the places too
        whole = [_widened(arg, index, shape) for arg in args]

    def make(ground: Ground) -> Expr:
        return apply(op, *(one(ground) for one in whole), **params)

    return Term(shape, kind, make, at, index, rows)


def _widened(term: Term, index: tuple[Index, ...], shape: Shape) -> Callable[[Ground], Expr]:
    if not term.total or term.shape:
        return aligned(term, index, shape)
    full = (*(one.size for one in index), *shape)
    places = [index.index(one) for one in term.index]
    return lambda ground: spread(ground(term), places, ground.shape(full))


def arranged(term: Term, letters: Sequence[Index]) -> Term:
    """`[term]_{ij}`: the named axes `letters` become the first places."""
    rest = tuple(one for one in term.index if one not in letters)
    order = (*rest, *letters)
    shape = (*(one.size for one in letters), *term.shape)
    whole = aligned(term, order, term.shape) if term.total else _filled(term, shape)
    return Term(shape, term.kind, whole, term.at, rest)


def _filled(term: Term, shape: Shape) -> Callable[[Ground], Expr]:
    return lambda ground: apply("fill", ground(term), shape=ground.shape(shape))


def reshaped(term: Term, shape: Shape, row: bool = False) -> Term:
    """The same entries in another shape."""
    full = (*(one.size for one in term.index), *shape)

    def make(ground: Ground) -> Expr:
        expr, wanted = ground(term), ground.shape(full)
        return expr if expr.shape == wanted else apply("reshape", expr, shape=wanted)

    return Term(shape, term.kind, make, term.at, term.index, row)


def as_real(term: Term) -> Term:
    """A whole number taken as a real one."""
    if term.kind != "integer":
        return term
    if term.value is not None:
        return of_number(float(term.value), term.at)
    return Term(term.shape, "real", lambda ground: apply("as_real", ground(term)), term.at, term.index, term.row)


def placed(term: Term, at: Place) -> Term:
    """The same term, said at another place."""
    return replace(term, at=at)
