"""Tables with categories: the equation gets the numbers and an indicator of each category in one vector."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest

from gradiens.data.encoded import Row
from gradiens.train.fit import fit
from gradiens.train.fitted import load_model
from gradiens.train.written import WrittenModel
from gradiens.train.written_rows import WrittenRows


def test_codes_become_unit_vectors_behind_the_numbers(x64):
    inner = WrittenModel.make("ŷ = wᵀ x + b\nC = (y - ŷ)²", (2 + 3 + 4,), jax.random.key(0))
    rows = WrittenRows(inner, (3, 4))
    x = jnp.asarray([0.5, -1.0, 0, 0, 1, 0, 1, 0, 0])
    row = Row(x[:2], jnp.int32([2, 1]))
    np.testing.assert_array_equal(rows(row), inner(x))
    np.testing.assert_array_equal(rows.cost(row, 3.0), inner.cost(x, 3.0))
    assert rows.has_cost


def test_a_table_with_many_categories_is_fitted_kept_and_explained(tmp_path):
    """A linear model with an indicator of each shop finds the effect of each shop."""
    from gradiens.train.explain import equations_of

    rng = np.random.default_rng(0)
    shop, x = rng.integers(0, 40, 2000), rng.normal(size=2000)
    y = rng.normal(size=40)[shop] * 3 + x + 0.1 * rng.normal(size=2000)
    path = tmp_path / "shops.csv"
    pl.DataFrame({"shop": [f"s{i}" for i in shop], "x": x, "y": y}).write_csv(path)
    fitted = fit(path, "y", equation="ŷ = wᵀ x + b", lr=0.05, epochs=30, quiet=True, out=tmp_path / "run")
    assert fitted.preprocessing.levels == (41,)
    assert fitted.model.model.parameters["w"].shape == (1 + 41,)
    assert fitted.summary["test"]["rmse"] == pytest.approx(0.1, abs=0.05)
    loaded = load_model(tmp_path / "run")
    np.testing.assert_array_equal(loaded.predict(path).predicted, fitted.predict(path).predicted)
    title, model = equations_of(loaded)[0]
    assert title == "model" and model.check().ok
