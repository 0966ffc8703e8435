"""The table of coefficients against printed tables of Student's and the normal distribution, and its theorems."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.coefficients import COLUMNS, CoefficientTable
from gradiens.core.check import Mistake

B, V = np.array([2.0, -1.5, 0.0]), np.diag([1.0, 0.25, 4.0])


def test_against_a_printed_table_of_student():
    # Student's table: with 10 degrees of freedom P(|T| ≥ 2.228) = 0.05, P(|T| ≥ 3.169) = 0.01.
    table = CoefficientTable.of([2.228139, -3.169273], np.eye(2), degrees=10)
    np.testing.assert_allclose(table.p_value, [0.05, 0.01], rtol=1e-6)
    np.testing.assert_allclose(table.low, [0.0, -3.169273 - 2.228139], atol=1e-6)
    np.testing.assert_allclose(table.high, [2 * 2.228139, -3.169273 + 2.228139], rtol=1e-6)
    assert table.distribution == "t" and table.degrees == 10


def test_against_the_normal_table():
    table = CoefficientTable.of(B, V, names=["a", "b", "c"], level=0.99)
    np.testing.assert_allclose(table.standard_error, [1.0, 0.5, 2.0])
    np.testing.assert_allclose(table.statistic, [2.0, -3.0, 0.0])
    np.testing.assert_allclose(table.p_value, [0.0455002639, 0.0026997961, 1.0], rtol=1e-7)
    np.testing.assert_allclose(table.high - B, 2.5758293035 * table.standard_error, rtol=1e-10)
    np.testing.assert_allclose(B - table.low, table.high - B, rtol=1e-14)


def test_many_degrees_are_normal():
    far, normal = CoefficientTable.of(B, V, degrees=1e8), CoefficientTable.of(B, V)
    np.testing.assert_allclose(far.p_value, normal.p_value, rtol=1e-6)
    np.testing.assert_allclose(far.low, normal.low, rtol=1e-6)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_the_interval_touches_zero_when_the_p_value_is_one_less_the_level(level):
    q = CoefficientTable.of([0.0], [[1.0]], degrees=4, level=level).high[0]
    at = CoefficientTable.of([q], [[1.0]], degrees=4, level=level)
    np.testing.assert_allclose([at.low[0], at.p_value[0]], [0.0, 1 - level], atol=1e-12)


def test_what_the_data_do_not_determine():
    table = CoefficientTable.of([1.0, 1.0], np.diag([np.inf, 0.0]), degrees=3)
    assert table.statistic.tolist() == [0.0, np.inf] and table.p_value.tolist() == [1.0, 0.0]
    assert (table.low[0], table.high[0]) == (-np.inf, np.inf)


def test_rows_and_text():
    table = CoefficientTable.of(B, V, degrees=7, names=("const", "rm", "z"))
    rows = table.rows()
    assert [list(row) for row in rows] == [list(COLUMNS)] * 3
    assert rows[1]["name"] == "rm" and rows[1]["standard_error"] == 0.5
    lines = str(table).splitlines()
    assert len(lines) == 4 and len({len(line) for line in lines}) == 1
    assert lines[0].split() == ["estimate", "std.", "error", "t", "P(>|t|)", "95", "%", "from", "to"]
    assert lines[2].split()[:4] == ["rm", "-1.5", "0.5", "-3"]
    assert "P(>|z|)" in str(CoefficientTable.of(B, V))


@pytest.mark.parametrize(
    "bad",
    [{"estimate": B[:2]}, {"covariance": -V}, {"degrees": 0}, {"names": ["a"]}, {"level": 95}, {"level": 0}],
)
def test_bad_input(bad):
    with pytest.raises(Mistake):
        CoefficientTable.of(**{"estimate": B, "covariance": V, **bad})
