"""`gradiens fit`, `resume` and `predict`: from a table to a trained, explained model, and to predictions."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from gradiens.cli.options import spec_flags, spec_values
from gradiens.cli.output import Json, Quiet, console, emit, start, table
from gradiens.core.check import Mistake
from gradiens.train.equation_text import text_of
from gradiens.train.spec import Spec, make_spec

RUNS = Path("runs")
Out = Annotated[Path | None, typer.Option("--out", help="the run's folder; default runs/DATA-1, -2, …")]
Open = Annotated[bool, typer.Option("--open", help="open the report in the browser")]
Folder = Annotated[Path, typer.Argument(metavar="RUN", help="the folder of a run")]


@spec_flags(Spec, skip=("data",))
def fit(
    data: Annotated[str, typer.Argument(metavar="DATA", help=Spec.model_fields["data"].description)],
    out: Out = None,
    open_report: Open = False,
    as_json: Json = False,
    quiet: Quiet = False,
    **given: Any,
) -> None:
    """Fit a network to DATA, judge it against baselines on held-out rows, and write a report.

    Every field of the spec is a flag. The run is kept in a folder: spec, metrics, checkpoints, model, report.
    """
    values = spec_values(Spec, given)
    values["equation"] = text_of(values["equation"])
    values["knobs"] = {name: _number(name, value) for name, value in values["knobs"].items()}
    _fit(make_spec(data=data, **values), out, as_json, quiet, open_report)


def _fit(spec: Spec, out: Path | None, as_json: bool, quiet: bool, open_report: bool) -> None:
    start(as_json, quiet)
    from gradiens.train.fit import prepare_spec, run_spec
    from gradiens.train.network import starts_of

    folder = out or _next_folder(Path(spec.data).stem)
    prepared = prepare_spec(spec)
    screen = console(as_json)
    _show_data(prepared.card, screen)
    _show_starts(starts_of(spec, prepared.preprocessing), screen)
    _finish(run_spec(spec, folder, prepared), as_json, open_report)


def demo(open_report: Open = False, as_json: Json = False, quiet: Quiet = False) -> None:
    """Fit a network to real data and explain it: MNIST when GRADIENS_DATA is set, else scikit-learn's digits."""
    data = "mnist" if os.environ.get("GRADIENS_DATA") else "digits"
    spec = make_spec(
        data=data, hidden=(256, 128), epochs=4 if data == "mnist" else 60, batch=128, schedule="cosine", lr=2e-3
    )
    _fit(spec, None, as_json, quiet, open_report)


