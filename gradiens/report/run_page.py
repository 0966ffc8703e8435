"""The report of a fitted model: gathers what the run left, reads the equations, writes the page."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

from gradiens.core.check import Mistake
from gradiens.core.files import write_text
from gradiens.core.progress import working
from gradiens.core.run import Run
from gradiens.core.session import environment
from gradiens.equations.boxes.notation import named
from gradiens.equations.boxes.unicode import unicode
from gradiens.nn.summary import layer_table
from gradiens.report.boundary import boundary
from gradiens.report.figure import Figure
from gradiens.report.inner import inner_figures
from gradiens.report.layer_statistics import layer_figures
from gradiens.report.page import render
from gradiens.report.run_report import RunReport
from gradiens.train.explain import Titled, equations_of
from gradiens.train.fitted import Fitted
from gradiens.train.spec import Spec
from gradiens.train.watch import watched


def write_report(fitted: Fitted, path: Path | None = None) -> tuple[Path, list[Titled]]:
    """Write the page (default: report.html in the run's folder); returns its path and the equations in it."""
    if path is None and fitted.folder is None:
        raise Mistake("a path for the report of a run without a folder", "none", "write_report(fitted, 'report.html')")
    path = Path(path) if path is not None else Path(str(fitted.folder)) / "report.html"
    with working("reading the equations, writing the report"):
        equations = _read(fitted)
        write_text(path, render(gather(fitted, equations)))
    return path, equations


def _read(fitted: Fitted) -> list[Titled]:
    """The equations; an hour of training does not lose its report to a program that cannot be read."""
    try:
        return equations_of(fitted)
    except Exception as error:
        print(f"the equations could not be read: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
        return []


def gather(fitted: Fitted, equations: list[Titled]) -> RunReport:
    """Everything on the page, as data."""
    summary, spec = fitted.summary, fitted.spec
    arrays = fitted.tested
    kept = ("target", "card", "parameters", "test", "baselines", "comparison", "seconds", "stopped", "best_step")
    later = {name: summary.get(name, {}) for name in ("intervals", "coefficients")}  # older runs have none
    return RunReport(
        title=str(summary["card"]["name"]), task=fitted.task, classes=summary["classes"],
        equations=[_told(title, one) for title, one in equations], layers=_layers(fitted.model),
        history=fitted.history, y=arrays.get("y"), prediction=arrays.get("prediction"),
        environment=Run(fitted.folder).environment if fitted.folder else environment(),
        spec=spec.model_dump(), command="" if _in_memory(summary) else command(spec),
        plane=boundary(fitted), inner=_inner(fitted), linear=_is_linear(fitted),
        learning_curve=summary.get("learning_curve", ()),
        **{name: summary[name] for name in kept}, **later,
    )  # fmt: skip


def _inner(fitted: Fitted) -> list[Figure]:
    """Nor is a report lost to a network that cannot be looked into."""
    try:
        return [*layer_figures(*watched(fitted.history)), *inner_figures(fitted)]
    except Exception as error:
        print(f"the network could not be looked into: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
        return []


def _in_memory(summary: dict[str, Any]) -> bool:
    """Did the data have neither path nor name? No command line repeats such a run."""
    return "from memory" in summary["card"].get("notes", ())


def _is_linear(fitted: Fitted) -> bool:
    """Is the model one dense layer, trained on the loss whose optimum the table of coefficients is?"""
    spec = fitted.spec
    layers = spec.equation or spec.model or spec.hidden or fitted.preprocessing.levels
    other = spec.loss != "auto" or spec.l1 or spec.l2 or spec.label_smoothing
    return not layers and not other


def _layers(model: Any) -> list[dict[str, Any]]:
    """The layer table; the parameters of a written model, W_{1}, as they are printed."""
    return [
        {**row, "name": unicode(named(row["name"])) if "{" in row["name"] else row["name"]}
        for row in layer_table(model)
    ]


def _told(title: str, one: Any) -> dict[str, Any]:
    note = f"printed by name only: {', '.join(one.unprinted)}" if one.unprinted else ""
    text = {"mathml": one.mathml(), "latex": one.latex(), "unicode": one.unicode()}
    try:
        check = one.check()
    except Exception as error:  # nor does a report get lost to a print that cannot be read back
        return {"title": title, "error": None, "note": f"not checked: {type(error).__name__}", **text}
    return {"title": title, "error": check.error, "note": str(check) if check.wrong else note, **text}


def command(spec: Spec) -> str:
    """The command line that reproduces the run: every flag that differs from its default."""
    words = ["gradiens", "fit", spec.data]
    for name, field in type(spec).model_fields.items():
        value = getattr(spec, name)
        if name == "data" or value == field.default:
            continue
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, dict):
            words += [word for knob, v in value.items() for word in ("--set", f"{knob}={v:g}")]
        elif isinstance(value, bool):
            words += [flag if value else f"--no-{flag[2:]}"]
        else:
            words += [flag, ",".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)]
    return shlex.join(words)
