"""Syntax as one line of text, every field that is not a place or a default: for golden tests."""

from __future__ import annotations

from dataclasses import fields

from gradiens.equations import syntax as s
from gradiens.equations.parse import parse


def said(part):
    """`Sub[W (q) 'q']`: a name as it is, a number as Python writes it, anything else by its class and fields."""
    if isinstance(part, tuple):
        return f"({' '.join(map(said, part))})"
    if isinstance(part, s.Name):
        return part.text
    if isinstance(part, s.Num):
        return repr(part.value)
    if not isinstance(part, s.Syntax):
        return repr(part)
    held = [
        getattr(part, one.name) for one in fields(part) if one.name != "at" and getattr(part, one.name) != one.default
    ]
    return f"{type(part).__name__}[{' '.join(map(said, held))}]"


def value(text):
    """The syntax of an expression."""
    (statement,) = parse(f"q = {text}")
    assert isinstance(statement, s.Equation)
    return statement.right