def resume(
    folder: Folder,
    open_report: Open = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Go on with an interrupted RUN from its last checkpoint, to the same end, bit for bit."""
    start(as_json, quiet)
    from gradiens.train.fit import resume as go_on

    _finish(go_on(folder), as_json, open_report)


def predict(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="the folder of a run, or a model.safetensors")],
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="a table with the columns of the training data; a picture or a folder")
    ],
    out: Annotated[Path | None, typer.Option("--out", help="write a CSV instead of printing")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Predict the target for every row of DATA: the class with the probability of each, or the number."""
    start(as_json, quiet)
    import polars as pl

    from gradiens.train.fitted import load_model

    fitted = load_model(run)
    made = fitted.predict(data)
    columns: dict[str, Any] = {"file": made.names} if made.names else {}
    columns[fitted.preprocessing.target.name] = made.predicted.tolist()
    if made.probabilities is not None:
        columns |= {f"p({name})": made.probabilities[:, k] for k, name in enumerate(made.classes)}
    frame = pl.DataFrame(columns)
    for note in made.notes:
        print(note, file=sys.stderr)
    if out:
        from gradiens.core.files import write_text

        write_text(out, frame.write_csv())
    if as_json:
        told = {"path": str(out)} if out else {"predictions": frame.to_dicts()}
        emit({"rows": frame.height, "notes": list(made.notes), **told})
    else:
        print(f"{frame.height} predictions written to {out}" if out else frame.write_csv(), end="\n" if out else "")


def _finish(fitted: Any, as_json: bool, open_report: bool) -> None:
    """The report, and the outcome in words or JSON."""
    from gradiens.report.run_page import write_report

    page, equations = write_report(fitted)
    summary, folder = fitted.summary, fitted.folder
    if as_json:
        kept = ("task", "target", "classes", "parameters", "stopped", "test", "baselines", "comparison", "seconds")
        later = {name: summary[name] for name in ("intervals", "coefficients", "learning_curve") if name in summary}
        emit({"run": str(folder), **{name: summary[name] for name in kept}, **later, "report": str(page)})
    else:
        kept = 1 + getattr(fitted.model, "has_cost", False)  # `gradiens explain` has them all
        _show_outcome(summary, equations[:kept] + equations[-1:], folder, page)
    if open_report:
        import webbrowser

        webbrowser.open(page.resolve().as_uri())


def _show_data(card: dict[str, Any], out: Any) -> None:
    parts = ", ".join(f"{n:,} {name}" for name, n in card["parts"].items())
    out.print(f"[bold]{card['name']}[/bold]: {card['rows']:,} rows ({parts}), {card['features']:,} features")
    if card["columns"]:
        rows = [[c.get(name) for name in ("name", "kind", "missing", "levels")] for c in card["columns"][:40]]
        out.print(table("", ("column", "kind", "missing", "levels"), rows))
    if len(card["columns"]) > 40:
        out.print(f"… and {len(card['columns']) - 40:,} more columns, all in the report")
    if card.get("images"):
        shape, counts = card["images"]["shape"], card["target"].get("classes", {})
        out.print(f"pictures {' × '.join(map(str, shape))}, of each class: {_counts(counts)}", markup=False)
    for note in card["notes"]:
        out.print(f"· {note}", markup=False)


def _counts(counts: dict[str, int]) -> str:
    """`cat 500, dog 480`: the first twenty classes."""
    told = [f"{name} {n:,}" for name, n in list(counts.items())[:20]]
    return ", ".join(told) + (f" … {len(counts):,} classes" if len(counts) > 20 else "")


def _show_starts(starts: Sequence[Any], out: Any) -> None:
    """The parameters of a written model before it is trained."""
    if starts:
        out.print(table("", ("parameter", "space", "starts as"), [(one.name, one.space, str(one)) for one in starts]))


def _show_outcome(summary: dict[str, Any], equations: list[Any], folder: Path, page: Path) -> None:
    out = console()
    for title, equation in equations:
        out.print(f"\n[bold]{title}[/bold]   [dim]read from the program that ran, {equation.check().short}[/dim]")
        out.print(str(equation), markup=False)
    if summary["test"]:
        _show_scores(summary, out)
    else:
        out.print("\nno test rows were set apart: the model is not judged")
    for point in summary.get("learning_curve", ()):
        told = "{rows:,} training rows: {metric} {test:.4g} on the test rows, {train:.4g} on themselves".format(**point)
        out.print(f"· {told}", markup=False)
    seconds = summary["seconds"]
    out.print(f"{summary['stopped']}; compiled in {seconds['compile']:.1f} s, trained in {seconds['train']:.1f} s")
    out.print(
        f"\nreport   {page}\npredict  gradiens predict {folder} DATA\nexplain  gradiens explain {folder}", markup=False
    )


def _show_scores(summary: dict[str, Any], out: Any) -> None:
    """The metrics of the network, their intervals, those of the baselines, and the verdict."""
    ours, rivals, intervals = summary["test"], summary["baselines"], summary.get("intervals", {})
    columns = ("on the test rows", "network", *(("95 % from", "to") if intervals else ()), *rivals)
    rows = [
        [
            metric, value, *(intervals.get(metric, (None, None)) if intervals else ()),
            *(theirs.get(metric) for theirs in rivals.values()),
        ]
        for metric, value in ours.items()
    ]  # fmt: skip
    out.print()
    out.print(table("", columns, rows))
    out.print(f"\n{verdict(summary['comparison'])}", markup=False)


def verdict(comparison: dict[str, Any]) -> str:
    """The comparison in one sentence."""
    sign = -1 if comparison["metric"] == "rmse" else 1
    ends = sorted(sign * end for end in comparison["interval"] or ())
    told = "{metric} {0:+.4g}, " + (
        "{level:.0%} interval {1:+.4g} to {2:+.4g}" if ends else "too few rows for an interval"
    )
    numbers = told.format(sign * comparison["difference"] + 0.0, *ends, **comparison)
    return "The network {verdict} the {baseline} baseline on the test rows: {0}.".format(numbers, **comparison)


def _next_folder(stem: str) -> Path:
    stem = "".join(c if c.isalnum() or c in "-_" else "-" for c in stem) or "run"
    return next(folder for i in range(1, 10**6) if not (folder := RUNS / f"{stem}-{i}").exists())


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Mistake(f"a number for {name}", repr(text)) from None
