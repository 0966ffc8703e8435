"""Fitting: what a user gets out of `gradiens.fit`, against oracles."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest

from gradiens.classical.linear.least_squares import fit_linear
from gradiens.core import tensors
from gradiens.core.check import Failure, Mistake
from gradiens.core.run import Run
from gradiens.data.images import Images
from gradiens.data.prepare import prepare
from gradiens.data.split import split
from gradiens.train import fitting
from gradiens.train.fit import fit, prepare_spec, resume
from gradiens.train.fitted import load_model
from gradiens.train.spec import make_spec
from gradiens.train.spread import spread


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """y = 3 x₁ - 2 x₂ + 5 + noise of standard deviation 0.1."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 2))
    y = x @ [3.0, -2.0] + 5 + 0.1 * rng.normal(size=400)
    path = tmp_path_factory.mktemp("data") / "line.csv"
    pl.DataFrame({"x1": x[:, 0], "x2": x[:, 1], "y": y}).write_csv(path)
    return path


def last_theta(folder):
    """The parameters after the last step, by path: what a run keeps as its model are the best on the way."""
    end = tensors.load(Run(folder).checkpoints()[0])[0]
    return {name.removeprefix("state.theta."): leaf for name, leaf in end.items() if name.startswith("state.theta.")}


def test_without_hidden_layers_it_ends_at_the_least_squares_fit_of_the_training_rows(line, tmp_path):
    options = {"hidden": (), "lr": 0.05, "schedule": "cosine", "epochs": 1000, "batch": 280, "patience": 0}
    fitted = fit(line, "y", out=tmp_path / "run", quiet=True, **options)
    train = prepare_spec(make_spec(data=str(line), target="y")).train
    theirs = fit_linear(train.x, train.y)
    theta = last_theta(tmp_path / "run")
    np.testing.assert_allclose(theta["layers.0.W"][0], theirs.w, atol=1e-5)
    np.testing.assert_allclose(theta["layers.0.b"][0], theirs.b, atol=1e-5)
    assert fitted.summary["comparison"]["verdict"] == "cannot be told from"


@pytest.mark.parametrize(
    "options",
    [
        {"optimizer": "sgd", "lr": 0.1},
        {"optimizer": "momentum", "lr": 0.1, "knobs": {"beta": 0.5}},
        {"optimizer": "adamw", "lr": 0.01, "schedule": "one_cycle"},
        {"optimizer": "rmsprop", "lr": 0.01, "schedule": "warm_up", "clip": 1.0},
        {"optimizer": "lion", "lr": 0.003, "schedule": "cosine"},
        {"optimizer": "shampoo", "lr": 0.1},
        {"optimizer": "schedule_free", "lr": 0.03},
        {"optimizer": "optax.lion", "lr": 0.01},
        {"optimizer": "optax.adabelief", "lr": 0.01, "knobs": {"b1": 0.8}},
    ],
    ids=lambda o: o["optimizer"],
)
def test_every_optimizer_learns_a_curve_that_the_linear_model_cannot(options, tmp_path):
    x = np.linspace(-2, 2, 300)
    path = tmp_path / "v.csv"
    pl.DataFrame({"x": x, "y": np.abs(x)}).write_csv(path)
    fitted = fit(path, "y", hidden=(16,), epochs=80, batch=32, patience=0, quiet=True, **options)
    comparison = fitted.summary["comparison"]
    assert comparison["verdict"] == "beats" and comparison["interval"][0] > 0.2


def test_schedule_free_is_evaluated_at_its_mean(line, tmp_path):
    """With so short steps every epoch is better than the one before: the model kept is the mean after the last step."""
    options = {"optimizer": "schedule_free", "lr": 1e-3, "epochs": 3, "batch": 64, "hidden": ()}
    fitted = fit(line, "y", out=tmp_path / "run", quiet=True, **options)
    assert fitted.summary["best_step"] == fitted.summary["steps"]
    end = tensors.load(Run(tmp_path / "run").checkpoints()[0])[0]
    mean, theta = end["state.optimizer.0.x"], end["state.theta.layers.0.W"]
    np.testing.assert_array_equal(fitted.model.layers[0].W, mean)
    assert np.abs(mean - theta).max() > 1e-5


