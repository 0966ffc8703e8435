"""What shapes a network and its cost in a fit: networks for pictures, dropout, penalties, smoothed labels, accumulation."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import named_leaves
from gradiens.data.images import Images
from gradiens.data.load import load
from gradiens.train.fit import fit
from gradiens.train.fitted import load_model
from gradiens.train.spec import make_spec
from gradiens.train.watch import watched

QUICK = {"hidden": (6,), "epochs": 2, "batch": 20, "quiet": True, "val": 0.2, "test": 0.2}


def weights(fitted):
    return {name: np.asarray(leaf) for name, leaf in named_leaves(fitted.model).items()}


def test_accumulated_minibatches_are_one_of_their_size():
    """90 training rows of iris: 6 minibatches of 15 in pairs are 3 of 30."""
    options = {**QUICK, "optimizer": "sgd", "lr": 0.1, "clip": 0.2, "x64": True}
    one = fit("iris", **{**options, "batch": 30})
    two = fit("iris", **{**options, "batch": 15, "accumulate": 2})
    for name, expected in weights(one).items():
        np.testing.assert_allclose(weights(two)[name], expected, rtol=1e-9, atol=1e-12)


def test_a_penalty_makes_weights_small_and_leaves_biases():
    plain, l2, l1 = (
        fit("iris", **{**QUICK, "epochs": 30, "lr": 0.02, **more}) for more in ({}, {"l2": 0.1}, {"l1": 0.1})
    )
    size = lambda fitted: sum(np.abs(w).sum() for name, w in weights(fitted).items() if name.endswith("W"))  # noqa: E731
    assert size(l2) < 0.7 * size(plain) and size(l1) < 0.5 * size(plain)
    assert np.abs(weights(l2)["layers.1.b"]).max() > 0.01


def test_smoothed_labels_train_and_the_plain_loss_is_reported():
    """All scores the same is the least smoothed cost when the target is spread evenly: log K, whatever the labels."""
    fitted = fit("iris", **{**QUICK, "hidden": (), "label_smoothing": 0.999, "epochs": 40, "lr": 0.05})
    assert fitted.history[-1]["val_loss"] == pytest.approx(np.log(3), abs=0.02)


def test_dropout_is_on_while_it_trains_and_off_when_it_predicts():
    options = {**QUICK, "hidden": (32,)}
    plain, dropped, again = (fit("iris", **options, dropout=p) for p in (0.0, 0.5, 0.5))
    assert not np.allclose(weights(plain)["layers.0.W"], weights(dropped)["layers.0.W"])
    np.testing.assert_array_equal(weights(dropped)["layers.0.W"], weights(again)["layers.0.W"])
    one, two = (dropped.predict("iris").probabilities for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_layers_are_watched_at_each_evaluation():
    fitted = fit("iris", **QUICK, watch_layers=True)
    names, at, found = watched(fitted.history)
    assert names == ["layers.0", "layers.1"] and at == [row["step"] for row in fitted.history]
    assert np.isfinite(found[-1].rms).all() and (found[-1].gradient > 0).all()


@pytest.fixture(scope="module")
def pictures():
    digits = load("digits")
    assert isinstance(digits, Images)
    return dataclasses.replace(digits, pixels=digits.pixels[:60], labels=digits.labels[:60])


def test_a_network_for_pictures_is_saved_with_its_running_averages(pictures, tmp_path):
    options = {"model": "small_cnn", "augment": "shift=1", "epochs": 1, "batch": 20, "quiet": True}
    fitted = fit(pictures, out=tmp_path / "run", **options)
    loaded = load_model(tmp_path / "run")
    means = [leaf for name, leaf in weights(fitted).items() if name.endswith(".mean")]
    assert means and all(np.any(mean != 0) for mean in means)
    for name, leaf in weights(fitted).items():
        np.testing.assert_array_equal(weights(loaded)[name], leaf)
    assert jax.tree.structure(loaded.model) == jax.tree.structure(fitted.model)
    np.testing.assert_array_equal(loaded.predict(pictures).probabilities, fitted.predict(pictures).probabilities)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"model": "resnet21"}, "resnet20"),
        ({"model": "small_cnn", "equation": "ŷ = softmax(W x + b)"}, "a network or an equation"),
        ({"model": "small_cnn", "dropout": 0.5}, "no --dropout beside the network small_cnn"),
        ({"model": "small_cnn", "hidden": (5,)}, "no --hidden beside the network small_cnn, got 5"),
        ({"model": "small_cnn", "hidden": ()}, "no --hidden beside the network small_cnn, got none"),
        ({"model": "small_cnn", "activation": "tanh"}, "no --activation beside the network small_cnn, got tanh"),
        ({"augment": "flip"}, "--model small_cnn"),
        ({"model": "small_cnn", "augment": "fip"}, "flip"),
        ({"init": "hee"}, "he"),
        ({"label_smoothing": 0.1, "loss": "squared"}, "cross-entropy"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_what_cannot_be_is_said(given, says):
    with pytest.raises(Mistake, match=says):
        make_spec(data="digits", **given)


def test_a_network_for_pictures_wants_pictures():
    with pytest.raises(Mistake, match="pictures for the network small_cnn"):
        fit("iris", model="small_cnn", quiet=True)
