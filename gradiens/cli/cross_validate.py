"""`gradiens cross-validate`: a network and the baselines on the same folds."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gradiens.cli.options import spec_flags, spec_values
from gradiens.cli.output import Json, Quiet, console, emit, start, table
from gradiens.core.check import Mistake, known
from gradiens.train.equation_text import text_of
from gradiens.train.spec import Spec, make_spec

MODELS = ("mlp", "linear")
Folds = Annotated[int, typer.Option(help="parts that the rows are cut into, each once the test rows")]


@spec_flags(Spec, skip=("data", "test", "learning_curve", "model", "size", "augment"))
def cross_validate(
    data: Annotated[str, typer.Argument(metavar="DATA", help=Spec.model_fields["data"].description)],
    model: Annotated[
        str, typer.Option("--model", help="mlp, linear, or an equation ŷ = … (instead of --equation)")
    ] = "mlp",
    folds: Folds = 5,
    repeats: Annotated[int, typer.Option(help="how often all folds are drawn anew")] = 1,
    groups: Annotated[str, typer.Option("--groups", help="a column: no group is on both sides; it is no input")] = "",
    time: Annotated[bool, typer.Option("--time", help="rows are in the order of time: learn from the past")] = False,
    gap: Annotated[int, typer.Option(help="with --time: rows left out between the past and the fold")] = 0,
    as_json: Json = False,
    quiet: Quiet = False,
    **given: Any,
) -> None:
    """Fit a network to DATA without one fold after the other, and score it there beside the baselines.

    Everything that is learnt, scales and levels too, is learnt anew in each fold. The comparison with the baseline is
    over the same folds, with an interval that allows for the training rows they share.
    """
    start(as_json, quiet)
    from gradiens.train.cross_validate import Cut, cross_validate_spec
    from gradiens.train.fit import load_spec

    values = spec_values(Spec, given)
    values |= _model(model, values)
    spec = make_spec(data=data, test=0.0, **values)
    cut = Cut(folds, repeats, groups, time, gap)
    source = load_spec(spec)
    found = cross_validate_spec(spec, source, cut)
    if as_json:
        emit({"data": spec.data, **found.summary()})
        return
    _tell(spec.data, found)


def _model(text: str, values: dict[str, Any]) -> dict[str, Any]:
    """What `--model` says, as fields of the spec."""
    equation = text_of(values["equation"])
    text = text_of(text)
    if "=" in text:
        if equation:
            raise Mistake("one equation", "--model and --equation", "leave out one")
        return {"equation": text}
    if known("model", text, MODELS, see="an equation is a model too: 'ŷ = softmax(W x + b)'") == "linear":
        default = tuple(map(str, Spec.model_fields["hidden"].default))
        if equation or tuple(map(str, values["hidden"])) != default:
            raise Mistake("the linear model alone", "also --hidden or --equation", "leave out --model linear")
        return {"equation": "", "hidden": ()}
    return {"equation": equation}


def _tell(data: str, found: Any) -> None:
    out = console()
    kinds = "" if found.task == "number" else " of classes" if found.task == "classes" else " of two classes"
    sizes = sorted({len(test) for _, test in found.folds})
    rows = f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
    out.print(
        f"[bold]{data}[/bold]: {found.rows:,} rows, target {found.target!r}{kinds}, {len(found.folds)} folds of {rows} rows"
    )
    summary = found.summary()["scores"]
    cell = lambda one: f"{one['mean']:.4g} ± {one['standard_error']:.2g}"  # noqa: E731
    lines = [[metric, *(cell(of[metric]) for of in summary.values())] for metric in summary["network"]]
    out.print(table("mean over the folds ± standard error", ("", *summary), lines))
    best = found.best_baseline
    effect, sign = found.effects[best], -1 if found.metric == "rmse" else 1
    low, high = sorted((sign * effect.low, sign * effect.high))
    numbers = (
        f"{found.metric} {sign * effect.difference + 0.0:+.4g}, {effect.level:.0%} interval {low:+.4g} to {high:+.4g}"
    )
    out.print(f"\nThe network {effect.verdict} the {best} baseline on the same folds: {numbers}, p = {effect.p_value:.2g}.",
              markup=False)  # fmt: skip