def test_the_same_seed_gives_the_same_model_and_another_another(line):
    first, again, other = (fit(line, "y", hidden=(4,), epochs=3, seed=seed, quiet=True) for seed in (1, 1, 2))
    assert all(np.array_equal(a.W, b.W) for a, b in zip(first.model.layers, again.model.layers, strict=True))
    assert not np.array_equal(first.model.layers[0].W, other.model.layers[0].W)


def test_early_stopping_keeps_the_best_parameters(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "noise.csv"
    pl.DataFrame({f"x{j}": rng.normal(size=80) for j in range(12)} | {"y": rng.normal(size=80)}).write_csv(path)
    fitted = fit(path, "y", hidden=(64,), lr=0.01, epochs=200, patience=5, quiet=True)
    losses = {line["step"]: line["val_loss"] for line in fitted.history}
    summary = fitted.summary
    assert summary["best_step"] == min(losses, key=losses.get)
    assert summary["epochs"] < 200 and "5 epochs" in summary["stopped"]
    last = max(losses)
    per_epoch = last // (len(losses) - 1)
    assert (last - summary["best_step"]) // per_epoch == 5


def test_a_saved_model_predicts_the_same_from_its_one_file(line, tmp_path):
    fitted = fit(line, "y", hidden=(8,), epochs=3, out=tmp_path / "run", quiet=True)
    fitted.save(tmp_path / "alone.safetensors")
    loaded = load_model(tmp_path / "alone.safetensors")
    np.testing.assert_array_equal(loaded.predict(line).predicted, fitted.predict(line).predicted)
    assert (tmp_path / "alone.safetensors").read_bytes() == (tmp_path / "run" / "model.safetensors").read_bytes()


def test_categories_with_many_levels_are_embedded_and_learned(tmp_path):
    rng = np.random.default_rng(0)
    level = rng.integers(0, 40, 2000)
    effect = rng.normal(size=40) * 3
    path = tmp_path / "shops.csv"
    pl.DataFrame({"shop": [f"s{i}" for i in level], "y": effect[level] + 0.1 * rng.normal(size=2000)}).write_csv(path)
    fitted = fit(path, "y", lr=0.01, epochs=30, quiet=True)
    assert fitted.preprocessing.levels == (41,)
    assert fitted.summary["test"]["rmse"] < 0.5  # the standard deviation of y is about 3


def test_double_precision_is_double_throughout_and_stays_in_the_fit(line, tmp_path):
    fitted = fit(line, "y", hidden=(4,), epochs=2, x64=True, quiet=True, out=tmp_path / "run")
    assert fitted.model.layers[0].W.dtype == np.float64
    assert fitted.predict(line).predicted.dtype == np.float64
    assert jnp.zeros(()).dtype == np.float32
    loaded = load_model(tmp_path / "run")
    np.testing.assert_array_equal(loaded.predict(line).predicted, fitted.predict(line).predicted)


def test_data_in_memory_is_data(line):
    frame = pl.read_csv(line)
    from_file = fit(line, "y", hidden=(4,), epochs=2, quiet=True)
    for data in (frame, frame.to_dict(as_series=False), {name: frame[name].to_numpy() for name in frame.columns}):
        fitted = fit(data, "y", hidden=(4,), epochs=2, quiet=True)
        np.testing.assert_array_equal(fitted.predict(data).predicted, from_file.predict(line).predicted)
    with pytest.raises(Mistake, match="data frame"):
        fit(7, "y")
    with pytest.raises(Mistake, match="data frame"):
        fit({"a": [1, 2], "b": [1]}, "b")


def test_the_validation_and_test_rows_change_no_parameter_before_the_last_choice(line, tmp_path):
    """Other targets in the held-out rows: the parameters after the last step are the same."""
    table = pl.read_csv(line)
    parts = fit(line, "y", hidden=(4,), epochs=3, patience=0, quiet=True, out=tmp_path / "a")
    _, val, test = split(np.zeros(table.height), "number", 0, (0.7, 0.15, 0.15))
    y = table["y"].to_numpy().copy()
    y[val], y[test] = -y[val], y[test] * 100
    changed = tmp_path / "changed.csv"
    table.with_columns(y=pl.Series(y)).write_csv(changed)
    fit(changed, "y", hidden=(4,), epochs=3, patience=0, quiet=True, out=tmp_path / "b")
    ends = [last_theta(tmp_path / name) for name in ("a", "b")]
    assert ends[0] and all(np.array_equal(ends[0][name], ends[1][name]) for name in ends[0])
    assert parts.task == "number"


def test_a_spec_says_what_is_wrong():
    for bad, word in (
        ({"lr": -1.0}, "^expected lr between .*, got -1;"),
        ({"epochs": 0}, "epochs"),
        ({"optimzer": "adam"}, "optimizer"),
    ):
        with pytest.raises(Mistake, match=word):
            make_spec(data="iris", **bad)
    with pytest.raises(Mistake, match="lion"):
        make_spec(data="iris", optimizer="optax.lionn")
    with pytest.raises(Mistake, match=r"option of optax\.lion"):
        make_spec(data="iris", optimizer="optax.lion", knobs={"bb": 1.0})


def test_without_test_rows_nothing_is_judged_and_without_validation_rows_the_last_weights_are_kept(line, tmp_path):
    options = {"hidden": (), "lr": 0.05, "epochs": 30, "batch": 100, "quiet": True}
    fitted = fit(line, "y", out=tmp_path / "run", val=0.0, test=0.0, **options)
    summary = fitted.summary
    assert summary["card"]["parts"] == {"train": 400, "val": 0, "test": 0}
    assert summary["test"] == summary["baselines"] == summary["comparison"] == {}
    assert summary["best_step"] == summary["steps"] == 120 and summary["stopped"] == "all 30 epochs done"
    loaded = load_model(tmp_path / "run")
    assert loaded.tested == {} and loaded.history == fitted.history
    np.testing.assert_array_equal(loaded.model.layers[0].W, last_theta(tmp_path / "run")["layers.0.W"])


def test_a_second_fit_of_the_same_form_compiles_nothing(line):
    """Other numbers, other moments of the columns, nearly as many rows: the programs of the first fit run again."""
    import jax

    rng = np.random.default_rng(1)
    frames = [
        pl.DataFrame({"x1": rng.normal(n, 3, n), "x2": rng.normal(size=n), "y": rng.normal(size=n)}) for n in (390, 398)
    ]
    options = {"hidden": (4,), "epochs": 4, "batch": 32, "quiet": True}
    fit(frames[0], "y", **options)
    heard = []
    jax.monitoring.register_event_duration_secs_listener(lambda name, *_, **__: heard.append(name))
    fit(frames[1], "y", seed=1, **options)
    jax.monitoring.clear_event_listeners()
    assert not [name for name in heard if "backend_compile" in name]


def test_a_run_read_back_has_its_history_and_its_test_rows(line, tmp_path):
    fitted = fit(line, "y", out=tmp_path / "run", hidden=(), epochs=3, quiet=True)
    loaded = load_model(tmp_path / "run")
    assert loaded.history == fitted.history
    for name in ("y", "prediction"):
        np.testing.assert_array_equal(loaded.tested[name], fitted.tested[name])


def test_the_training_loss_is_of_rows_of_every_class():
    """Training rows that lie class behind class, of which the last is the hardest: the loss is that of rows spread over them."""
    labels = np.repeat(np.arange(3), 700)
    pixels = np.random.default_rng(0).integers(0, 256, (2100, 1, 2)).astype(np.uint8)
    pixels[labels < 2] = 255 * labels[labels < 2, None, None]
    options = {"hidden": (), "epochs": 3, "val": 0.0, "quiet": True}
    fitted = fit(Images("sorted", pixels, labels, tuple("abc")), **options)
    train = prepare(Images("sorted", pixels, labels, tuple("abc")), fractions=(0.85, 0.0, 0.15)).train
    rows = spread(len(train), 1000)
    assert np.bincount(train.y[rows]).min() > 300
    p = fitted.outputs(train.x[rows])[np.arange(1000), train.y[rows]]
    assert fitted.history[-1]["train_loss"] == pytest.approx(-np.log(p).mean(), rel=1e-5)


def test_a_failure_in_judging_does_not_lose_the_training(line, tmp_path, monkeypatch):
    options = {"hidden": (4,), "epochs": 2, "quiet": True}
    expected = fit(line, "y", **options).predict(line).predicted

    def fails(*_):
        raise Failure("the baselines could not be fitted")

    with monkeypatch.context() as patch:
        patch.setattr(fitting, "judge", fails)
        with pytest.raises(Failure, match="baselines"):
            fit(line, "y", out=tmp_path / "run", **options)
    np.testing.assert_array_equal(load_model(tmp_path / "run").predict(line).predicted, expected)
    assert resume(tmp_path / "run", quiet=True).summary["comparison"]["baseline"] == "linear"
