"""What a text says before it is known what its names mean: the tree that the grammar gives, each part with its place.

Here `x_i` is a name with a subscript; whether `i` is an index, a position or part of the name is decided by `elaborate`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Place:
    """Where in the text: the characters `start` to `stop`, `stop` not included."""

    start: int
    stop: int


NOWHERE = Place(0, 0)


@dataclass(frozen=True)
class Syntax:
    """A part of a text. Places do not count when two are compared."""

    at: Place = field(compare=False, repr=False)


@dataclass(frozen=True)
class Num(Syntax):
    """A number as written: `2` is an int, `2.0` and `1e-3` floats; ½, π, ∞ too."""

    value: int | float


@dataclass(frozen=True)
class Name(Syntax):
    """A name without scripts: `W`, `ŷ`, `θ`, `learning_rate`; also a word that is a function."""

    text: str


@dataclass(frozen=True)
class Sub(Syntax):
    """`base_{items}`; `text` is the subscript as canonical text without braces (`i`, `1`, `q`, `stride=2, pad=1`)."""

    base: Syntax
    items: tuple[Syntax, ...]
    text: str


@dataclass(frozen=True)
class Mark(Syntax):
    """`base^{[l]}` (kind "layer"), `base^{(i)}` ("example"), `base⟨t⟩` ("time"), `base′` ("prime", no index)."""

    base: Syntax
    kind: Literal["layer", "example", "time", "prime"]
    index: Syntax | None = None


@dataclass(frozen=True)
class Power(Syntax):
    """`base^{exponent}`; `entrywise` for `X^{∘2}`."""

    base: Syntax
    exponent: Syntax
    entrywise: bool = False


@dataclass(frozen=True)
class Transposed(Syntax):
    """`baseᵀ`."""

    base: Syntax


@dataclass(frozen=True)
class Slice(Syntax):
    """`start:stop:step` in a subscript; None where nothing is written."""

    start: Syntax | None
    stop: Syntax | None
    step: Syntax | None = None


@dataclass(frozen=True)
class Setting(Syntax):
    """`name=value` in a subscript of a call."""

    name: str
    value: Syntax


@dataclass(frozen=True)
class Group(Syntax):
    """Several values in brackets: `(1, 2)` as the value of a setting."""

    items: tuple[Syntax, ...]


@dataclass(frozen=True)
class Times(Syntax):
    """`4×5` between sizes in a subscript or a superscript, and `a × b`."""

    items: tuple[Syntax, ...]


@dataclass(frozen=True)
class Word(Syntax):
    """A quoted or plain word as the value of a setting."""

    text: str


@dataclass(frozen=True)
class Unary(Syntax):
    """`-x` and `¬x`."""

    op: Literal["neg", "not"]
    body: Syntax


@dataclass(frozen=True)
class Binary(Syntax):
    """Two sides of an operator, by the name of its operation; `settings` of `⋆_{stride=2}`."""

    op: Literal["add", "sub", "odot", "otimes", "star", "lt", "le", "gt", "ge", "eq", "ne", "and", "or"]
    left: Syntax
    right: Syntax
    settings: tuple[Syntax, ...] = ()


@dataclass(frozen=True)
class Product(Syntax):
    """Factors side by side or joined by `·`, and quotients, from left to right: signs[k] stands before factors[k+1]."""

    factors: tuple[Syntax, ...]
    signs: tuple[Literal["", "·", "/"], ...]


@dataclass(frozen=True)
class Frac(Syntax):
    r"""`\frac{over}{under}`, whose extent is not in doubt."""

    over: Syntax
    under: Syntax


@dataclass(frozen=True)
class Root(Syntax):
    """`√x`."""

    body: Syntax


@dataclass(frozen=True)
class Call(Syntax):
    """`head(args)`; `log x` is the call of `log` on one argument (`bare`)."""

    head: Syntax
    args: tuple[Syntax, ...]
    bare: bool = False


@dataclass(frozen=True)
class Fence(Syntax):
    """`|x|`, `‖x‖`, `⌊x⌋`, `⌈x⌉`, and `(x)`, which the elaborator passes through."""

    kind: Literal["abs", "norm", "floor", "ceil", "paren"]
    body: Syntax


@dataclass(frozen=True)
class Bracket(Syntax):
    """`[a; b]` rows of columns: `[A, B]` is one row of two; `[x]` with a subscript of letters is a comprehension."""

    rows: tuple[tuple[Syntax, ...], ...]


@dataclass(frozen=True)
class Indicator(Syntax):
    """`𝟏[condition]`."""

    condition: Syntax


@dataclass(frozen=True)
class Ones(Syntax):
    """`𝟏`, an array of ones as large as its place asks for, or of the size of its subscript (a Sub around it)."""


@dataclass(frozen=True)
class Big(Syntax):
    """`Σ_i body`, `max_{ij} body`; `first` and `last` for `Σ_{i=1}^{n}`."""

    op: Literal["sum", "prod", "max", "min", "any", "all", "argmax", "argmin", "expectation", "mean"]
    indices: tuple[Syntax, ...]
    body: Syntax
    first: Syntax | None = None
    last: Syntax | None = None


@dataclass(frozen=True)
class Cases(Syntax):
    """`{value if condition; …; value otherwise}`; the last condition is None."""

    rows: tuple[tuple[Syntax, Syntax | None], ...]


@dataclass(frozen=True)
class Space(Syntax):
    """`ℝ^{m×n}`: the field (ℝ ℤ ℂ, "truth" for {0,1}) and the sizes; "labels" for {0, …, K-1} with its number of labels."""

    field: Literal["ℝ", "ℤ", "ℂ", "truth", "labels", "other"]
    sizes: tuple[Syntax, ...]
    labels: Syntax | None = None


@dataclass(frozen=True)
class Equation(Syntax):
    """`left = right`."""

    left: Syntax
    right: Syntax


@dataclass(frozen=True)
class Declaration(Syntax):
    """`names ∈ space`."""

    names: tuple[Syntax, ...]
    space: Space


@dataclass(frozen=True)
class Range(Syntax):
    """`for index = first, …, last:`; `suffix` when it stands behind an equation; `condition` for a loop that tests."""

    index: str
    first: Syntax
    last: Syntax | None
    suffix: bool = False
    condition: Syntax | None = None


Statement = Equation | Declaration | Range
