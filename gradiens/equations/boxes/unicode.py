"""Boxes as plain Unicode text on one line: real superscripts where the characters exist, `^[1]` where they do not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from unicodedata import combining

from gradiens.equations.boxes.notation import (
    APPLY,
    LONGEST,
    SPACE,
    Big,
    Box,
    Cases,
    Digits,
    Fence,
    Frac,
    Heading,
    Letter,
    Matrix,
    Root,
    Row,
    Script,
    Shown,
    Sign,
    Word,
)  # fmt: skip

_SUPER = dict(zip("0123456789+-niaketxyzbcdfghjlmoprsuvw×", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱᵃᵏᵉᵗˣʸᶻᵇᶜᵈᶠᵍʰʲˡᵐᵒᵖʳˢᵘᵛʷˣ"))
_SUB = dict(zip("0123456789+-aehijklmnoprstuvxβγ", "₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧ"))
_ADJACENT = re.compile(r"[^\W\d_]{2}")  # two letters would be one name
_ENTRY = re.compile(r"[A-Za-z][ᵢⱼₖₘₙₚᵣₛᵤᵥ]+")
_ALONE = re.compile(r"\(\w+\)|\d+\.\d+")  # the mark of an example, a decimal


def unicode(box: Box) -> str:
    """The text of a box."""
    return _PRINT[type(box)](box)


def width(text: str) -> int:
    """How many columns a text takes: marks above letters take none."""
    return sum(not combining(char) for char in text)


def _sign(box: Sign) -> str:
    if box in (SPACE, APPLY):
        return " "
    text = box.text.replace("⊤", "ᵀ").replace("′", "'")
    return text if box.tight else f" {text} "


def _script(box: Script) -> str:
    sub = _lowered(box.sub) if box.sub is not None else ""
    sup = _raised(box.sup) if box.sup is not None else ""
    return unicode(box.base) + (sup + sub if sup.startswith("'") else sub + sup)


def _lowered(sub: Box) -> str:
    """Letters and digits as subscripts where there are such characters: A with i and j below is Aᵢⱼ."""
    text = unicode(sub)
    if not isinstance(sub, Word) and all(char in _SUB for char in text):
        return "".join(_SUB[char] for char in text)
    plain = len(text) == 1 or (isinstance(sub, Word) and "_" not in text)
    return f"_{text}" if plain else f"_{{{text}}}"


def _raised(sup: Box) -> str:
    """Primes, marks [l] and ⟨t⟩, ᵀ; powers as superscripts where they are one letter or number."""
    items = list(sup.items) if isinstance(sup, Row) else [sup]
    before = after = ""
    while items and _is_sign(items[0], "′"):
        before += unicode(items.pop(0))
    while items and (_is_sign(items[-1], "⊤") or (isinstance(items[-1], Fence) and items[-1].left == "⟨")):
        after = unicode(items.pop()) + after
    return before + _power("".join(map(unicode, items))) + after


def _is_sign(box: Box, text: str) -> bool:
    return isinstance(box, Sign) and box.text.startswith(text)


def _power(text: str) -> str:
    if not text or (text[0] == "[" and text[-1] == "]"):
        return f"^{text}" if text else ""
    if all(char in _SUPER for char in text) and not _ADJACENT.search(text):
        return "".join(_SUPER[char] for char in text)
    plain = len(text) == 1 or _ENTRY.fullmatch(text) or _ALONE.fullmatch(text)
    return f"^{text}" if plain else f"^({text})"


def _frac(box: Frac) -> str:
    over, under = unicode(box.over), unicode(box.under)
    wide = " " in over or " " in under
    over = f"({over})" if _loose(box.over) else over
    under = f"({under})" if _loose(box.under) or _many(box.under) or under[0] == "-" else under
    return f"{over} / {under}" if wide else f"{over}/{under}"


def _loose(box: Box) -> bool:
    """Does the box hold a sum or a relation at its top, so that a slash beside it would be misread?"""
    if isinstance(box, Row):
        return any(isinstance(item, Sign) and not item.tight for item in box.items)
    return isinstance(box, Frac)


def _many(box: Box) -> bool:
    return isinstance(box, Row) and any(item == SPACE for item in box.items)


def _big(box: Big) -> str:
    below = _lowered(box.below) if box.below is not None else ""
    above = _power(unicode(box.above)) if box.above is not None else ""
    return f"{box.text}{below}{above} "


def _root(box: Root) -> str:
    body, inner = unicode(box.body), box.body
    simple = isinstance(inner, Letter | Digits | Fence) or (
        isinstance(inner, Script) and not isinstance(inner.base, Fence)
    )
    return f"√{body}" if simple else f"√({body})"


def _cases(box: Cases) -> str:
    return "{" + "; ".join(f"{unicode(value)} {unicode(when)}" for value, when in box.rows) + "}"


def _matrix(box: Matrix) -> str:
    return "[" + "; ".join(" ".join(map(unicode, entries)) for entries in box.rows) + "]"


_PRINT = {
    Letter: lambda box: box.text,
    Word: lambda box: box.text,
    Digits: lambda box: box.text,
    Sign: _sign,
    Row: lambda box: "".join(unicode(item) for item in box.items),
    Script: _script,
    Fence: lambda box: f"{box.left}{unicode(box.body)}{box.right}",
    Frac: _frac,
    Root: _root,
    Big: _big,
    Cases: _cases,
    Matrix: _matrix,
}


def page(rows: Iterable[Shown | Heading]) -> str:
    """The lines of a page, each group of them aligned at its equals sign, a block below its heading set in by two."""
    out: list[str] = []
    for (heading, depth), group in groupby(rows, lambda one: (isinstance(one, Heading), one.depth)):
        indent, members = "  " * depth, list(group)
        if heading:
            out += [indent + unicode(one.box) for one in members if isinstance(one, Heading)]
            continue
        shown = [one for one in members if isinstance(one, Shown)]
        margin = max(width(unicode(one.left)) for one in shown)
        for one in shown:
            left, (first, *more) = unicode(one.left), map(unicode, one.right)
            out.append(f"{indent}{' ' * (margin - width(left))}{left} = {first}")
            out += [f"{indent}{' ' * (margin + 3)}{part.lstrip()}" for part in more]
    return "\n".join(out)


def where(spaces: Sequence[Box]) -> str:
    """The spaces of symbols, below the page; a new line where one is full."""
    lines: list[str] = []
    for text in map(unicode, spaces):
        if lines and width(lines[-1]) + width(text) + 2 <= LONGEST:
            lines[-1] += f", {text}"
        else:
            lines.append(("      " if lines else "where ") + text)
    return "".join(f"\n{line}" for line in lines)
