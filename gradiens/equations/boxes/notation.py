"""Boxes: what mathematics looks like on paper, before it is LaTeX, MathML or Unicode.

The printers see only these twelve shapes; the operations build them (`layout.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """An identifier set in italics: x, W, θ."""

    text: str


@dataclass(frozen=True)
class Word:
    """Upright text: softmax, if."""

    text: str


@dataclass(frozen=True)
class Digits:
    """A number as written."""

    text: str


@dataclass(frozen=True)
class Sign:
    """An operator or relation between two boxes: + ⊙ = ∈. A `tight` one has no space around it."""

    text: str
    tight: bool = False


@dataclass(frozen=True)
class Row:
    """Boxes side by side."""

    items: tuple[Box, ...]


@dataclass(frozen=True)
class Script:
    """A base with a subscript, a superscript or both."""

    base: Box
    sub: Box | None = None
    sup: Box | None = None


@dataclass(frozen=True)
class Fence:
    """Brackets around a box."""

    left: str
    body: Box
    right: str


@dataclass(frozen=True)
class Frac:
    """A numerator over a denominator."""

    over: Box
    under: Box


@dataclass(frozen=True)
class Root:
    """A square root."""

    body: Box


@dataclass(frozen=True)
class Big:
    """A large operator with what it runs over: Σ_i, max_i."""

    text: str
    below: Box | None = None
    above: Box | None = None


@dataclass(frozen=True)
class Cases:
    """Values with their conditions."""

    rows: tuple[tuple[Box, Box], ...]


@dataclass(frozen=True)
class Matrix:
    """Rows of entries in square brackets."""

    rows: tuple[tuple[Box, ...], ...]


Box = Letter | Word | Digits | Sign | Row | Script | Fence | Frac | Root | Big | Cases | Matrix

SPACE = Sign(" ", tight=True)  # the thin space between factors
APPLY = Sign("\u2061", tight=True)  # function application: invisible, but a space after a word


def row(*items: Box) -> Box:
    """Boxes side by side, flattened."""
    flat: list[Box] = []
    for item in items:
        flat.extend(item.items if isinstance(item, Row) else [item])
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def paren(body: Box) -> Fence:
    """Round brackets."""
    return Fence("(", body, ")")


def listed(*items: Box) -> Box:
    """Boxes separated by commas."""
    parts: list[Box] = []
    for item in items:
        parts += [item] if not parts else [Sign(",", tight=True), SPACE, item]
    return row(*parts) if parts else Row(())


def indices(parts: list[Box]) -> Box:
    """What stands below: letters of indices side by side, `ij`; anything else separated by commas."""
    if all(isinstance(part, Letter) for part in parts):
        return row(*parts)
    return listed(*parts)


_NAME = re.compile(
    r"(?P<base>[^_^{}'⟨⟩]+)(?P<prime>'*)(?P<rest>(?:[_^](?:\{[^{}]*\}|[^{}]))*)(?P<late>'*)(?P<time>(?:⟨[^⟨⟩]*⟩)*)$"
)


def named(name: str) -> Box:
    """The box of a name: `W^{[1]}`, `v'`, `W_q^{[2]}`, `h⟨t-1⟩`, `∂C/∂W^{[1]}`."""
    if name.startswith("∂") and "/" in name:
        over, under = name.split("/", 1)
        return Frac(row(Sign("∂", tight=True), named(over[1:])), row(Sign("∂", tight=True), named(under[1:])))
    if name.endswith(")") and "(" in name:
        head, args = name[:-1].split("(", 1)
        return row(named(head), paren(listed(*(named(arg.strip()) for arg in args.split(",")))))
    found = _NAME.match(name)
    if found is None:
        return Word(name)
    base = _plain(found["base"])
    scripts = {mark: body.strip("{}") for mark, body in re.findall(r"([_^])(\{[^{}]*\}|[^{}])", found["rest"])}
    sup = [inner(scripts["^"])] if "^" in scripts else []
    primes = found["prime"] + found["late"]
    sup = ([Sign("′" * len(primes), tight=True)] if primes else []) + sup
    sup += [Fence("⟨", inner(at), "⟩") for at in re.findall(r"⟨([^⟨⟩]*)⟩", found["time"])]
    sub = inner(scripts["_"]) if "_" in scripts else None
    return Script(base, sub, row(*sup) if sup else None) if sub is not None or sup else base


def inner(text: str) -> Box:
    """A short text inside a script: letters and digits one by one, words upright."""
    parts = re.findall(r"[A-Za-z]{2,}(?:_[A-Za-z0-9]+)*|\d+(?:\.\d+)?|.", text)
    return row(*(_plain(part) for part in parts))


def _plain(text: str) -> Box:
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return Digits(text)
    letters = sum(char.isalpha() for char in text)
    if letters == 1:
        return Letter(text)
    if letters == 0:
        return Sign(text, tight=True)
    return Word(text)


def bare(box: Box) -> bool:
    """Can the box carry a script as it stands?"""
    return isinstance(box, Letter | Word | Digits | Fence | Matrix)


def raised(base: Box, sup: Box) -> Box:
    """`base` to the power `sup`: a superscript already there is fenced in."""
    if isinstance(base, Script) and base.sup is None:
        return Script(base.base, base.sub, sup)
    return _attach(base, lambda inside: Script(inside, None, sup))


def marked(base: Box, mark: Box) -> Box:
    """`base` with a mark (ᵀ) beside the marks of a name, W^{[2]ᵀ}; a power is fenced in."""
    if isinstance(base, Script):
        items = base.sup.items if isinstance(base.sup, Row) else (base.sup,)
        if base.sup is None or _is_mark(items[0]):
            return Script(base.base, base.sub, row(base.sup, mark) if base.sup is not None else mark)
    return _attach(base, lambda inside: Script(inside, None, mark))


def _is_mark(box: Box | None) -> bool:
    """Does a superscript begin like the mark of a name: a prime, [l], ⟨t⟩?"""
    return (isinstance(box, Sign) and box.text[0] in "′[") or (isinstance(box, Fence) and box.left == "⟨")


def lowered(base: Box, sub: Box) -> Box:
    """`base` with the index `sub`: W^{[1]}_{ij}; an index already there is fenced in."""
    if isinstance(base, Script) and base.sub is None and not _timed(base.sup):
        return Script(base.base, sub, base.sup)
    return _attach(base, lambda inside: Script(inside, sub))


def _timed(sup: Box | None) -> bool:
    """Does it hold a time? `y_0⟨t⟩` is a name y_0 at t; an entry of y⟨t⟩ stands outside brackets."""
    items = sup.items if isinstance(sup, Row) else (sup,)
    return any(isinstance(item, Fence) and item.left == "⟨" for item in items)


def _attach(base: Box, script: Callable[[Box], Script]) -> Box:
    """A script on a letter or a fence; on the fence of a function call, `softmax(z)_i`; else on new brackets."""
    if bare(base):
        return script(base)
    if isinstance(base, Row) and len(base.items) == 2 and isinstance(base.items[1], Fence):
        return row(base.items[0], script(base.items[1]))
    return script(paren(base))


LONGEST = 100  # characters of a line in plain text


@dataclass(frozen=True)
class Shown:
    """A row of a page, `left = right`, the right side in one or more parts; `depth` counts the blocks around it."""

    left: Box
    right: tuple[Box, ...]
    depth: int = 0


@dataclass(frozen=True)
class Heading:
    """A row of a page that stands alone: `for t = 1, …, 7:`."""

    box: Box
    depth: int = 0
