"""Equations on the page: MathML that has been looked through, a badge for its check, and the LaTeX to copy."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any
from xml.etree import ElementTree

from gradiens.report.text import copyable, number

_TAGS = {
    "math", "semantics", "annotation", "mrow", "mi", "mn", "mo", "mtext", "ms", "mspace", "msub", "msup",
    "msubsup", "munder", "mover", "munderover", "mfrac", "msqrt", "mroot", "mtable", "mtr", "mtd", "mstyle",
    "mpadded", "mphantom", "menclose", "mmultiscripts", "mprescripts", "none", "merror",
}  # fmt: skip
_ATTRIBUTES = {
    "xmlns", "style", "display", "displaystyle", "scriptlevel", "mathvariant", "encoding", "fence", "form", "separator",
    "stretchy", "symmetric", "largeop", "movablelimits", "accent", "accentunder", "minsize", "maxsize",
    "lspace", "rspace", "width", "height", "depth", "voffset", "linethickness", "rowspan", "columnspan",
    "columnalign", "rowalign", "columnspacing", "rowspacing", "columnlines", "rowlines", "notation", "class",
    "dir",
}  # fmt: skip


WITHIN = 1e-9  # the error of a print that is its program, in double precision
_STYLE = re.compile(r"((text-align|font-family|padding(-left|-right)?):[a-z0-9. -]+;?)+")


def safe(mathml: str) -> bool:
    """Whether the text is well-formed `math` elements, and plain paragraphs of text with such elements, no more.

    Comments and the like are refused: a browser reads them differently from an XML parser.
    """
    if "<!" in mathml or "<?" in mathml:
        return False
    try:
        root = ElementTree.fromstring(f"<all>{mathml}</all>")
    except ElementTree.ParseError:
        return False
    shown = [inner for one in root for inner in ([one] if one.tag != "p" or one.attrib else one)]
    if not shown or any(_local(one) != "math" for one in shown):
        return False
    return all(_local(e) in _TAGS and _plain(e.attrib) for one in shown for e in one.iter())


def _local(element: ElementTree.Element) -> str:
    """The tag without its namespace; no name at all for one that is not MathML's."""
    space, _, name = element.tag.rpartition("}")
    return name if space in ("", "{http://www.w3.org/1998/Math/MathML") else ""


def _plain(attributes: Mapping[str, str]) -> bool:
    style = attributes.get("style")
    return set(attributes) <= _ATTRIBUTES and (style is None or bool(_STYLE.fullmatch(style)))


def equation(entry: Mapping[str, Any], place: int, name: str, level: int = 3) -> str:
    """One numbered display: title, formula, badge, note, and its LaTeX to copy."""
    mathml, plain = str(entry.get("mathml") or ""), str(entry.get("unicode") or entry.get("latex") or "")
    shown = mathml if safe(mathml) else f"<pre>{escape(plain)}</pre>"
    title, note, latex = str(entry.get("title") or ""), entry.get("note") or "", entry.get("latex") or ""
    parts = [
        f"<h{level}>{escape(title[:1].upper() + title[1:])}</h{level}>" if title else "",
        f'<div class="display"><div class="formula" tabindex="0" role="math" aria-label="{escape(plain)}">{shown}</div>'
        f'<span class="count">({place})</span></div>',
        f'<p class="under">{badge(entry.get("error"))}{_note(note)}</p>',
    ]
    if latex:
        code = copyable(str(latex), f"{name}-latex", "Copy LaTeX")
        parts.append(f"<details><summary>LaTeX</summary>{code}</details>")
    return f'<div class="equation" id="{name}">' + "\n".join(filter(None, parts)) + "</div>"


def _note(note: Any) -> str:
    return f" <span>{escape(str(note))}</span>" if note else ""


def badge(error: float | None) -> str:
    """Whether the printed formula was executed and compared with the program, and how far apart they were."""
    if error is None or math.isnan(error):
        return '<span class="badge open">not checked</span>'
    if not error <= WITHIN:
        return f'<span class="badge open">✗ not equal to the program · error {number(float(error), 2)}</span>'
    return f'<span class="badge">✓ checked · error {number(float(error), 2)}</span>'


def equations(entries: Any, first: int = 1, name: str = "equation") -> Iterator[str]:
    """All displays, numbered on from `first`."""
    for place, entry in enumerate(entries, first):
        yield equation(entry, place, f"{name}-{place}")
