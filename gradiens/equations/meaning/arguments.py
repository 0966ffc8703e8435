"""What stands in a call: its arguments, and the settings below its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradiens.equations.meaning.scope import Scope
from gradiens.equations.meaning.terms import Term
from gradiens.equations.text import syntax as s


def value_of(scope: Scope, value: s.Syntax) -> Any:
    """The value of a setting: a number, a word, a tuple of them."""
    if isinstance(value, s.Num):
        return value.value
    if isinstance(value, s.Unary) and value.op == "neg":
        return -value_of(scope, value.body)
    if isinstance(value, s.Group):
        return tuple(value_of(scope, item) for item in value.items)
    if isinstance(value, s.Fence):
        return value_of(scope, value.body)
    if isinstance(value, s.Times):
        return tuple(value_of(scope, item) for item in value.items)
    if isinstance(value, s.Name | s.Word):
        words = {"True": True, "False": False, "yes": True, "no": False, "None": None}
        size = scope.sizes.named.get(value.text)
        known = size.known if size is not None else None
        return words.get(value.text, value.text) if known is None else known
    scope.fail(value.at, "a number, a word or a tuple", "an expression")


def settings_of(scope: Scope, settings: Sequence[s.Syntax], allowed: Sequence[str], at: s.Place) -> dict[str, Any]:
    """Named settings; the first without a name is the first that is allowed."""
    found: dict[str, Any] = {}
    for item in settings:
        name = item.name if isinstance(item, s.Setting) else allowed[0]
        if name not in allowed:
            scope.fail(item.at, f"one of the settings {', '.join(allowed)}", name)
        found[name] = value_of(scope, item.value if isinstance(item, s.Setting) else item)
    return found


def exactly(scope: Scope, expr: s.Call, args: list[Term], count: int = 1) -> list[Term]:
    """The arguments, when they are as many as they should be."""
    if len(args) != count:
        scope.fail(expr.at, f"{count} argument{'s' if count > 1 else ''}", f"{len(args)}")
    return args
