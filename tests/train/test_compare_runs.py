"""Two runs on the same rows: the effects against their definitions, and every way in which the rows can differ."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import sklearn.metrics as peer
from statsmodels.stats.contingency_tables import mcnemar

from gradiens.core import tensors
from gradiens.core.check import Mistake
from gradiens.core.run import Run
from gradiens.train.compare_runs import compare_runs
from gradiens.train.fit import fit

QUICK = {"epochs": 30, "quiet": True, "lr": 0.02}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A network and a linear model on rows that only the network can tell apart, and on a number."""
    folder = tmp_path_factory.mktemp("runs")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 2))
    table = pl.DataFrame({"a": x[:, 0], "b": x[:, 1]})
    ring = table.with_columns(y=pl.Series(np.where((x**2).sum(1) > 1.4, "out", "in")))
    number = table.with_columns(y=pl.Series(np.abs(x[:, 0]) + 0.1 * rng.normal(size=400)))
    for name, frame in (("ring", ring), ("number", number)):
        frame.write_csv(folder / f"{name}.csv")
        for kind, hidden in (("network", (16,)), ("linear", ())):
            fit(folder / f"{name}.csv", "y", out=folder / f"{name}-{kind}", hidden=hidden, **QUICK)
    return folder


def arrays(folder):
    found = tensors.load(folder / "test.safetensors")[0]
    return found["y"], found["prediction"]


def test_the_effects_on_classes_are_their_definitions(runs):
    found = compare_runs(runs / "ring-network", runs / "ring-linear")
    (y, ours), (_, theirs) = arrays(runs / "ring-network"), arrays(runs / "ring-linear")
    accuracy, loss = found["effects"]
    right, other = (ours >= 0.5) == y, (theirs >= 0.5) == y
    assert accuracy["metric"] == found["metric"] == "accuracy" and found["rows"] == len(y) == 60
    assert accuracy["difference"] == pytest.approx(right.mean() - other.mean(), abs=1e-12)
    tab = [[np.sum(right & other), np.sum(right & ~other)], [np.sum(~right & other), np.sum(~right & ~other)]]
    assert accuracy["p_value"] == pytest.approx(mcnemar(tab, exact=True).pvalue, rel=1e-9)
    assert loss["difference"] == pytest.approx(peer.log_loss(y, theirs) - peer.log_loss(y, ours), rel=1e-5)
    assert found["verdict"] == accuracy["verdict"] == loss["verdict"] == "beats"
    assert accuracy["interval"][0] > 0


def test_the_other_way_round_the_signs_turn(runs):
    there, back = (
        compare_runs(*pair)
        for pair in (
            (runs / "number-network", runs / "number-linear"),
            (runs / "number-linear", runs / "number-network"),
        )
    )
    assert there["verdict"] == "beats" and back["verdict"] == "does not beat"
    for a, b in zip(there["effects"], back["effects"], strict=True):
        assert a["difference"] == pytest.approx(-b["difference"], abs=1e-12)
        assert (a["ours"], a["theirs"]) == (b["theirs"], b["ours"])
    (y, ours), (_, theirs) = arrays(runs / "number-network"), arrays(runs / "number-linear")
    rmse, mae = there["effects"]
    assert rmse["difference"] == pytest.approx(np.sqrt(np.mean((theirs - y) ** 2)) - np.sqrt(np.mean((ours - y) ** 2)))
    assert mae["difference"] == pytest.approx(np.mean(np.abs(theirs - y)) - np.mean(np.abs(ours - y)))
    assert rmse["p_value"] is None


def test_a_run_cannot_be_told_from_itself(runs):
    found = compare_runs(runs / "ring-linear", runs / "ring-linear")
    assert found["verdict"] == "cannot be told from"
    assert all(effect["difference"] == 0 for effect in found["effects"])


def test_other_rows_are_refused_with_the_reason(runs, tmp_path):
    ours = runs / "ring-linear"
    data = runs / "ring.csv"
    options = {**QUICK, "epochs": 1, "hidden": ()}
    fit(data, "y", out=tmp_path / "seed", seed=1, **options)
    fit(data, "y", out=tmp_path / "share", test=0.2, **options)
    fit(data, "y", out=tmp_path / "none", test=0.0, **options)
    other = tmp_path / "ring.csv"
    other.write_text(data.read_text().replace("out", "in", 1))
    fit(other, "y", out=tmp_path / "data", **options)
    for name, says in (
        ("seed", "same test rows, got other test rows"),
        ("share", "same test rows"),
        ("none", "a run with test rows"),
        ("data", "same data, got other data"),
        ("nothing", "the folder of a run"),
    ):
        with pytest.raises(Mistake, match=says):
            compare_runs(ours, tmp_path / name)
    with pytest.raises(Mistake, match="same task"):
        compare_runs(ours, runs / "number-linear")
    run = Run(tmp_path / "seed")
    (run.folder / "summary.json").unlink()
    with pytest.raises(Mistake, match="a finished run"):
        compare_runs(ours, run.folder)


def test_iris_whose_test_classes_are_in_one_order_under_every_seed_is_refused_too(tmp_path):
    for seed in (0, 1):
        fit("iris", out=tmp_path / str(seed), seed=seed, epochs=1, hidden=(), quiet=True)
    assert np.array_equal(*(arrays(tmp_path / str(seed))[0] for seed in (0, 1)))
    with pytest.raises(Mistake, match="other test rows"):
        compare_runs(tmp_path / "0", tmp_path / "1")
