"""The data card: where the rows came from, how they were split, what each column was taken for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from gradiens.data.examples import picture_of
from gradiens.report.figure import Figure, Series
from gradiens.report.gallery import gallery
from gradiens.report.text import cell, elide, number, pairs, table

COLUMNS = 30  # columns shown before the rest is folded away
CLASSES = 12  # classes shown before the rest is summed up
_PARTS = {"train": "training", "val": "validation", "test": "test"}


def data_card(card: Mapping[str, Any]) -> str:
    """The card as HTML; whatever it lacks is left out."""
    blocks = [
        *(_origin(card), _target(card), _examples(card.get("images") or {})),
        *(_columns(card.get("columns") or []), _notes(card.get("notes") or [])),
    ]
    return "\n".join(filter(None, blocks)) or "<p>No data card was kept.</p>"


def _origin(card: Mapping[str, Any]) -> str:
    facts = {"data": card.get("name"), "file": card.get("path"), "rows": card.get("rows")}
    parts = card.get("parts") or card.get("split") or {}
    facts["split"] = ", ".join(f"{number(n)} {_PARTS.get(part, part)}" for part, n in parts.items())
    images = card.get("images") or {}
    if images.get("shape"):
        facts["images"] = " × ".join(map(str, images["shape"])) + f", values 0 to {number(images.get('maximum'))}"
    facts |= {"features": card.get("features"), "split seed": card.get("seed"), "sha256": card.get("sha256")}
    return pairs({k: v for k, v in facts.items() if v not in (None, "")})


def _target(card: Mapping[str, Any]) -> str:
    target = card.get("target") or {}
    if not isinstance(target, Mapping):
        return f"<p>{escape(str(target))}</p>"
    counts = target.get("classes") or card.get("classes") or {}
    if isinstance(counts, Mapping) and counts:
        return _classes(str(target.get("name", "the target")), counts)
    if target.get("mean") is None:
        return ""
    name, mean, std = escape(str(target.get("name", ""))), number(target["mean"]), number(target.get("std"))
    return f"<p>In the training rows <strong>{name}</strong> has mean {mean} and standard deviation {std}.</p>"


def _classes(name: str, counts: Mapping[str, int]) -> str:
    most, total = max(counts.values()) or 1, sum(counts.values()) or 1
    shown = list(counts.items())
    if len(shown) > CLASSES + 1:
        shown = sorted(shown, key=lambda item: -item[1])[:CLASSES]
    rows = [
        [
            escape(elide(label, 40)),
            number(n),
            f"{100 * n / total:.1f} %",
            f'<i class="meter" style="width:{100 * n / most:.1f}%"></i>',
        ]
        for label, n in shown
    ]
    rest = len(counts) - len(shown)
    if rest:
        others = total - sum(n for _, n in shown)
        rows.append([f"<em>{rest} more classes</em>", number(others), f"{100 * others / total:.1f} %", ""])
    return table(f"Classes of {elide(name, 40)}", ["class", "rows", "share", ""], rows, "numbers meters")


def _examples(images: Mapping[str, Any]) -> str:
    """The sheets of training pictures, one a class."""
    sheets = images.get("examples") or []
    if not sheets:
        return ""
    series = [Series("picture", z=picture_of(sheet["png"]), label=elide(sheet["label"], 40)) for sheet in sheets]
    return gallery(Figure("Training pictures of each class", series), "examples", 3)


def _columns(columns: Sequence[Mapping[str, Any]]) -> str:
    if not columns:
        return ""
    shown = _column_table("Columns and what they were taken for", columns[:COLUMNS])
    rest = columns[COLUMNS:]
    if not rest:
        return shown
    more = _column_table(f"Columns {COLUMNS + 1} to {len(columns)}", rest)
    return f"{shown}\n<details><summary>{len(rest)} more columns</summary>{more}</details>"


def _column_table(caption: str, columns: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            f'<span title="{escape(str(c.get("name", "")))}">{escape(elide(c.get("name", ""), 32))}</span>',
            cell(c.get("kind")),
            number(c.get("missing")),
            number(c.get("levels")),
            *(number(c.get(k)) for k in ("min", "mean", "max")),
            cell(c.get("says")),
        ]
        for c in columns
    ]
    head = ["column", "kind", "missing", "levels", "least", "mean", "largest", "used as"]
    return table(caption, head, rows, "numbers columns")


def _notes(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    return "<h3>Decisions</h3>\n<ul>" + "".join(f"<li>{escape(str(note))}</li>" for note in notes) + "</ul>"
