"""Cross-validation of a network: baselines are scikit-learn's on the same folds, nothing leaks, every kind of fold."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LinearRegression

from gradiens.core.check import Mistake
from gradiens.core.module import named_leaves
from gradiens.data.folds import k_fold, stratified_k_fold
from gradiens.data.images import Images
from gradiens.data.table import Table
from gradiens.evaluation.comparison import corrected_t
from gradiens.train import cross_validate as module
from gradiens.train.cross_validate import Cut, cross_validate

QUICK = {"hidden": (4,), "epochs": 2, "quiet": True}


def numbers(seed=0, n=60):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(5, 3, n), rng.choice(["x", "y", "z"], n)
    columns = {"a": a, "b": b, "group": np.arange(n) // 6, "y": 2 * a + 3 * (b == "x") + rng.normal(size=n)}
    return Table(pl.DataFrame(columns), "made", target="y")


def classes(seed=0, n=60, k=3):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % k
    columns = {"a": rng.normal(size=n) + y, "b": rng.normal(size=n), "y": [f"class {c}" for c in y]}
    return Table(pl.DataFrame(columns), "made", target="y")


def test_the_linear_baseline_is_scikit_learns_on_the_same_folds():
    table = numbers()
    found = cross_validate(table, folds=3, val=0.0, seed=3, **QUICK)
    frame = table.frame.to_dummies("b").with_columns(pl.col("group").cast(pl.Float64))
    x, y = frame.drop("y").to_numpy(), frame["y"].to_numpy()
    expected = []
    for train, test in k_fold(60, 3, 3):
        made = LinearRegression().fit(x[train], y[train]).predict(x[test])
        expected.append(np.sqrt(np.mean((made - y[test]) ** 2)))
    np.testing.assert_allclose(found.scores["linear"]["rmse"], expected, rtol=1e-4)
    theirs = [np.sqrt(np.mean((y[train].mean() - y[test]) ** 2)) for train, test in k_fold(60, 3, 3)]
    np.testing.assert_allclose(found.scores["mean"]["rmse"], theirs, rtol=1e-5)
    by_hand = corrected_t(found.scores["network"]["rmse"], expected, 40, 20, lower=True)
    assert found.effects["linear"].difference == pytest.approx(by_hand.difference, rel=1e-3)
    assert found.best_baseline == "linear" and found.task == "number" and found.rows == 60


def test_a_linear_network_trained_to_the_end_is_the_linear_baseline():
    found = cross_validate(numbers(), folds=3, val=0.0, hidden=(), epochs=200, lr=0.05, batch=64, quiet=True)
    np.testing.assert_allclose(found.scores["network"]["rmse"], found.scores["linear"]["rmse"], rtol=0.02)
    assert found.effects["linear"].verdict == "cannot be told from" and found.effects["mean"].verdict == "beats"


def fitted_states(monkeypatch, table, **options):
    """What was fitted in each fold: preprocessing and weights."""
    seen, run_spec = [], module.run_spec

    def watched(spec, folder, prepared, quiet=None):
        fitted = run_spec(spec, folder, prepared, quiet)
        weights = {name: np.asarray(leaf).tolist() for name, leaf in named_leaves(fitted.model).items()}
        seen.append(json.dumps([prepared.preprocessing.to_dict(), weights], sort_keys=True))
        return fitted

    with monkeypatch.context() as patch:
        patch.setattr(module, "run_spec", watched)
        cross_validate(table, folds=3, **options)
    return seen


def test_what_is_fitted_in_a_fold_depends_on_its_training_rows_only(monkeypatch):
    table = numbers(1)
    before = fitted_states(monkeypatch, table, **QUICK)
    test = pl.Series(np.isin(np.arange(60), k_fold(60, 3, 0)[1][1]))
    other = table.frame.with_columns(
        pl.when(test).then(pl.col("a") * 1e3 - 7).otherwise(pl.col("a")).alias("a"),
        pl.when(test).then(pl.lit("unseen")).otherwise(pl.col("b")).alias("b"),
        pl.when(test).then(pl.col("y") * -50).otherwise(pl.col("y")).alias("y"),
    )
    after = fitted_states(monkeypatch, Table(other, "made", target="y"), **QUICK)
    assert before[1] == after[1] and before[0] != after[0] and before[2] != after[2]


def test_classes_are_stratified_and_repeats_are_drawn_anew():
    found = cross_validate(classes(), cut=Cut(3, repeats=2), seed=5, **QUICK)
    expected = [fold for seed in (5, 6) for fold in stratified_k_fold(np.arange(60) % 3, 3, seed)]
    for ours, theirs in zip(found.folds, expected, strict=True):
        np.testing.assert_array_equal(ours[1], theirs[1])
    assert {"accuracy", "log_loss", "auc"} <= set(found.scores["network"])
    assert set(found.scores) == {"network", "majority", "logistic"} and len(found.scores["logistic"]["auc"]) == 6
    summary = json.loads(json.dumps(found.summary()))
    assert summary["folds"] == 6 and summary["comparisons"]["logistic"]["level"] == 0.95
    mean = summary["scores"]["network"]["accuracy"]["mean"]
    assert mean == pytest.approx(np.mean(found.scores["network"]["accuracy"]))


def test_a_class_that_the_training_rows_lack_has_probability_0():
    table = classes()
    frame = table.frame.with_columns(pl.Series("y", ["rare", *table.frame["y"].to_list()[1:]]))
    found = cross_validate(Table(frame, "made", target="y"), folds=3, **QUICK)
    assert np.isfinite(found.scores["network"]["log_loss"]).all()
    assert "auc" not in found.scores["network"], "some folds have no row of the rare class"


def test_groups_stay_together_and_are_no_input(monkeypatch):
    cut = Cut(3, groups="group")
    for train, test in cut.made(np.zeros(60), "number", numbers(), 0):
        assert not set(train // 6) & set(test // 6)
    states = fitted_states(monkeypatch, numbers(), cut=cut, **QUICK)
    assert len(states) == 3 and all('"name": "group"' not in state for state in states)


def test_time_learns_from_the_past():
    found = cross_validate(numbers(), cut=Cut(2, time=True, gap=2), **QUICK)
    assert all(train.max() + 2 < test.min() for train, test in found.folds) and len(found.folds) == 2


def test_images_without_their_official_test_part():
    rng = np.random.default_rng(0)
    y = np.arange(40) % 2
    pixels = rng.integers(0, 100, (40, 3, 3), np.uint8) + (100 * y[:, None, None]).astype(np.uint8)
    images = Images("dots", pixels, y, ("dark", "light"), pixels[:5], y[:5])
    found = cross_validate(images, folds=2, **QUICK)
    assert found.rows == 40 and found.task == "binary" and found.scores["logistic"]["accuracy"].mean() > 0.9


def test_mistakes():
    table = numbers()
    cases = [
        ({"cut": Cut(3, groups="grup")}, "did you mean 'group'"),
        ({"folds": 61}, "61 folds of 60 rows"),
        ({"target": "z"}, "the name of a known column, got 'z'"),
        ({"lrr": 1.0}, "known option, got 'lrr'"),
    ]
    for options, says in cases:
        with pytest.raises(Mistake, match=says):
            cross_validate(table, **options)
    for cut, says in [
        ({"groups": "g", "time": True}, "by groups or by time"),
        ({"gap": 2}, "use it together with time"),
        ({"repeats": 2, "time": True}, "one repeat"),
        ({"repeats": 0}, "one repeat"),
    ]:
        with pytest.raises(Mistake, match=says):
            Cut(**cut)
    with pytest.raises(Mistake, match="a table for folds by groups"):
        cross_validate("digits", cut=Cut(3, groups="g"))
    with pytest.raises(Mistake, match="data with a target"):
        cross_validate(np.zeros((3, 2, 2), np.uint8))


def test_equal_pictures_are_on_one_side():
    once = np.random.default_rng(0).integers(0, 256, (20, 3, 3), dtype=np.uint8)
    y = np.tile(np.arange(20) % 2, 3).astype(np.int32)
    images = Images("copies", np.tile(once, (3, 1, 1)), y, ("a", "b"))
    folds = Cut(4).made(y, "binary", images, 0)
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(60))
    for train, test in folds:
        assert len(train) + len(test) == 60 and not set(train % 20) & set(test % 20)
        assert np.bincount(y[test]).tolist() in ([6, 9], [9, 6])
    alone = Images("once", once, y[:20], ("a", "b"))
    for ours, plain in zip(Cut(4).made(y[:20], "binary", alone, 0), stratified_k_fold(y[:20], 4, 0), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(ours, plain, strict=True))
