"""Time marks in names: `h⟨t-1⟩` is h one step before; `h⟨0⟩`, `h⟨7⟩` are at a given time, `h⟨∞⟩` after a loop has ended."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gradiens.equations.tree.expression import Expr, Symbol, symbol

_MARK = re.compile(r"(?P<base>.+)⟨(?P<at>[^⟨⟩]*)⟩$")
_STEP = re.compile(r"(?P<index>[^\W\d_])(?P<shift>[+-]\d+)?$")


@dataclass(frozen=True)
class Timed:
    """A name at a time: `index` and `shift` of ⟨t-1⟩, or the number of ⟨7⟩ (`index` is then empty)."""

    base: str
    index: str
    shift: int


def timed(name: str) -> Timed | None:
    """The parts of a name that carries a time, `x⟨t-1⟩` or `x⟨7⟩`; None for any other."""
    found = _MARK.match(name)
    if found is None:
        return None
    step = _STEP.match(found["at"])
    if step is not None:
        return Timed(found["base"], step["index"], int(step["shift"] or 0))
    return Timed(found["base"], "", int(found["at"])) if found["at"].isdigit() else None


def base_of(name: str) -> str:
    """The name without its time."""
    found = _MARK.match(name)
    return found["base"] if found else name


def at_time(base: str, index: str | int, shift: int = 0) -> str:
    """`h⟨t⟩`, `h⟨t-1⟩`, `h⟨7⟩`."""
    return f"{base}⟨{index}{f'{shift:+d}' if shift else ''}⟩"


def marked(like: Expr, name: str) -> Symbol:
    """The symbol `name` with the shape and kind of `like`."""
    return symbol(name, like.shape, like.kind, "result")
