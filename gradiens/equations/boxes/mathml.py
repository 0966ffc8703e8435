"""Boxes as presentation MathML: the core that browsers set without a script."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

from gradiens.equations.boxes.notation import (
    APPLY,
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

_ACCENTS = {"\u0302": "^", "\u0303": "~", "\u0304": "¯"}
_UPRIGHT = "ℝℤℂ𝟏"  # letters that are their own style: not slanted
_BIG = {"Σ": "∑", "Π": "∏"}
_THIN = '<mspace width="0.17em"/>'


def mathml(box: Box) -> str:
    """The MathML of a box, without the enclosing `math` element."""
    return _PRINT[type(box)](box)


def _mi(text: str, upright: bool = False) -> str:
    return f'<mi mathvariant="normal">{escape(text)}</mi>' if upright else f"<mi>{escape(text)}</mi>"


def _letter(box: Letter) -> str:
    base, *marks = unicodedata.normalize("NFD", box.text)
    text = _mi(base, base in _UPRIGHT)
    for mark in marks:
        text = f'<mover accent="true">{text}<mo stretchy="false">{_ACCENTS.get(mark, mark)}</mo></mover>'
    return text


def _word(box: Word) -> str:
    if " " in box.text:
        return f"<mtext>{escape(box.text).replace(' ', chr(0xA0))}</mtext>"
    return _mi(box.text, len(box.text) == 1)


def _sign(box: Sign) -> str:
    if box in (SPACE, APPLY):
        return _THIN
    text = escape(box.text.replace("-", "−"))
    if box.text == ",":
        return '<mo separator="true" lspace="0" rspace="0.17em">,</mo>'
    if box.text in ("⊙", "⊗"):  # Firefox takes them for large ones
        return f'<mo largeop="false">{text}</mo>'
    return f'<mo stretchy="false" lspace="0" rspace="0">{text}</mo>' if box.tight else f"<mo>{text}</mo>"


def _script(box: Script) -> str:
    base, sup = mathml(box.base), box.sup
    items = sup.items if isinstance(sup, Row) else (sup,)
    if isinstance(items[0], Sign) and items[0].text.startswith("′"):  # a prime is raised by its font, not made small
        base = f"<mrow>{base}{mathml(items[0])}</mrow>"
        box = Script(box.base, box.sub, Row(items[1:]) if items[1:] else None)
    if box.sub is not None and box.sup is not None:
        return f"<msubsup>{base}{mathml(box.sub)}{_raised(box.sup)}</msubsup>"
    if box.sub is not None:
        return f"<msub>{base}{mathml(box.sub)}</msub>"
    return f"<msup>{base}{_raised(box.sup)}</msup>" if box.sup is not None else base


def _raised(sup: Box) -> str:
    """A superscript; before a bracket a little space, for fonts that do not say how far W leans."""
    text = mathml(sup)
    first = sup.items[0] if isinstance(sup, Row) else sup
    return f'<mrow><mspace width="0.1em"/>{text}</mrow>' if first == Sign("[", tight=True) else text


def _tall(box: Box) -> bool:
    """Does the box hold a fraction, a sum or cases, so that brackets around it must grow?"""
    if isinstance(box, Frac | Big | Cases | Matrix):
        return True
    if isinstance(box, Row):
        return any(map(_tall, box.items))
    if isinstance(box, Script):
        return _tall(box.base)
    return isinstance(box, Fence | Root) and _tall(box.body)


def _fence(box: Fence) -> str:
    grows = "true" if _tall(box.body) else "false"
    left = f'<mo form="prefix" stretchy="{grows}" lspace="0" rspace="0">{escape(box.left)}</mo>'
    right = f'<mo form="postfix" stretchy="{grows}" lspace="0" rspace="0">{escape(box.right)}</mo>'
    return f"<mrow>{left}{mathml(box.body)}{right}</mrow>"


def _big(box: Big) -> str:
    symbol = _BIG.get(box.text)
    text = (
        f'<mo movablelimits="false">{symbol}</mo>' if symbol else f'<mo movablelimits="false">{escape(box.text)}</mo>'
    )
    if box.below is not None and box.above is not None:
        return f"<munderover>{text}{mathml(box.below)}{mathml(box.above)}</munderover>"
    return (f"<munder>{text}{mathml(box.below)}</munder>" if box.below is not None else text) + _THIN


def _cases(box: Cases) -> str:
    rows = "".join(
        f'<mtr><mtd style="text-align:left">{mathml(value)}</mtd>'
        f'<mtd style="text-align:left;padding-left:1em">{mathml(when)}</mtd></mtr>'
        for value, when in box.rows
    )
    return f'<mrow><mo form="prefix" stretchy="true">{{</mo><mtable>{rows}</mtable></mrow>'


def _matrix(box: Matrix) -> str:
    rows = "".join(f"<mtr>{''.join(f'<mtd>{mathml(entry)}</mtd>' for entry in entries)}</mtr>" for entries in box.rows)
    left, right = (
        f'<mo form="{form}" stretchy="true">{text}</mo>' for form, text in (("prefix", "["), ("postfix", "]"))
    )
    return f"<mrow>{left}<mtable>{rows}</mtable>{right}</mrow>"


_PRINT = {
    Letter: _letter,
    Word: _word,
    Digits: lambda box: f"<mn>{escape(box.text)}</mn>",
    Sign: _sign,
    Row: lambda box: f"<mrow>{''.join(mathml(item) for item in box.items)}</mrow>",
    Script: _script,
    Fence: _fence,
    Frac: lambda box: f"<mfrac>{mathml(box.over)}{mathml(box.under)}</mfrac>",
    Root: lambda box: f"<msqrt>{mathml(box.body)}</msqrt>",
    Big: _big,
    Cases: _cases,
    Matrix: _matrix,
}


_RIGHT = "text-align:right;text-align:-webkit-right;padding:0.25em 0"
_LEFT = "text-align:left;text-align:-webkit-left;padding:0.25em 0"
_MORE = "text-align:left;text-align:-webkit-left;padding:0.1em 0 0.25em 2em"
_XMLNS = 'xmlns="http://www.w3.org/1998/Math/MathML"'


def page(rows: Iterable[Shown | Heading]) -> str:
    """Lines `left = right` as one `math` element, aligned at the equals sign; blocks under their headings."""
    body = "".join(_heading(one) if isinstance(one, Heading) else _shown(one) for one in rows)
    return f'<math {_XMLNS} display="block"><mtable displaystyle="true">{body}</mtable></math>'


def _heading(one: Heading) -> str:
    return f'<mtr><mtd columnspan="2" style="{_LEFT}">{mathml(one.box)}</mtd></mtr>'


def _shown(one: Shown) -> str:
    first, *more = map(mathml, one.right)
    left = f"padding-left:{2 * one.depth}em" if one.depth else ""
    head = f'<mtd style="{_RIGHT}{";" + left if left else ""}">{mathml(one.left)}</mtd>'
    rows = [f'<mtr>{head}<mtd style="{_LEFT}"><mrow><mo form="infix">=</mo>{first}</mrow></mtd></mtr>']
    rows += [f'<mtr><mtd></mtd><mtd style="{_MORE}">{_goes_on(part)}</mtd></mtr>' for part in more]
    return "".join(rows)


def _goes_on(part: str) -> str:
    """A sign that begins a row stands between two terms, not before one: a space follows it."""
    return part.replace("<mo>", '<mo form="infix">', 1) if part.startswith("<mrow><mo>") else part


def inline(box: Box) -> str:
    """One box as a `math` element within a line of text."""
    return f"<math {_XMLNS}>{mathml(box)}</math>"


def where(spaces: Sequence[Box]) -> str:
    """The spaces of symbols as a paragraph of text."""
    return f"<p>where {', '.join(map(inline, spaces))}</p>" if spaces else ""


def code(lines: Sequence[str]) -> str:
    """Lines of code in a typewriter's letters."""
    said = (escape(text).replace(" ", "\u00a0") for text in lines)
    rows = "".join(
        f'<mtr><mtd style="{_LEFT}"><mtext style="font-family:monospace">{text}</mtext></mtd></mtr>' for text in said
    )
    return f'<math {_XMLNS} display="block"><mtable>{rows}</mtable></math>'
