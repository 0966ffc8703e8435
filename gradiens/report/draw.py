"""From a `Figure` to HTML: a caption, a box, and the traces as JSON that page.js hands to plotly.

Colours are names of the style sheet, `var(--c0)`, resolved in the browser: so one page is light, dark and printed.
"""

from __future__ import annotations

import base64
import gzip
import json
import math
from functools import lru_cache
from html import escape
from typing import Any

import numpy as np

from gradiens.report.figure import Figure, Series
from gradiens.report.gallery import gallery
from gradiens.report.text import elide

PALETTE = 8  # colours --c0 … --c7 of style.css
POINTS = 2000  # most points drawn of one cloud
MARKED = 16  # most points of a line that are marked
TICKS = 24  # most names written along an axis; of more, one in so many
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "pentagon", "star")
_DASHES = ("solid", "dash", "dot", "dashdot")
_SMALL = {"size": 10, "color": "var(--muted)"}
_HEAT = [[0, "var(--heat0)"], [0.5, "var(--heat1)"], [1, "var(--heat2)"]]


@lru_cache(maxsize=1)
def plotly_source() -> str:
    """plotly.js, gzipped and in base64: 2 MB of page instead of 4.8."""
    from plotly.offline import get_plotlyjs

    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), 9, mtime=0)).decode()


def draw(figure: Figure, name: str, level: int = 3) -> str:
    """The figure as HTML; `name` is its id in the page and `level` that of its heading."""
    if figure.series and figure.series[0].kind == "picture":
        return gallery(figure, name, level)
    says, drawn = figure.says(), json.dumps(payload(figure), allow_nan=False, separators=(",", ":"))
    cut = [len(s.y) for s in figure.series if s.kind == "points" and len(s.y) > POINTS]
    if cut:
        says += f" Drawn: {POINTS:,} of {max(cut):,} points, evenly taken."
    kind = "plot square" if figure.square else "plot"
    return (
        f'<figure id="{name}">\n<h{level} id="{name}-title">{escape(figure.title)}</h{level}>\n'
        f'<div class="{kind}" role="img" aria-labelledby="{name}-title" aria-describedby="{name}-says"'
        f' data-plot="{name}-data"><p class="wait">The chart is being drawn.</p></div>\n'
        f'<figcaption id="{name}-says">{escape(says)}</figcaption>\n'
        f'<script type="application/json" id="{name}-data">{_inert(drawn)}</script>\n</figure>'
    )


