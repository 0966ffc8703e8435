"""A page of text, claims, values, equations and figures: what a section of the book shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from textwrap import dedent
from typing import Any

from gradiens.report.document import document
from gradiens.report.figure import Figure
from gradiens.report.mathml import equation
from gradiens.report.page import row
from gradiens.report.text import metric_name, number, table


@dataclass(frozen=True)
class Claims:
    """What a section asserts: sentence → whether it held."""

    held: Mapping[str, bool]


@dataclass(frozen=True)
class Values:
    """The key figures of a section by name."""

    named: Mapping[str, Any]


@dataclass(frozen=True)
class Equation:
    """One equation as in `RunReport.equations`: title, mathml, latex, unicode, error, note."""

    entry: Mapping[str, Any] = field(default_factory=dict)


Block = str | Claims | Values | Equation | Figure | Sequence[Figure]


def figures_page(title: str, blocks: Sequence[Block]) -> str:
    """A self-contained page: `title`, then the blocks in their order; a `str` is docstring text."""
    parts, count = [], 0
    for place, block in enumerate(blocks, 1):
        count += isinstance(block, Equation)
        parts.append(_block(block, f"block-{place}", count))
    head = f'<header id="top"><p class="kicker">Gradiens · an experiment</p><h1>{escape(title)}</h1></header>'
    body = "\n".join(part for part in parts if part)
    return document(title, head, [], "This page loads nothing from the network.", body)


def _block(block: Block, name: str, count: int) -> str:
    if isinstance(block, str):
        return prose(block)
    if isinstance(block, Claims):
        return _claims(block)
    if isinstance(block, Values):
        rows = [[escape(metric_name(k)), number(v, 6)] for k, v in block.named.items()]
        return "<h2>Values</h2>" + table("Key figures", ["", "value"], rows, "numbers") if rows else ""
    if isinstance(block, Equation):
        return equation(block.entry, count, name, level=2)
    return row([block] if isinstance(block, Figure) else list(block), name, level=2)


def prose(text: str) -> str:
    """Paragraphs of a docstring; an indented paragraph is a formula and keeps its lines."""
    first, _, rest = text.strip("\n").partition("\n")
    paragraphs = (first.strip() + "\n" + dedent(rest)).split("\n\n")
    html = []
    for paragraph in paragraphs:
        if paragraph.startswith((" ", "\t")) and paragraph.strip():
            html.append(f'<pre class="formulas">{escape(dedent(paragraph).rstrip())}</pre>')
        elif paragraph.strip():
            html.append(f"<p>{escape(' '.join(paragraph.split()))}</p>")
    return "\n".join(html)


def _claims(claims: Claims) -> str:
    if not claims.held:
        return ""
    marks = {True: '<span class="holds">✓ holds</span>', False: '<span class="fails">✗ does not hold</span>'}
    rows = [[escape(_sentence(name)), marks[bool(ok)]] for name, ok in claims.held.items()]
    caption = f"{sum(map(bool, claims.held.values()))} of {len(rows)} claims hold here"
    return "<h2>Claims</h2>" + table(caption, ["claim", ""], rows, "claims")


def _sentence(name: str) -> str:
    """The name of a claim's function as words; a sentence stays as it is."""
    return name if " " in name else name.removeprefix("claim_").replace("_", " ")
