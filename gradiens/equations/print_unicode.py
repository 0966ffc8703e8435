"""Boxes as plain Unicode text on one line: real superscripts where the characters exist, `^[1]` where they do not."""

from __future__ import annotations

from gradiens.equations.notation import (
    APPLY,
    SPACE,
    Big,
    Box,
    Cases,
    Digits,
    Fence,
    Frac,
    Letter,
    Root,
    Row,
    Script,
    Sign,
    Word,
)  # fmt: skip

_SUPER = dict(zip("0123456789+-=()niaketxyzbcdfghjlmoprsuvwT⊤′×", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵃᵏᵉᵗˣʸᶻᵇᶜᵈᶠᵍʰʲˡᵐᵒᵖʳˢᵘᵛʷᵀᵀ'ˣ"))
_SUB = dict(zip("0123456789+-=()aehijklmnoprstuvxβγ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧ"))


def unicode(box: Box) -> str:
    """The text of a box."""
    return _PRINT[type(box)](box)


def _sign(box: Sign) -> str:
    if box in (SPACE, APPLY):
        return " "
    text = box.text.replace("⊤", "ᵀ").replace("′", "'")
    return text if box.tight else f" {text} "


def _script(box: Script) -> str:
    sub = _shifted(unicode(box.sub), _SUB, "_") if box.sub is not None else ""
    sup = _raised(box.sup) if box.sup is not None else ""
    return unicode(box.base) + (sup + sub if sup[:1] in ("^", "'") else sub + sup)


def _raised(sup: Box) -> str:
    text = unicode(sup)
    if text.startswith("'"):  # a prime is its own superscript
        rest = text.lstrip("'")
        return text[: len(text) - len(rest)] + (_shifted(rest, _SUPER, "^") if rest else "")
    if text.endswith("ᵀ") and text != "ᵀ":  # W^[2]ᵀ
        return _shifted(text[:-1], _SUPER, "^") + "ᵀ"
    return _shifted(text.replace("ᵀ", "⊤"), _SUPER, "^")


def _shifted(text: str, table: dict[str, str], mark: str) -> str:
    text = text.replace(" ", "") if len(text) <= 4 else text
    words = len(text) > 3 and any(char.isalpha() for char in text) and "-" not in text and "×" not in text
    if all(char in table for char in text) and "'" not in text and not words:
        return "".join(table[char] for char in text)
    bracketed = text[0] == "[" and text[-1] == "]"
    whole = bracketed or len(text) == 1 or text.isalnum()
    return mark + (text if whole else f"({text})")


def _frac(box: Frac) -> str:
    over, under = unicode(box.over), unicode(box.under)
    wide = " " in over or " " in under
    over = f"({over})" if _loose(box.over) else over
    under = f"({under})" if _loose(box.under) or _many(box.under) else under
    return f"{over} / {under}" if wide else f"{over}/{under}"


def _loose(box: Box) -> bool:
    """Does the box hold a sum or a relation at its top, so that a slash beside it would be misread?"""
    if isinstance(box, Row):
        return any(isinstance(item, Sign) and not item.tight for item in box.items)
    return isinstance(box, Frac | Cases)


def _many(box: Box) -> bool:
    return isinstance(box, Row) and any(item == SPACE for item in box.items)


def _big(box: Big) -> str:
    below = _shifted(unicode(box.below), _SUB, "_") if box.below is not None else ""
    return f"{box.text}{below} "


def _root(box: Root) -> str:
    body = unicode(box.body)
    simple = isinstance(box.body, Letter | Digits | Script | Fence)
    return f"√{body}" if simple else f"√({body})"


def _cases(box: Cases) -> str:
    return "{" + "; ".join(f"{unicode(value)} {unicode(when)}" for value, when in box.rows) + "}"


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
}


def page(lines: list[tuple[Box, Box]]) -> str:
    """Lines `left = right`, aligned at the equals sign."""
    import unicodedata

    pairs = [(unicode(left), unicode(right)) for left, right in lines]
    wide = lambda text: sum(not unicodedata.combining(char) for char in text)  # noqa: E731
    margin = max((wide(left) for left, _ in pairs), default=0)
    return "\n".join(" " * (margin - wide(left)) + f"{left} = {right}" for left, right in pairs)