def _inert(text: str) -> str:
    """JSON that cannot close its script element or open a comment."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def payload(figure: Figure) -> dict[str, Any]:
    """Traces and layout of the figure for plotly, as plain JSON values."""
    traces = [t for place, s in enumerate(figure.series) for t in _trace(s, place)]
    first = figure.series[0] if figure.series else None
    matrix = first is not None and first.kind == "heat" and first.y.dtype.kind == "U"
    x_names = next((s.x for s in figure.series if s.x.dtype.kind == "U"), None)
    y_names = first.y if matrix and first else None
    x = _axis(figure.x, figure.log_x, x_names, [s.x for s in figure.series])
    y = _axis(figure.y, figure.log_y, y_names, [s.y for s in figure.series])
    if matrix:
        x |= {"showgrid": False}
        y |= {"showgrid": False, "autorange": "reversed"}
    if matrix or figure.square:
        x |= {"constrain": "domain"}
        y |= {"scaleanchor": "x", "constrain": "domain", "constraintoward": "top"}
    named = sum(t.get("showlegend", False) for t in traces)
    return {"data": traces, "layout": {"xaxis": x, "yaxis": y, "showlegend": named > 0 and len(traces) > 1}}


def _axis(title: str, log: bool, names: np.ndarray | None, values: list[np.ndarray]) -> dict[str, Any]:
    axis: dict[str, Any] = {"title": {"text": _plain(title)}, "type": "log" if log else "linear"}
    if log:
        seen = np.concatenate([v[v > 0] for v in values if v.dtype.kind != "U"])
        decades = float(np.log10(np.max(seen) / np.min(seen))) if seen.size else 0.0
        step = "D2" if 0 < decades < 2.5 else max(1, math.ceil(decades / 8))
        axis |= {"dtick": step, "exponentformat": "power"}
    if names is not None:
        every = 1 if len(names) <= TICKS else math.ceil(2 * len(names) / TICKS)
        places = range(0, len(names), every)
        axis |= {"tickvals": list(places), "ticktext": [_plain(elide(names[i], 14)) for i in places]}
    return axis


def _plain(text: Any) -> str:
    """Text that plotly, which reads some HTML in labels, shows as it is."""
    return escape(str(text), quote=False)


def _list(values: np.ndarray) -> list[Any]:
    """JSON values: six significant digits, null for what is not finite; names become their places."""
    if values.dtype.kind == "U":
        return list(range(len(values)))
    if values.ndim == 2:
        return [_list(row) for row in values]
    if values.dtype.kind in "biu":
        return [int(v) for v in values]
    return [float(f"{v:.6g}") if math.isfinite(v) else None for v in values.tolist()]


def _trace(s: Series, place: int) -> list[dict[str, Any]]:
    if s.kind in ("heat", "contour", "regions"):
        return [_grid(s)]
    index = place if s.colour is None else s.colour
    colour = "var(--muted)" if s.guide and s.colour is None else f"var(--c{index % PALETTE})"
    common = {"name": _plain(elide(s.label, 40)), "showlegend": bool(s.label)}
    if s.kind == "band":
        return [common | _band(s, colour)]
    if s.kind == "bars":
        bars = {"type": "bar", "x": _list(s.x), "y": _list(s.y), "marker": {"color": colour}}
        return [common | bars | _hover(s)]
    if s.kind == "points":
        return [common | _cloud(s, colour, index)]
    dash = ("dot" if s.colour is None else "dash") if s.guide else _DASHES[index // PALETTE % len(_DASHES)]
    line = {"color": colour, "width": 1.5 if s.guide else 2.2, "dash": dash}
    marks = {"mode": "lines+markers", "marker": {"size": 5, "symbol": _SYMBOLS[index % len(_SYMBOLS)]}}
    mode = marks if not s.guide and len(s.y) <= MARKED else {"mode": "lines"}
    return [common | {"type": "scatter", "x": _list(s.x), "y": _list(s.y), "line": line} | mode | _hover(s)]


def _hover(s: Series) -> dict[str, Any]:
    if s.guide:
        return {"hoverinfo": "skip"}
    text = {"text": [_plain(t) for t in s.text], "hovertemplate": "%{text}<br>%{x}, %{y:.4~g}"} if len(s.text) else {}
    return {"hovertemplate": "%{x}: %{y:.4~g}"} | text


def _cloud(s: Series, colour: str, index: int) -> dict[str, Any]:
    n = len(s.y)
    kept = np.arange(n) if n <= POINTS else np.linspace(0, n - 1, POINTS).astype(int)
    size = 7 if len(kept) <= 200 else 5 if len(kept) <= 800 else 4
    marker = {
        "color": colour,
        "size": size,
        "symbol": _SYMBOLS[index % len(_SYMBOLS)],
        "opacity": 0.85 if len(kept) <= 200 else 0.5,
    }
    trace = {"type": "scatter", "mode": "markers", "x": _list(s.x[kept]), "y": _list(s.y[kept]), "marker": marker}
    if len(s.text):
        text = [_plain(s.text[i]) for i in kept.tolist()]
        return trace | {"mode": "markers+text", "text": text, "textposition": "top center", "hoverinfo": "x+y"}
    return trace | {"hovertemplate": "%{x:.4~g}, %{y:.4~g}"}


def _band(s: Series, colour: str) -> dict[str, Any]:
    x = _list(s.x)
    around = {"x": x + x[::-1], "y": _list(s.y) + _list(s.z)[::-1], "fill": "toself", "fillcolor": colour}
    return {"type": "scatter", "mode": "lines", "line": {"width": 0}, "opacity": 0.22, "hoverinfo": "skip"} | around


def _grid(s: Series) -> dict[str, Any]:
    trace: dict[str, Any] = {"x": _list(s.x), "y": _list(s.y), "z": _list(s.z), "name": _plain(s.label)}
    return trace | {"contour": _contour, "regions": _regions, "heat": _heat}[s.kind](s)


def _contour(s: Series) -> dict[str, Any]:
    lines = {"contours": {"coloring": "heatmap"}, "line": {"width": 0.6, "color": "var(--muted)"}, "ncontours": 18}
    shown = {"showscale": False, "hovertemplate": "%{z:.4~g}<extra></extra>"}
    return {"type": "contour", "colorscale": _HEAT} | lines | shown


def _regions(s: Series) -> dict[str, Any]:
    top = max(int(s.z.max()), 1)
    steps = [[(k + side) / (top + 1), f"var(--c{k % PALETTE})"] for k in range(top + 1) for side in (0, 1)]
    scale = {"colorscale": steps, "zmin": -0.5, "zmax": top + 0.5, "showscale": False}
    return {"type": "heatmap", "hoverinfo": "skip", "opacity": 0.28} | scale


def _heat(s: Series) -> dict[str, Any]:
    gap = 1 if max(s.z.shape) <= 40 else 0
    bar: dict[str, Any] = {"thickness": 10, "outlinewidth": 0, "tickfont": _SMALL}
    bar["title"] = {"text": _plain(s.label), "side": "right", "font": _SMALL}
    heat = {"type": "heatmap", "colorscale": _HEAT, "xgap": gap, "ygap": gap, "colorbar": bar}
    heat["hovertemplate"] = "%{z:.4~g}<extra></extra>"
    heat["showscale"] = s.y.dtype.kind != "U"  # a matrix of named rows says its scale in the caption
    if len(s.text):
        heat |= {"text": [[_plain(t) for t in row] for row in s.text], "texttemplate": "%{text}"}
        heat["textfont"] = {"size": 13 if max(s.z.shape) <= 8 else 10}
    return heat
