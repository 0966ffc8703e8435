"""What more rows would bring: the same fit on growing parts of the training rows, judged on the same test rows.

Fewer rows lie within more, and everything fitted (moments, levels, weights, baselines) is fitted on the part alone. Two
lines that meet at a bad score are bias, which other models may cure; a gap that still closes is variance, which rows do.

Book: 2.7.  Source: Cortes et al. (1993).
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import numpy as np

from gradiens.core.check import Failure, Mistake
from gradiens.core.progress import Bar
from gradiens.data.picture_table import unread
from gradiens.data.prepare import Prepared, prepare
from gradiens.data.preprocessing import ImagePreprocessing
from gradiens.data.table import Table
from gradiens.train.evaluate import headline, score
from gradiens.train.fitted import Fitted
from gradiens.train.fitting import Fitting
from gradiens.train.spec import Spec

SHARES = (0.1, 0.2, 0.4, 0.7)  # of the training rows; the run itself is the last point


def learning_curve(fitted: Fitted, prepared: Prepared, source: Any, quiet: bool | None = None) -> list[dict[str, Any]]:
    """A point for each number of training rows: the headline metric on them, on the test rows with its interval, and of
    the baselines. A part on which nothing can be fitted (one class only) is left out.
    """
    spec, n = fitted.spec, len(prepared.train)
    counts = np.unique([max(int(share * n), 2) for share in SHARES])
    points = []
    with Bar("learning curve", len(counts), quiet) as bar:
        for done, keep in enumerate(counts[counts < n].tolist()):
            bar.show(done, {"training rows": keep})
            try:
                part = prepare_rows(spec, source, keep)
                with jax.enable_x64(spec.x64):
                    points.append(_point(Fitting(spec, part, None, True).go(), part))
            except (Failure, Mistake):
                continue
    return [*points, _point(fitted, prepared)]


def prepare_rows(spec: Spec, source: Any, keep: int | None = None) -> Prepared:
    """The data of `spec`, split and encoded, with `keep` of the training rows (None: all)."""
    shares = (1 - spec.val - spec.test, spec.val, spec.test)
    if spec.model and isinstance(source, Table):
        said = unread(source)
        do = "check the paths" if said else "leave out --model"
        raise Mistake(f"pictures for the network {spec.model}", said or "a table", do)
    prepared = prepare(source, spec.target, spec.task, spec.seed, shares, spec.drop, keep)
    return as_maps(prepared) if spec.model else prepared


def as_maps(prepared: Prepared) -> Prepared:
    """Images as a network for pictures takes them: maps, standardised by the training images."""
    assert isinstance(prepared.preprocessing, ImagePreprocessing)
    preprocessing = prepared.preprocessing.as_maps(prepared.train.x)
    said = "each channel is standardised by the training images"
    card = {**prepared.card, "notes": [*prepared.card["notes"], said]}
    return dataclasses.replace(prepared, preprocessing=preprocessing, card=card)


def _point(fitted: Fitted, part: Prepared) -> dict[str, Any]:
    task, metric, train, summary = fitted.task, headline(fitted.task), part.train, fitted.summary
    y, prediction = train.y, fitted.outputs(train.x)
    if task == "number":
        decode = part.preprocessing.decode_target
        y, prediction = (np.asarray(decode(a), np.float64) for a in (y, prediction))
    return {
        "rows": len(train), "metric": metric, "train": score(task, y, prediction)[metric],
        "test": summary["test"][metric], "interval": summary["intervals"].get(metric),
        "baselines": {name: told[metric] for name, told in summary["baselines"].items()},
    }  # fmt: skip
