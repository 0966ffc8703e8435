"""The shell of a page: head, style, contents, sections, scripts. Everything inline; the page may load nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib.resources import files

from gradiens.report.draw import plotly_source

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Section:
    """A numbered part of a page: its id, heading and HTML."""

    name: str
    heading: str
    html: str


@lru_cache(maxsize=2)
def _own(name: str) -> str:
    return files("gradiens.report").joinpath(name).read_text(encoding="utf-8")


def document(title: str, head: str, sections: Sequence[Section], foot: str = "", opening: str = "") -> str:
    """A whole page, `opening` before its sections; plotly comes along, once, only if there is a chart in it."""
    items = "".join(f'<li><a href="#{s.name}">{k}&ensp;{escape(s.heading)}</a></li>' for k, s in enumerate(sections, 1))
    contents = f'<nav aria-label="Contents"><ol>{items}</ol></nav>' if len(sections) > 1 else ""
    body = opening + "\n".join(
        f'<section id="{s.name}" aria-labelledby="{s.name}-heading">\n'
        f'<h2 id="{s.name}-heading" data-count="{k}">{escape(s.heading)}</h2>\n{s.html}\n</section>'
        for k, s in enumerate(sections, 1)
    )
    charts = "data-plot=" in head + body
    plotly = f'<script type="text/plain" id="plotly">{plotly_source()}</script>\n' if charts else ""
    silent = "<noscript><p>The charts need JavaScript; the sentence beneath each says what it shows.</p></noscript>\n"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f'<link rel="icon" href="data:,">\n<title>{escape(title)}</title>\n<style>\n{_own("style.css")}</style>\n'
        f'</head>\n<body>\n<div class="sheet">\n{head}\n{contents}\n<main>\n{silent if charts else ""}{body}\n</main>\n'
        f"<footer>{foot}</footer>\n</div>\n{plotly}<script>\n{_own('page.js')}</script>\n</body>\n</html>\n"
    )
