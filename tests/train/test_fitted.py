"""Predictions of a network for pictures from every form of data that `fit` takes; what is none is said."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core import progress
from gradiens.core.check import Mistake
from gradiens.train import evaluate
from gradiens.train.fit import fit

X = np.random.default_rng(0).integers(0, 256, (40, 5, 6, 3)).astype(np.uint8)
Y = np.arange(40) % 2


@pytest.fixture(scope="module")
def fitted():
    return fit((X, Y), hidden=(), epochs=1, quiet=True)


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (X, ""),
        (X.astype(np.int64), ""),
        (X.astype(np.float64), ""),
        (X / 255, "pixels from 0 to 1 are kept as bytes"),
        (np.moveaxis(X, -1, 1), "channels put last"),
        ((X, Y), ""),
        ((X, np.zeros(40)), ""),
        ((X[:20] / 255, Y[:20], X / 255, Y), "pixels from 0 to 1 are kept as bytes"),
    ],
    ids=["bytes", "whole", "numbers", "shares", "channels first", "x and y", "one class", "official"],
)
def test_arrays_as_fit_takes_them(fitted, data, note):
    made = fitted.predict(data)
    np.testing.assert_array_equal(made.probabilities, fitted.predict(X).probabilities)
    assert made.notes == ((note,) if note else ())


def test_what_is_no_picture_of_the_run_is_refused(fitted, tmp_path):
    np.savez(tmp_path / "wrong.npz", X=X, labels=Y)
    for data, says in (
        (tmp_path / "wrong.npz", r"the array x, got wrong\.npz with X, labels"),
        (X[..., 0], r"images of shape \(5, 6, 3\)"),
        (X.astype(float) - 300, "pixels from 0 to 1"),
        ({"a": [1.0]}, "images"),
    ):
        with pytest.raises(Mistake, match=says):
            fitted.predict(data)


def test_progress_of_predictions_counts_the_rows(fitted, monkeypatch):
    """Of the model that predicts; the outputs of rows inside of another work stay silent."""
    seen = []
    monkeypatch.setattr(evaluate, "ROWS", 16)
    monkeypatch.setattr(progress.Bar, "show", lambda bar, step, _: seen.append((bar.silent, step)))
    fitted.predict(X)
    assert seen == [(progress.quiet, 16), (progress.quiet, 32), (progress.quiet, 40)]
    fitted.outputs(X)
    assert [silent for silent, _ in seen[3:]] == [True] * 3
