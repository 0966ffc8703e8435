"""The four routes against NumPy and each other, and where each must give up."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.linear.least_squares_routes import ROUTES, solve_least_squares
from gradiens.core.check import Failure, Mistake

rng = np.random.default_rng(0)
X = rng.normal(size=(30, 4)) * [1, 5, 0.2, 1] + 1
Y = rng.normal(size=30)
DEPENDENT = np.hstack([X, X[:, :1] - 2 * X[:, 1:2]])
each = pytest.mark.parametrize("route", ROUTES)


@each
def test_equals_numpy(route):
    np.testing.assert_allclose(solve_least_squares(X, Y, route), np.linalg.lstsq(X, Y)[0], rtol=1e-9)
    both = np.stack([Y, Y**2], 1)
    np.testing.assert_allclose(solve_least_squares(X, both, route), np.linalg.lstsq(X, both)[0], rtol=1e-9)


@each
def test_weights_count_rows(route):
    times = rng.integers(1, 4, 30)
    repeated = np.repeat(X, times, axis=0), np.repeat(Y, times)
    weighted = solve_least_squares(X, Y, route, weights=times)
    np.testing.assert_allclose(weighted, np.linalg.lstsq(*repeated)[0], rtol=1e-9)


@pytest.mark.parametrize("x", [DEPENDENT, DEPENDENT[:3]], ids=["dependent columns", "wide"])
def test_dependent_columns(x):
    y = Y[: len(x)]
    shortest = np.linalg.lstsq(x, y, rcond=1e-10)[0]
    for route in ("svd", "pseudo-inverse"):
        np.testing.assert_allclose(solve_least_squares(x, y, route), shortest, atol=1e-9)
    for route in ("normal equations", "qr"):
        with pytest.raises(Failure, match="depend on each other; take the route 'svd'"):
            solve_least_squares(x, y, route)


def test_normal_equations_square_the_condition_number():
    """Läuchli's matrix: X'X is singular in double precision, X is not; only the normal equations fail."""
    e = 1e-9
    x, y = np.vstack([np.ones(2), e * np.eye(2)]), np.array([2.0, e, e])  # b = (1, 1)
    for route in ("qr", "svd", "pseudo-inverse"):
        np.testing.assert_allclose(solve_least_squares(x, y, route), 1.0, rtol=1e-6)
    with pytest.raises(Failure):
        solve_least_squares(x, y, "normal equations")


@pytest.mark.parametrize(
    "bad",
    [{"X": X[0]}, {"y": Y[:-1]}, {"X": X * np.inf}, {"weights": -np.ones(30)}, {"weights": np.ones(3)},
     {"route": "cholesk"}, {"weights": np.full(30, np.nan)}],
)  # fmt: skip
def test_bad_input(bad):
    with pytest.raises(Mistake):
        solve_least_squares(**{"X": X, "y": Y, **bad})
