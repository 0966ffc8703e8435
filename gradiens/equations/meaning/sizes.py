"""Sizes that are not known yet, and what equations between them say: 64, n, n - 2, 2n + m.

A `Size` is a linear form over unknowns. `equal` solves one unknown for the others (Gaussian elimination, an equation at a
time), so sizes are inferred in any order; each remembers the rule that gave it, and a contradiction names both rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(eq=False)
class Unknown:
    """A size to be found: its name, if the text gives one, and the rule that asked for it."""

    name: str = ""
    value: Size | None = None
    why: str = ""


@dataclass(frozen=True)
class Size:
    """constant + Σ factor · unknown, and the rule that gave it."""

    constant: int
    terms: tuple[tuple[Unknown, int], ...] = ()
    why: str = field(default="", compare=False)

    def __add__(self, other: Size | int) -> Size:
        return _combined(self, 1, _size(other), 1)

    def __sub__(self, other: Size | int) -> Size:
        return _combined(self, 1, _size(other), -1)

    def times(self, factor: int) -> Size:
        """The multiple by a whole number."""
        return _combined(self, factor, Size(0), 1)

    def because(self, why: str) -> Size:
        """The same size with the rule that gave it."""
        return Size(self.constant, self.terms, why)

    def solved(self) -> Size:
        """The form over what is still unknown."""
        total, why = Size(self.constant), self.why
        for unknown, factor in self.terms:
            if unknown.value is None:
                part = Size(0, ((unknown, 1),))
            else:
                part = unknown.value.solved()
                why = why or unknown.why
            total = _combined(total, 1, part, factor)
        return total.because(why)

    @property
    def known(self) -> int | None:
        """The number, when it is one."""
        found = self.solved()
        return None if found.terms else found.constant

    def __str__(self) -> str:
        found = self.solved()
        parts = [
            (f"{factor}" if factor not in (1, -1) else "") + (unknown.name or "?") for unknown, factor in found.terms
        ]
        signs = ["-" if factor < 0 else "+" for _, factor in found.terms]
        if found.constant or not parts:
            parts.append(str(abs(found.constant)))
            signs.append("-" if found.constant < 0 else "+")
        text = " ".join(f"{sign} {part.lstrip('-')}" for sign, part in zip(signs, parts))
        return text.removeprefix("+ ").replace("- ", "-", 1) if text.startswith("- ") else text.removeprefix("+ ")


def _size(value: Size | int) -> Size:
    return value if isinstance(value, Size) else Size(value)


def _combined(a: Size, p: int, b: Size, q: int) -> Size:
    terms: dict[Unknown, int] = {}
    for size, factor in ((a, p), (b, q)):
        for unknown, times in size.terms:
            terms[unknown] = terms.get(unknown, 0) + factor * times
    kept = tuple((unknown, times) for unknown, times in terms.items() if times)
    return Size(p * a.constant + q * b.constant, kept)


def unknown(name: str = "", why: str = "") -> Size:
    """A new unknown size."""
    return Size(0, ((Unknown(name, None, why), 1),), why)


class Contradiction(Exception):
    """Two sizes that cannot be equal, each with the rule that gave it."""

    def __init__(self, a: Size, b: Size):
        super().__init__(a, b)
        self.sizes = a, b


class Sizes:
    """The sizes of one text: its names for sizes, and what is to be worked out when its parts are known."""

    def __init__(self, given: Mapping[str, int] | None = None):
        self.named: dict[str, Size] = {}
        self.waiting: list[tuple[Size, tuple[Size, ...], Callable[..., int]]] = []
        for name, value in (given or {}).items():
            self.equal(self.name(name), Size(value, why=f"{name} = {value} is given"))

    def name(self, name: str) -> Size:
        """The size that the text calls `name`."""
        if name not in self.named:
            self.named[name] = unknown(name)
        return self.named[name]

    def equal(self, a: Size, b: Size) -> None:
        """Let a = b; a `Contradiction` if that cannot be."""
        left, right = a.solved(), b.solved()
        gap = left - right
        if not gap.terms:
            if gap.constant:
                raise Contradiction(left.because(a.why or left.why), right.because(b.why or right.why))
            return
        # an unknown that stands alone is solved for; one without a name first, so that names survive
        order = sorted(gap.terms, key=lambda term: (abs(term[1]), bool(term[0].name)))
        found, factor = order[0]
        rest = _combined(gap, -1 if factor > 0 else 1, Size(0, ((found, 1),)), abs(factor))
        if abs(factor) != 1:
            if len(gap.terms) > 1:
                self.later(Size(0), (left, right), lambda one, other: 0 if one == other else -1)
                return
            if gap.constant % factor:
                raise Contradiction(left.because(a.why), right.because(b.why))
            rest = Size(-gap.constant // factor)
        found.why = (b.why or right.why) if any(one is found for one, _ in left.terms) else (a.why or left.why)
        found.value = rest.because(found.why)
        self.settle()

    def later(self, size: Size, parts: tuple[Size, ...], rule: Callable[..., int]) -> Size:
        """`size` is `rule(*parts)` as soon as the parts are numbers."""
        self.waiting.append((size, parts, rule))
        self.settle()
        return size

    def settle(self) -> None:
        """Work out what has waited for numbers that are known now."""
        ready = [item for item in self.waiting if all(part.known is not None for part in item[1])]
        self.waiting = [item for item in self.waiting if item not in ready]
        for size, parts, rule in ready:
            self.equal(size, Size(rule(*(part.known for part in parts)), why=size.why))


def positive(size: Size) -> int:
    """The number of a size that is known and at least 1; a `Contradiction` otherwise."""
    value = size.known
    if value is None or value < 1:
        raise Contradiction(size.solved(), Size(1, why="a size is at least 1"))
    return value
