"""Rank and condition number by blocks against NumPy's from the whole."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.linear import design_rank
from gradiens.classical.linear.design_rank import condition_number, rank, triangular_factor
from gradiens.core.check import Mistake

X = np.random.default_rng(1).normal(size=(50, 4))
DEPENDENT = np.hstack([X, X[:, :1] + X[:, 1:2], np.zeros((50, 1))])


@pytest.fixture(params=[7, 50, 4096])
def rows(request, monkeypatch):
    monkeypatch.setattr(design_rank, "ROWS", request.param)


def test_equals_numpy(rows):
    assert rank(X) == 4 and rank(DEPENDENT) == 4 and rank(X[:3]) == 3
    assert condition_number(X) == pytest.approx(np.linalg.cond(X), rel=1e-10)
    s = np.linalg.svd(DEPENDENT, compute_uv=False)
    assert condition_number(DEPENDENT) == pytest.approx(s[0] / s[3], rel=1e-10)
    R = triangular_factor(DEPENDENT)
    np.testing.assert_allclose(R.T @ R, (DEPENDENT.T @ DEPENDENT)[:5, :5], atol=1e-12)


def test_what_the_square_cannot_see(rows):
    """Läuchli's matrix: X'X has rank 1 in double precision, X has rank 2."""
    x = np.vstack([np.ones(2), 1e-9 * np.eye(2)])
    assert np.linalg.matrix_rank(x.T @ x) == 1 and rank(x) == 2
    assert condition_number(x) == pytest.approx(np.sqrt(2) * 1e9, rel=1e-6)


def test_whole_numbers_and_diagonals(rows):
    assert rank(np.arange(12, dtype=np.uint8).reshape(4, 3)) == 2
    assert condition_number(np.diag([5.0, 2.0, 0.0])) == pytest.approx(2.5, rel=1e-12)


def test_bad_input():
    for x in (X[0], X * np.nan, 0 * X, X[:, :0], X.astype(str)):
        with pytest.raises(Mistake):
            rank(x)
