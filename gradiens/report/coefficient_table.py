"""The linear model on the training rows as a table: estimates in the columns' own units, with tests and intervals."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from gradiens.report.text import elide, number, pairs, table

SHOWN = 25  # rows shown before the rest is folded away


def coefficient_table(found: Mapping[str, Any], linear: bool = False) -> str:
    """The table as HTML, or the sentence that says why there is none. `linear`: the fitted model has this form itself."""
    if not found:
        return ""
    says = escape(str(found.get("says", "")))
    rows = found.get("rows")
    if not rows:
        return f"<p>No table of coefficients: {says}.</p>"
    what = (
        "The optimum of this model's own form, without early stopping or penalty"
        if linear
        else "The linear model beside which the network stands"
    )
    notes = [f"<p>{what}: {says}. All is fitted to the training rows; the table says nothing of test rows.</p>"]
    notes += _references(found)
    shown = _rows(found, rows[:SHOWN], "Coefficients, with their intervals")
    if rows[SHOWN:]:
        more = _rows(found, rows[SHOWN:], f"Coefficients {SHOWN + 1} to {len(rows)}")
        shown += f"\n<details><summary>{len(rows) - SHOWN} more coefficients</summary>{more}</details>"
    return "\n".join([*notes, shown, pairs(found.get("fit") or {})])


def _references(found: Mapping[str, Any]) -> list[str]:
    told = []
    reference, dependent = found.get("reference") or {}, found.get("dependent") or []
    if reference:
        levels = ", ".join(f"{escape(name)} = {escape(elide(level, 30))}" for name, level in reference.items())
        told.append(f"<p>Levels of a category are told against its most frequent one: {levels}.</p>")
    if dependent:
        names = ", ".join(escape(elide(name, 40)) for name in dependent)
        told.append(f"<p>Left out, because the columns before them determine them: {names}.</p>")
    return told


def _rows(found: Mapping[str, Any], rows: list[Mapping[str, Any]], caption: str) -> str:
    letter, percent = found.get("statistic", "t"), number(100 * found.get("level", 0.95), 3)
    head = ["", "estimate", "std. error", letter, f"P(&gt;|{letter}|)", f"{percent} % from", "to", "per std. deviation"]
    columns = ("estimate", "standard_error", "statistic", "p_value", "low", "high", "per_std")
    cells = [
        [
            f'<span title="{escape(str(row["name"]))}">{escape(elide(row["name"], 44))}</span>',
            *(_cell(name, row.get(name)) for name in columns),
        ]
        for row in rows
    ]
    return table(caption, head, cells, "numbers")


def _cell(name: str, value: Any) -> str:
    if name == "p_value" and value is not None and value < 1e-4:
        return "&lt; 0.0001"
    return number(value, 2 if name == "p_value" else 4)
