"""Fit a network to data: prepare, train in the one loop, evaluate, keep the best, judge against the baselines.

Everything random is a pure function of the seed and the step, and a checkpoint holds the whole state of the loop, so a
run that was killed and resumed ends, bit for bit, where the uninterrupted one ends.

Book: 4.2, 5.5.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import jax

from gradiens.core.check import Mistake
from gradiens.core.run import Run
from gradiens.core.session import environment
from gradiens.data.load import as_source, load
from gradiens.data.prepare import Prepared
from gradiens.data.table import Header
from gradiens.train.equation_text import text_of
from gradiens.train.fitted import Fitted
from gradiens.train.fitting import Fitting
from gradiens.train.learning_curve import learning_curve, prepare_rows
from gradiens.train.network import make_loss, starts_of
from gradiens.train.spec import Spec, make_spec

MEMORY = "from memory"  # the note of data that no path or name leads back to
HEADERS: dict[str, Header] = {"auto": "auto", "yes": True, "no": False}


def fit(
    data: Any, target: str = "", out: str | Path | None = None, quiet: bool | None = None, **options: Any
) -> Fitted:
    """Fit a network to `data` and judge it on held-out rows.

    `data` is the path of a table or of a folder of pictures, the name of a data set, a Polars or pandas data frame, a mapping
    of columns, a `Table` or `Images`, or arrays of images (x, y); `options` are the fields of `Spec`. With `out`, the run is
    kept in that folder and can be resumed, if `data` is a path or a name.
    """
    source = None if isinstance(data, str | Path) else _marked(as_source(data))
    if "equation" in options:
        options["equation"] = text_of(options["equation"])
    spec = make_spec(data=str(data) if source is None else source.name, target=target, **options)
    folder = Path(out) if out is not None else None
    return run_spec(spec, folder, prepare_spec(spec, source), quiet, source)


def run_spec(
    spec: Spec, folder: Path | None, prepared: Prepared, quiet: bool | None = None, source: Any = None
) -> Fitted:
    """Fit what `spec` says to its prepared data, in a new run if there is a `folder`.

    `source` is what the data were prepared from, if that has neither path nor name; a learning curve asks for it.
    """
    make_loss(spec, prepared.task)  # what is wrong is said before there is a folder
    starts_of(spec, prepared.preprocessing)
    if folder is None:
        return _fitted(spec, prepared, None, quiet, source)
    run = Run(folder)
    with run.locked():
        sha256 = "" if MEMORY in prepared.card["notes"] else prepared.card["sha256"]
        run = Run.create(folder, {**spec.model_dump(), "sha256": sha256}, environment())
        try:
            return _fitted(spec, prepared, run, quiet, source)
        except Exception:
            if not run.checkpoints():
                run.discard()
            raise


def _marked(source: Any) -> Any:
    """Data given as an object: of whatever name, no path leads back to them."""
    if MEMORY in source.notes:
        return source
    return dataclasses.replace(source, notes=(MEMORY, *source.notes))


def _fitted(spec: Spec, prepared: Prepared, run: Run | None, quiet: bool | None, source: Any = None) -> Fitted:
    with jax.enable_x64(spec.x64):
        fitted = Fitting(spec, prepared, run, quiet).go()
    if spec.learning_curve and len(prepared.test):
        source = load_spec(spec) if source is None else source
        fitted.summary["learning_curve"] = learning_curve(fitted, prepared, source, quiet)
        if run:
            run.write_summary(fitted.summary)
    return fitted


def resume(folder: str | Path, quiet: bool | None = None) -> Fitted:
    """Go on with the run in `folder` from its last whole checkpoint, to the same end, bit for bit."""
    run = Run.open(Path(folder))
    with run.locked():
        spec, prepared = prepare_again(run)
        return _fitted(spec, prepared, run, quiet)


def prepare_again(run: Run) -> tuple[Spec, Prepared]:
    """The spec of a run, and its data once more; a `Mistake` where they are no longer what the run began with."""
    stored = run.spec
    sha256 = stored.pop("sha256", None)
    spec = make_spec(**stored)
    if sha256 == "":
        raise Mistake("a run on data with a path or a name", f"{spec.data}, which was in memory", "fit it from Python")
    prepared = prepare_spec(spec)
    if sha256 is not None and prepared.card["sha256"] != sha256:
        raise Mistake(f"{spec.data} as it was when the run began", "other content", "start a new run on the new data")
    return spec, prepared


def prepare_spec(spec: Spec, source: Any = None) -> Prepared:
    """The data of `spec`, split and encoded."""
    return prepare_rows(spec, load_spec(spec) if source is None else source)


def load_spec(spec: Spec) -> Any:
    """The data that `spec` names."""
    source = load(spec.data, HEADERS[spec.header], spec.target, spec.size, spec.pictures)
    path = Path(spec.data)
    if spec.pictures and not (path.is_file() and path.suffix.lower() != ".npz"):
        raise Mistake("a table with a column of paths", spec.data, "leave out --pictures")
    return source
