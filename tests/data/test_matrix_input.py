"""A matrix of numbers as training takes it: standardised by the training rows only."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from gradiens.core.check import Mistake
from gradiens.data.matrix_input import MatrixPreprocessing
from gradiens.data.prepare import prepare_matrix
from gradiens.data.preprocessing import preprocessing_from_dict
from gradiens.data.target import Target

NUMBER = Target("y", "number")


def rows(n=50, d=3):
    rng = np.random.default_rng(0)
    return rng.normal([1.0, -20.0, 5.0][:d], [2.0, 0.1, 30.0][:d], (n, d)), rng.normal(7.0, 3.0, n)


def test_the_columns_and_the_target_of_the_training_rows_are_standardised():
    x, y = rows()
    made = prepare_matrix(x, y, NUMBER)
    np.testing.assert_allclose(made.train.x, (x - x.mean(0)) / x.std(0), atol=2e-6)
    np.testing.assert_allclose(made.train.y, (y - y.mean()) / y.std(), atol=2e-6)
    np.testing.assert_allclose(made.preprocessing.decode_target(made.train.y), y, atol=1e-5)
    assert len(made.val) == len(made.test) == 0


def test_rows_set_apart_change_nothing_that_is_fitted():
    x, y = rows()
    made = prepare_matrix(x, y, NUMBER, seed=3, val=0.2)
    assert (len(made.train), len(made.val)) == (40, 10)
    found = np.concatenate([made.preprocessing.decode_target(part.y) for part in (made.train, made.val)])
    np.testing.assert_allclose(np.sort(found), np.sort(y), atol=1e-4)
    held = [int(np.argmin(np.abs(y - one))) for one in made.preprocessing.decode_target(made.val.y)]
    x[held] += 1e3
    y[held] -= 1e3
    other = prepare_matrix(x, y, NUMBER, seed=3, val=0.2)
    assert other.preprocessing == made.preprocessing
    np.testing.assert_array_equal(other.train.x, made.train.x)


def test_classes_keep_their_shares_in_both_parts():
    x, _ = rows(100)
    y = np.repeat([0, 1], [80, 20])
    made = prepare_matrix(x, y, Target("y", "binary", ("a", "b")), val=0.25)
    assert np.bincount(made.train.y).tolist() == [60, 15]
    assert made.train.y.dtype == np.int32


def test_constant_and_huge_columns_stay_finite():
    x = np.stack([np.full(4, 3.0), [1e308, -1e308, 1e308, -1e308], [1e-300, 2e-300, 1e-300, 2e-300]], axis=1)
    z = prepare_matrix(x, np.arange(4.0), NUMBER).train.x
    np.testing.assert_allclose(z, [[0, 1, -1], [0, -1, 1], [0, 1, -1], [0, -1, 1]], atol=1e-6)


def test_a_table_is_read_by_its_names_in_any_order_and_the_rest_is_checked():
    x, y = rows()
    made = prepare_matrix(x, y, NUMBER, ("a", "b", "c")).preprocessing
    frame = pl.DataFrame({"c": x[:, 2], "extra": y, "a": x[:, 0], "b": x[:, 1]})
    np.testing.assert_array_equal(made.encode(frame).x, made.encode(x).x)
    with pytest.raises(Mistake, match="'b'"):
        made.encode(frame.drop("b"))
    with pytest.raises(Mistake, match="rows of 3 numbers"):
        made.encode(x[:, :2])
    with pytest.raises(Mistake, match="finite"):
        made.encode(np.full((1, 3), np.nan))
    with pytest.raises(Mistake, match="y of length"):
        prepare_matrix(x, y[:-1], NUMBER)
    with pytest.raises(Mistake, match="NaN or Inf"):
        prepare_matrix(x, y * np.nan, NUMBER)


def test_it_survives_a_trip_through_json():
    x, y = rows()
    made = prepare_matrix(x, y, NUMBER).preprocessing
    assert isinstance(made, MatrixPreprocessing)
    assert preprocessing_from_dict(json.loads(json.dumps(made.to_dict()))) == made
