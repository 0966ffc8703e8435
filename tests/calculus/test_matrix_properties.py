"""The matrix checker: SciPy's answers, and a violation in every single entry."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg

from gradiens.calculus.matrix_properties import matrix_properties
from gradiens.core.check import Mistake

RNG = np.random.default_rng(0)


def of(A, **options):
    return {name for name, holds in matrix_properties(A, **options)._asdict().items() if holds}


def test_examples():
    full = RNG.normal(size=(4, 4))
    assert of(full) == {"square"}
    assert of([[1, 2], [3, 4]]) == {"square"}
    assert of(np.diag([1.0, -2.0, 3.0])) == {"square", "symmetric", "upper", "lower", "diagonal"}
    assert of(np.eye(3)) == set(matrix_properties(np.eye(3))._fields)
    assert of(np.triu(full)) == {"square", "upper"} and of(np.tril(full)) == {"square", "lower"}
    assert of(full + full.T) == {"square", "symmetric"}
    assert of(full @ full.T + np.eye(4)) == {"square", "symmetric", "positive_definite"}
    assert of(np.linalg.qr(full)[0]) == {"square", "orthogonal"}
    assert of(np.triu(full)[:3]) == {"upper"} and of(np.zeros((2, 3))) == {"upper", "lower", "diagonal"}


def test_positive_definite_needs_a_positive_least_eigenvalue():
    Q = linalg.qr(RNG.normal(size=(3, 3)))[0]
    for least, holds in ((1e-3, True), (0.0, False), (-1e-3, False)):
        A = Q @ np.diag([least, 1.0, 2.0]) @ Q.T
        assert matrix_properties((A + A.T) / 2).positive_definite == holds


@pytest.mark.parametrize("n", [2, 4])
def test_a_violation_in_any_single_entry_is_seen(n):
    D = np.diag(np.arange(1.0, n + 1))
    for i, j in np.ndindex(n, n):
        if i != j:
            A = D.copy()
            A[i, j] = 1e-6
            found = matrix_properties(A)
            assert not found.symmetric and not found.diagonal and not found.positive_definite
            assert (found.upper, found.lower) == (i < j, i > j)
            assert matrix_properties(A, tolerance=1e-5).diagonal


def test_the_answer_does_not_depend_on_the_unit():
    A = RNG.normal(size=(3, 3))
    for scale in (1e-12, 1.0, 1e12):
        assert of(scale * (A @ A.T)) == {"square", "symmetric", "positive_definite"}
    assert matrix_properties(np.diag([1.0, 1e-30])).positive_definite is False  # below the tolerance: singular


def test_it_says_what_holds():
    assert str(matrix_properties([[2.0]])).startswith("square, symmetric, upper")
    assert str(matrix_properties(np.ones((2, 3)))).startswith("none of square")


@pytest.mark.parametrize(
    ("A", "says"), [(np.ones(3), "a matrix"), (np.ones((0, 2)), "a matrix"), ([[np.nan]], "finite")]
)
def test_bad_input(A, says):
    with pytest.raises(Mistake, match=says):
        matrix_properties(A)
    with pytest.raises(Mistake, match="tolerance of at least 0"):
        matrix_properties(np.eye(2), tolerance=-1.0)
