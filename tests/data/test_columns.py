"""Kinds by the training rows, and the fitted numbers against NumPy and scikit-learn."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from gradiens.core.check import Mistake
from gradiens.data.columns import FARTHEST, fit_column, moments, numbers, standardise
from gradiens.data.table_input import TablePreprocessing
from gradiens.data.target import Target

N = 200


def fit(values, rows=None, **kind):
    series = pl.Series("c", values, **kind)
    return fit_column(series, np.arange(len(series)) if rows is None else rows)


def encode(series, column):
    return TablePreprocessing((column,), Target("y", "number")).encode(series.to_frame()).x


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.linspace(0, 1, N), "number"),
        ([1, 2, None] * 60, "number"),
        ([True, False] * 60, "boolean"),
        ([datetime.date(2024, 1, d + 1) for d in range(28)], "date"),
        ([datetime.time(d) for d in range(20)], "number"),
        ([datetime.timedelta(hours=d) for d in range(20)], "number"),
        (["a", "b", None] * 60, "category"),
        ([f"level {i % 30}" for i in range(N)], "category"),
        ([f"level {i % 31}" for i in range(N)], "embedded"),
    ],
)
def test_kind(values, kind):
    column, _ = fit(values)
    assert column is not None and column.kind == kind


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("c", [7] * N, "one value only"),
        ("c", ["x"] * N, "one value only"),
        ("c", [f"person {i}" for i in range(N)], "an identifier"),
        ("Id", list(range(N)), "numbers the rows"),
        ("c", [None] * 150 + [1.0] * 50, "all its training values are missing"),
    ],
)
def test_left_out_with_a_note(name, values, why):
    column, note = fit_column(pl.Series(name, values), np.arange(150))
    assert column is None and why in note and repr(name) in note


def test_a_constant_with_gaps_is_kept_with_scale_one():
    column, _ = fit([3.0, None, 3.0, None])
    assert column.std == 1.0 and column.indicator
    assert encode(pl.Series("c", [3.0, None]), column).tolist() == [[0.0, 0.0], [0.0, 1.0]]


def test_all_missing_and_strange_types_are_mistakes():
    for kind in (pl.Float64, pl.String, pl.Null):
        with pytest.raises(Mistake, match="column 'c', which is all missing; leave it out: --drop 'c'"):
            fit([None] * 5, dtype=kind)
    with pytest.raises(Mistake, match=r"List.* in column 'c'"):
        fit([[1], [2]])


def test_numbers_equal_imputer_and_scaler():
    rng = np.random.default_rng(1)
    x = rng.normal(50, 7, N)
    x[rng.random(N) < 0.2] = np.nan
    new = np.array([np.nan, 1.0, 90.0, -3e4])
    column, _ = fit(pl.Series(x).fill_nan(None), rows=np.arange(150))
    imputer = SimpleImputer(strategy="median", add_indicator=True).fit(x[:150, None])
    scaler = StandardScaler().fit(x[:150, None])  # over the values that are there
    expected = imputer.transform(new[:, None])
    expected[:, :1] = scaler.transform(expected[:, :1])
    np.testing.assert_allclose(encode(pl.Series("c", new), column), expected, rtol=1e-6)
    np.testing.assert_allclose((column.mean, column.std), (scaler.mean_[0], scaler.scale_[0]), rtol=1e-13)
    assert column.median == imputer.statistics_[0]


def test_categories_equal_one_hot_encoder():
    rng = np.random.default_rng(2)
    x = rng.choice(["red", "green", "blue ü", "10"], N)
    column, _ = fit(x)
    oracle = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(x[:, None])
    ours = encode(pl.Series("c", x), column)
    np.testing.assert_array_equal(ours[:, :-1], oracle.transform(x[:, None]))
    np.testing.assert_array_equal(ours[:, -1], 0)
    assert encode(pl.Series("c", ["mauve", None, "10"]), column).tolist() == [[0, 0, 0, 0, 1]] * 2 + [[1, 0, 0, 0, 0]]
    assert column.features == ("c=10", "c=blue ü", "c=green", "c=red", "c=other")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_moments_never_overflow(values):
    x = np.array(values)
    mean, std, median = moments(x)
    slack = 1e-12 * np.abs(x).max() + 1e-320
    assert x.min() / 2 - slack <= mean / 2 <= x.max() / 2 + slack and x.min() <= median <= x.max() and std > 0
    z, _ = standardise(x, mean, std)
    assert z.dtype == np.float32 and np.isfinite(z).all()
    if np.abs(x).max() < 1e100 and np.ptp(x) > 1e-100:
        np.testing.assert_allclose((mean, median), (x.mean(), np.median(x)), rtol=1e-12, atol=1e-300)
        np.testing.assert_allclose(std, x.std(), rtol=1e-6)


def test_far_values_are_cut_and_counted():
    z, far = standardise(np.array([0.0, 1e308, -1e308, 5.0]), -1e300, 1e-300)
    assert far == 4 and z.tolist() == [FARTHEST, FARTHEST, -FARTHEST, FARTHEST]


@pytest.mark.parametrize("values", [[1.0, float("inf"), None], [None, "-inf", "3"], ["1", "1e999", "2"]])
def test_infinite_numbers_tell_the_row(values):
    with pytest.raises(Mistake, match=r"finite numbers in column 'c', got -?inf in row 2"):
        numbers(pl.Series("c", values), "number")


@pytest.mark.parametrize(
    ("values", "kind", "says"),
    [
        (["1", None, "abc"], "number", "numbers in column 'c', got 'abc' in row 3"),
        (["true", "maybe"], "boolean", "true or false in column 'c', got 'maybe' in row 2"),
        (["soon"], "date", "dates in column 'c', got 'soon' in row 1"),
        ([datetime.date(2024, 1, 1)], "number", "numbers in column 'c', got values of type Date"),
        ([[1]], "number", "numbers in column 'c', got values of type List"),
    ],
)
def test_another_type_is_a_mistake(values, kind, says):
    with pytest.raises(Mistake, match=says):
        numbers(pl.Series("c", values), kind)


def test_text_and_typed_columns_give_the_same_numbers():
    days = [datetime.date(1970, 1, 3), None]
    assert numbers(pl.Series("c", days), "date").tolist()[0] == 2.0
    assert numbers(pl.Series("c", ["1970-01-03", None]), "date").tolist()[0] == 2.0
    assert numbers(pl.Series("c", ["1970-01-03 12:00"]), "date").tolist() == [2.5]
    assert numbers(pl.Series("c", ["True", "false"]), "boolean").tolist() == [1.0, 0.0]
    assert numbers(pl.Series("c", [True, False]), "boolean").tolist() == [1.0, 0.0]
    assert numbers(pl.Series("c", ["1e3", ".5"]), "number").tolist() == [1000.0, 0.5]
