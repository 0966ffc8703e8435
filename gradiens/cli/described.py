"""What the documentation says of an object that has no equations of its own: how it is called, what it does, its formulas."""

from __future__ import annotations

import inspect
import re
from typing import Any


def signature(what: Any) -> str:
    """`fit_lasso(x, y, penalty, intercept=True)`: the parameters with their defaults."""
    try:
        found = inspect.signature(what).parameters.values()
    except (TypeError, ValueError):
        return ""
    bare = [p.replace(annotation=p.empty) for p in found if p.name not in ("self", "cls")]
    return f"{what.__name__}{inspect.Signature(bare)}"


def described(entry: Any) -> str:
    """The docstring after its first sentence, and that of its file, which has the formulas; without `Book:` lines."""
    own = inspect.getdoc(entry.what) or ""
    whole = inspect.getdoc(inspect.getmodule(entry.what)) or ""
    parts = [part for part in (_rest(own), whole) if part]
    return "\n\n".join(
        re.sub(r"^[ \t]*Book: [^\n]*?(?:  (?=Source:)|$)", "", part, flags=re.MULTILINE).strip() for part in parts
    )


def _rest(text: str) -> str:
    """What follows the first sentence."""
    found = re.search(r"\.(?:\s+|$)", text)
    return text[found.end() :].strip() if found else ""
