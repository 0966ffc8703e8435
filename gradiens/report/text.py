"""Numbers and words for a page: formatted for people, escaped for HTML."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

MISSING = "–"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_METRICS = {
    "balanced_accuracy": "balanced accuracy",
    "log_loss": "log loss",
    "auc": "AUC",
    "f1": "F₁",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
}
_LOWER = ("loss", "rmse", "mae", "mse", "brier", "error", "deviance")


def number(value: Any, digits: int = 4) -> str:
    """`value` to `digits` significant digits: 12,345 · 0.9732 · 3.1×10⁻¹⁶; a dash for None and NaN."""
    if value is None or (isinstance(value, str) and not value):
        return MISSING
    if isinstance(value, bool | str):
        return str(value)
    try:
        value = float(value)
    except (TypeError, ValueError):
        return str(value)
    if not math.isfinite(value):
        return MISSING if math.isnan(value) else ("∞" if value > 0 else "−∞")
    return _finite(value, digits).replace("-", "−")


def _finite(value: float, digits: int) -> str:
    if value == int(value) and abs(value) < 1e12:
        return f"{int(value):,}"
    if 1e-4 <= abs(value) < 10**digits:
        return f"{value:.{digits}g}"
    if 10**digits <= abs(value) < 1e7:
        return f"{value:,.0f}"
    mantissa, exponent = f"{value:.{min(digits, 3) - 1}e}".split("e")
    return f"{mantissa}×10{str(int(exponent)).translate(_RAISED)}"


def score(value: Any) -> str:
    """A metric with as many decimals as its size asks for, trailing zeros kept, so that a column of them lines up."""
    if value is None or isinstance(value, bool | str) or not 1e-3 <= abs(value) < 1e4:
        return number(value)
    decimals = 4 if abs(value) < 10 else 2 if abs(value) < 100 else 1
    return f"{value:,.{decimals}f}".replace("-", "−")


def times(count: int) -> str:
    """once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(int(count), f"{count:,} times")


def duration(seconds: Any) -> str:
    """Seconds as 0.42 s, 12.3 s, 4 min 5 s or 2 h 3 min."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def metric_name(name: str) -> str:
    """The name of a metric as people write it."""
    return _METRICS.get(name, name.replace("_", " "))


def lower_is_better(name: str) -> bool:
    """Whether a metric is a cost."""
    return any(word in name for word in _LOWER)


def elide(text: Any, length: int) -> str:
    """At most `length` characters, the last an ellipsis where something was cut."""
    text = str(text)
    return text if len(text) <= length else text[: length - 1] + "…"


def cell(value: Any) -> str:
    """Any value of a card, spec or environment as escaped text."""
    if isinstance(value, Mapping):
        return ", ".join(f"{escape(str(k))} {cell(v)}" for k, v in value.items()) or MISSING
    if isinstance(value, list | tuple):
        return ", ".join(map(cell, value)) or MISSING
    return escape(number(value))


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """A table of ready HTML cells with a caption; the first cell of a row is its heading. It scrolls on its own."""
    top = "".join(f'<th scope="col">{h}</th>' for h in head)
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{c}</td>" for c in rest) + "</tr>" for first, *rest in rows
    )
    name = f' class="{kind}"' if kind else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table{name}><caption>{escape(caption)}</caption>\n<thead><tr>{top}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def pairs(items: Mapping[str, Any]) -> str:
    """A list of names and values."""
    rows = "".join(f"<dt>{escape(str(k).replace('_', ' '))}</dt><dd>{cell(v)}</dd>" for k, v in items.items())
    name = ' class="two"' if len(items) >= 8 else ""
    return f"<dl{name}>{rows}</dl>" if rows else ""


def copyable(text: str, name: str, label: str) -> str:
    """A block of code with a button that copies it."""
    return (
        f'<div class="code"><pre tabindex="0"><code id="{name}">{escape(text)}</code></pre>'
        f'<button type="button" data-copy="{name}">{escape(label)}</button></div>'
    )
