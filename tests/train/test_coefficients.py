"""The table of coefficients against statsmodels on the raw columns: the same model, told in its own units."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm

from gradiens.data.load import as_source
from gradiens.data.prepare import prepare
from gradiens.train.coefficients import coefficients

SHARES = (0.8, 0.1, 0.1)


def frame(n=400, seed=0):
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "age": rng.normal(40, 12, n),
            "income": rng.lognormal(8, 0.5, n),
            "city": rng.choice(["Rome", "Oslo", "Lima"], n, p=[0.2, 0.5, 0.3]),
        }
    )


def prepared(table, target):
    return prepare(as_source(table), target, seed=1, fractions=SHARES)


def training_rows(made, table):
    """The rows of the table in the training part, found by their standardised ages."""
    mean, std = made.preprocessing.columns[0].mean, made.preprocessing.columns[0].std
    ages = made.train.x[:, 0] * std + mean
    return table[[int(np.argmin(np.abs(table["age"].to_numpy() - age))) for age in ages]]


def raw_design(rows):
    levels = [rows["city"].to_numpy() == level for level in ("Lima", "Rome")]  # Oslo is the most frequent: reference
    return sm.add_constant(np.column_stack([rows["age"], rows["income"], *levels]).astype(float))


def column(table, name):
    return np.array([row[name] for row in table["rows"]])


def test_a_number_is_statsmodels_least_squares_on_the_raw_columns():
    table = frame()
    rng = np.random.default_rng(1)
    y = (
        3
        + 0.5 * table["age"]
        - 0.001 * table["income"]
        + 4.0 * (table["city"] == "Rome")
        + pl.Series(rng.normal(size=400))
    )
    table = table.with_columns(y=y)
    made = prepared(table, "y")
    found, rows = coefficients(made), training_rows(made, table)
    theirs = sm.OLS(rows["y"].to_numpy(), raw_design(rows)).fit()
    assert column(found, "name").tolist() == ["intercept", "age", "income", "city=Lima", "city=Rome"]
    np.testing.assert_allclose(column(found, "estimate"), theirs.params, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(column(found, "standard_error"), theirs.bse, rtol=1e-5)
    np.testing.assert_allclose(column(found, "low"), theirs.conf_int()[:, 0], rtol=1e-4, atol=1e-5)
    assert found["fit"]["R²"] == pytest.approx(theirs.rsquared, abs=1e-6)
    assert found["reference"] == {"city": "Oslo"} and found["statistic"] == "t"
    assert found["rows"][1]["per_std"] == pytest.approx(theirs.params[1] * rows["age"].to_numpy().std(), rel=1e-4)
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("classes", [2, 3])
def test_classes_are_statsmodels_maximum_likelihood_on_the_raw_columns(classes):
    table = frame(600)
    rng = np.random.default_rng(2)
    age = (table["age"].to_numpy() - 40) / 12
    scores = np.stack([np.zeros(600), 0.8 * age, -0.5 * age + 0.3][:classes], axis=1) + rng.gumbel(size=(600, classes))
    table = table.with_columns(y=pl.Series([f"c{k}" for k in scores.argmax(1)]))
    made = prepared(table, "y")
    found, rows = coefficients(made), training_rows(made, table)
    codes = np.array([int(name[1]) for name in rows["y"]])
    theirs = sm.MNLogit(codes, raw_design(rows)).fit(disp=0, method="newton", maxiter=100, tol=1e-12)
    np.testing.assert_allclose(column(found, "estimate"), np.ravel(theirs.params, order="F"), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(column(found, "standard_error"), np.ravel(theirs.bse, order="F"), rtol=1e-4)
    assert found["fit"]["deviance"] == pytest.approx(-2 * theirs.llf, rel=1e-6)
    assert found["statistic"] == "z"
    if classes == 3:
        assert column(found, "name")[:2].tolist() == ["c1: intercept", "c1: age"]


def test_separated_classes_have_no_estimate_and_the_table_says_so():
    table = frame().with_columns(y=pl.when(pl.col("age") > 40).then(pl.lit("old")).otherwise(pl.lit("young")))
    found = coefficients(prepared(table, "y"))
    assert "rows" not in found
    assert "completely separated: no estimate exists" in found["says"]


def test_a_column_that_depends_on_others_is_left_out_and_named():
    table = frame().with_columns(y=pl.Series(np.random.default_rng(3).normal(size=400)))
    table = table.with_columns(twice=2 * pl.col("age") - 1).select("age", "twice", "income", "y")
    found = coefficients(prepared(table, "y"))
    assert found["dependent"] == ["twice"]
    assert column(found, "name").tolist() == ["intercept", "age", "income"]


def test_a_level_whose_rows_lack_a_class_has_no_number_and_the_others_are_those_without_its_rows(monkeypatch):
    """Along that coefficient the likelihood of its rows tends to 1: what is left is the likelihood of the other rows."""
    monkeypatch.setattr(
        "gradiens.classical.classifiers.separation.PROGRAM", 0
    )  # too large for the linear program to decide
    table = frame(600)
    rng = np.random.default_rng(4)
    right = rng.random(600) < 1 / (1 + np.exp(-(table["age"].to_numpy() - 40) / 12))
    rare = table["city"].to_numpy() == "Rome"
    table = table.with_columns(y=pl.Series(np.where(right | rare, "b", "a")))
    made = prepared(table, "y")
    found, rows = coefficients(made), training_rows(made, table)
    assert found["rows"][-1] == {**dict.fromkeys(found["rows"][0]), "name": "city=Rome"}
    assert "no finite estimate for city=Rome" in found["says"] and "not decided" not in found["says"]
    rows = rows.filter(pl.col("city") != "Rome")
    theirs = sm.Logit((rows["y"] == "b").to_numpy().astype(float), raw_design(rows)[:, :-1]).fit(disp=0, tol=1e-12)
    np.testing.assert_allclose(column(found, "estimate")[:-1].astype(float), theirs.params, rtol=1e-3, atol=1e-6)


def test_images_and_tables_of_very_many_columns_have_none():
    rng = np.random.default_rng(0)
    wide = pl.DataFrame({f"c{j}": rng.normal(size=30) for j in range(250)}).with_columns(
        y=pl.Series(rng.normal(size=30))
    )
    assert coefficients(prepared(wide, "y")) == {"says": "a table of 250 coefficients on 24 rows is not made"}
    from gradiens.data.load import load

    assert coefficients(prepare(load("digits"))) == {}


def test_fewer_rows_than_coefficients_is_said():
    rng = np.random.default_rng(0)
    short = pl.DataFrame({f"c{j}": rng.normal(size=14) for j in range(12)}).with_columns(
        y=pl.Series(rng.normal(size=14))
    )
    assert "rows" in coefficients(prepared(short, "y"))["says"]
