"""Errors in one form: what was expected, what came, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHOWN = 40  # names that a mistake lists


class Mistake(ValueError):
    """Something in the input is wrong: `expected …, got …; do …` on one line. The command line exits with 2."""

    def __init__(self, expected: str, got: object, do: str = ""):
        self.expected, self.got, self.do = expected, str(got), do
        super().__init__(f"expected {expected}, got {got}" + (f"; {do}" if do else ""))


class Failure(RuntimeError):
    """The input was fine, the work could not be done: what happened and what to do. The command line exits with 1."""

    def __init__(self, what: str, do: str = ""):
        self.what, self.do = what, do
        super().__init__(what + (f"; {do}" if do else ""))


def nearest(name: str, names: Iterable[str]) -> str:
    """The name in `names` most like `name`, or "" when none is close."""
    folded = {known.casefold(): known for known in names}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.55)
    return folded[close[0]] if close else ""


def known(kind: str, name: str, names: Iterable[str], see: str = "") -> str:
    """`name` if it is one of `names`; otherwise a `Mistake` that suggests the nearest one."""
    names = list(names)
    if name in names:
        return name
    close = nearest(name, names)
    listed = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "") or "none"
    advice = f"did you mean {close!r}?" if close else (see or f"known: {listed}")
    raise Mistake(f"the name of a known {kind}", repr(name), advice)
