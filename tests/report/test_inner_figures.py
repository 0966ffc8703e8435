"""What the report of a run on pictures shows of the inside; nothing of a table, of few pictures, of a network without layers."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.data.image_input import ImagePreprocessing
from gradiens.data.images import Images
from gradiens.data.target import Target
from gradiens.nn.mlp import MLP
from gradiens.report.inner import inner_figures
from gradiens.report.page import render
from gradiens.train.fit import fit
from gradiens.train.fitted import Fitted
from gradiens.train.hidden import hidden_features, saliencies
from gradiens.train.spec import make_spec
from tests.report.report_pages import Page
from tests.report.report_runs import classes

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def fitted():
    """A network of random weights on forty random pictures, a fourth of them misread."""
    pixels = RNG.integers(0, 256, (40, 5, 6)).astype(np.uint8)
    model = MLP.make((30, 7, 3), jax.random.key(0))
    preprocessing = ImagePreprocessing((5, 6), 255, Target("kind", "classes", ("a", "b", "c")))
    made = Fitted(model, make_spec(data="made"), preprocessing)
    p = made.outputs(pixels)
    y = p.argmax(1).astype(np.int32)
    y[:10] = (y[:10] + 1) % 3
    return dataclasses.replace(made, tested={"y": y, "prediction": p, "pictures": pixels})


def test_the_features_are_what_the_last_layer_gets(fitted):
    first, last = fitted.model.layers
    x = fitted.tested["pictures"].reshape(40, 30) / 255
    expected = np.maximum(x @ np.asarray(first.W).T + np.asarray(first.b), 0)
    found = hidden_features(fitted, fitted.tested["pictures"])
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    z = found @ np.asarray(last.W).T + np.asarray(last.b)
    assert np.array_equal(z.argmax(1), fitted.tested["prediction"].argmax(1))


def test_saliency_of_many_is_that_of_each(fitted):
    pixels, codes = fitted.tested["pictures"][:3], np.array([0, 2, 1])
    for picture, code, found in zip(pixels, codes, saliencies(fitted, pixels, codes), strict=True):
        at = jnp.asarray(picture.reshape(-1) / 255, jnp.float32)
        expected = np.abs(jax.grad(lambda x, c=code: fitted.model(x)[c])(at)).reshape(5, 6)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_right_pictures_then_wrong_ones_and_all_in_the_plane(fitted):
    looked, plane = inner_figures(fitted)
    labels = [series.label for series in looked.series]
    assert len(labels) == 8 and [", but " in label for label in labels] == [False] * 4 + [True] * 4
    assert sum(len(series.x) for series in plane.series) == 40
    assert [series.label for series in plane.series] == ["a", "b", "c"] and "7 numbers" in plane.summary
    page = Page(render(classes(inner=(looked, plane))))
    assert page.errors == [] and "Inside the network" in page.text and len(page.all("img")) == 8


def test_pictures_are_told_with_their_own_rows_and_of_every_class(fitted):
    """Sorted test rows of which every third is kept: targets and predictions are of the same rows."""
    order = np.argsort(fitted.tested["prediction"].argmax(1), kind="stable")
    pixels, p = fitted.tested["pictures"][order], fitted.tested["prediction"][order]
    y, rows = p.argmax(1).astype(np.int32), np.arange(1, 40, 3)
    tested = {"y": y, "prediction": p, "pictures": pixels[rows], "pictured": rows}
    (looked,) = inner_figures(dataclasses.replace(fitted, tested=tested))
    labels = [series.label for series in looked.series]
    assert len(labels) == 8 and not any(", but " in label for label in labels)
    assert set(labels) == {"abc"[k] for k in y[rows]}


def test_the_kept_pictures_are_of_every_class():
    """A set of test pictures, sorted by class, of which not all are kept."""
    labels = np.repeat(np.arange(4), 150)
    data = Images("sorted", np.repeat(labels[:, None, None], 4, 1).astype(np.uint8), labels, tuple("abcd"), maximum=3)
    data = dataclasses.replace(data, test_pixels=data.pixels, test_labels=labels)
    tested = fit(data, hidden=(), epochs=1, quiet=True).tested
    rows = tested["pictured"]
    np.testing.assert_array_equal(tested["pictures"][:, 0, 0], labels[rows])
    np.testing.assert_array_equal(tested["y"][rows], labels[rows])
    assert len(rows) == 500 and np.bincount(labels[rows]).min() >= 124


def test_few_pictures_have_no_plane_and_some_runs_have_nothing(fitted):
    few = {name: value[:12] for name, value in fitted.tested.items()}
    assert len(inner_figures(dataclasses.replace(fitted, tested=few))) == 1
    assert inner_figures(dataclasses.replace(fitted, tested={})) == []
    assert inner_figures(dataclasses.replace(fitted, model=lambda x: x[:3])) == []


def test_a_run_keeps_its_first_test_pictures():
    made = fit("digits", hidden=(4,), epochs=1, quiet=True)
    assert made.tested["pictures"].shape == (270, 8, 8) and made.tested["pictures"].dtype == np.uint8
    again = made.outputs(made.tested["pictures"])
    np.testing.assert_allclose(again, made.tested["prediction"], rtol=1e-4, atol=1e-6)
    table = fit({"x": [0.0, 1.0] * 20, "y": ["a", "b"] * 20}, "y", quiet=True, hidden=(), epochs=1)
    assert "pictures" not in table.tested and inner_figures(table) == []
