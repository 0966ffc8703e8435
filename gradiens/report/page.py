"""The page of a run: headline, data, equations, layers, curves, evaluation, how to repeat it, where it ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from gradiens.report.coefficient_table import coefficient_table
from gradiens.report.curves import learning_curves, size_curve
from gradiens.report.data_card import data_card
from gradiens.report.document import Section, document
from gradiens.report.draw import draw
from gradiens.report.evaluation import class_table, evaluation
from gradiens.report.figure import Figure
from gradiens.report.headline import headline
from gradiens.report.mathml import equations
from gradiens.report.run_report import RunReport
from gradiens.report.text import copyable, duration, elide, number, pairs, table

_TIMES = {"compile": "compiling", "train": "training", "evaluate": "evaluating", "total": "total"}
_READ_BACK = (
    "These are read from the program that ran. Where it says <em>checked</em>, the printed text was parsed again, executed on "
    "random inputs and compared with the program; the error is the largest relative difference found."
)


def render(run: RunReport) -> str:
    """The report of a run as one HTML page that needs nothing else."""
    parts = [
        ("data", "The data", data_card(run.card) if run.card else ""),
        ("equations", "The equations", _equations(run)),
        ("layers", "Shapes and parameters", _layers(run)),
        ("curves", "Learning", row([*learning_curves(run), *size_curve(run)], "curve")),
        ("evaluation", "On the test rows", row([*run.plane, *evaluation(run)], "test", class_table(run))),
        ("inner", "Inside the network", row(run.inner, "inner")),
        ("coefficients", "The linear model, read", coefficient_table(run.coefficients, run.linear)),
        ("repeat", "How it was trained, and how to repeat it", _repeat(run)),
        ("environment", "Where it ran", pairs(run.environment)),
    ]
    version = escape(str(run.environment.get("gradiens", "")))
    foot = f"Written by gradiens {version}. This page loads nothing from the network."
    sections = [Section(*part) for part in parts if part[2]]
    return document(f"{run.title}: {run.target}", headline(run), sections, foot)


def row(figures: Sequence[Figure], name: str, beside: str = "", level: int = 3) -> str:
    """Figures, and ready HTML beside them, two a row where there is room."""
    drawn = [draw(figure, f"{name}-{k}", level) for k, figure in enumerate(figures, 1)]
    drawn += [f"<div>{beside}</div>"] * bool(beside)
    if len(drawn) < 2:
        return "".join(drawn)
    return '<div class="pair">\n' + "\n".join(drawn) + "\n</div>"


def _equations(run: RunReport) -> str:
    if not run.equations:
        return ""
    return f'<p class="aside">{_READ_BACK}</p>\n' + "\n".join(equations(run.equations))


def _layers(run: RunReport) -> str:
    if not run.layers:
        return ""
    told = any(layer.get("flops") is not None for layer in run.layers)
    rows = [
        [
            escape(elide(layer.get("name", ""), 60)),
            _shape(layer.get("shape")),
            number(layer.get("parameters"), 12),
            *([number(layer.get("flops"), 12)] if told else []),
        ]
        for layer in run.layers
    ]
    rows.append(["<b>all</b>", "", f"<b>{run.total_parameters:,}</b>", *([""] if told else [])])
    head = ["layer", "shape", "parameters", *(["operations an example"] if told else [])]
    return table("Layers, in the order in which the input meets them", head, rows, "numbers")


def _shape(shape: object) -> str:
    if isinstance(shape, Mapping):
        return ",&ensp;".join(f"{escape(str(name))}: {_shape(one)}" for name, one in shape.items()) or "–"
    if isinstance(shape, list | tuple):
        return " × ".join(map(str, shape)) if shape else "scalar"
    return escape(str(shape)) if shape is not None else "–"


def _repeat(run: RunReport) -> str:
    blocks = []
    if run.command:
        blocks.append("<p>This command repeats the run:</p>" + copyable(run.command, "command", "Copy command"))
    ended = {"ended because": run.stopped or None, "weights kept from step": run.best_step}
    blocks.append(pairs({k: v for k, v in ended.items() if v is not None}))
    if run.seconds:
        rows = [[escape(_TIMES.get(k, k)), duration(v)] for k, v in run.seconds.items()]
        blocks.append(table("Time, compiling apart from running", ["", "wall clock"], rows, "numbers narrow"))
    if run.spec:
        blocks.append("<h3>Settings</h3>" + pairs(run.spec))
    return "\n".join(filter(None, blocks))
