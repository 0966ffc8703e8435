"""Norms, projections, quadratic forms: NumPy's, and the theorems."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.calculus.norms import dual_exponent, frobenius_norm, nuclear_norm, p_norm, spectral_norm
from gradiens.calculus.projections import orthonormal, project_ball, project_line, project_subspace
from gradiens.calculus.quadratic_form import definiteness, gaussian_ellipse, is_positive_definite
from gradiens.core.check import Failure, Mistake

RNG = np.random.default_rng(7)
X, A = RNG.normal(size=6), RNG.normal(size=(6, 3))


@pytest.mark.parametrize("p", [1, 1.5, 2, 3, np.inf])
def test_norms_of_vectors(x64, p):
    assert float(p_norm(X, p)) == pytest.approx(np.linalg.norm(X, p), rel=1e-14)
    assert float(p_norm(1e200 * X, p)) == pytest.approx(1e200 * np.linalg.norm(X, p), rel=1e-14)
    assert float(p_norm(np.zeros(3), p)) == 0.0
    q = dual_exponent(p)
    assert 1 / p + 1 / q == pytest.approx(1)
    best = np.sign(X) * np.abs(X) ** (p - 1) if p < np.inf else np.sign(X) * (np.abs(X) == np.abs(X).max())
    if p > 1:
        assert abs(X @ best) == pytest.approx(float(p_norm(X, p) * p_norm(best, q)), rel=1e-12), "Hölder is attained"


def test_norms_of_matrices(x64):
    B = jnp.asarray(A)
    for norm, order in ((spectral_norm, 2), (frobenius_norm, "fro"), (nuclear_norm, "nuc")):
        assert float(norm(B)) == pytest.approx(np.linalg.norm(A, order), rel=1e-13)
    with pytest.raises(Mistake, match="matrix"):
        spectral_norm(jnp.asarray(X))
    for p in (0.5, np.nan):
        with pytest.raises(Mistake, match="at least 1"):
            p_norm(X, p)
        with pytest.raises(Mistake, match="at least 1"):
            dual_exponent(p)


def test_the_nearest_points(x64):
    x, B = jnp.asarray(X), jnp.asarray(A)
    np.testing.assert_allclose(project_subspace(x, B), A @ np.linalg.lstsq(A, X)[0], rtol=1e-12)
    np.testing.assert_allclose(project_line(x, B[:, 0]), A[:, 0] * (A[:, 0] @ X) / (A[:, 0] @ A[:, 0]), rtol=1e-13)
    np.testing.assert_allclose(project_ball(x, 0.5), 0.5 * X / np.linalg.norm(X), rtol=1e-13)
    np.testing.assert_array_equal(project_ball(x, 100.0), X)
    np.testing.assert_array_equal(project_ball(jnp.zeros(2), 1.0), 0.0)
    with pytest.raises(Mistake, match="radius"):
        project_ball(x, 0.0)


def test_orthonormal_columns_even_of_a_hilbert_matrix(x64):
    H = jnp.asarray(1 / (1 + np.add.outer(np.arange(8), np.arange(8))))  # condition number 10¹⁰
    Q = orthonormal(H)
    np.testing.assert_allclose(Q.T @ Q, np.eye(8), atol=1e-14)
    np.testing.assert_allclose(np.tril(Q.T @ H, -1), 0, atol=1e-13)
    with pytest.raises(Failure, match="column 2 depends"):
        orthonormal(jnp.stack([jnp.ones(3), jnp.arange(3.0), 2 + jnp.arange(3.0)], axis=1))


@pytest.mark.parametrize(
    ("eigenvalues", "says"),
    [
        ((1, 2, 3), "positive definite"),
        ((0, 2, 3), "positive semidefinite"),
        ((-1, 2, 3), "indefinite"),
        ((-1, -2, 0), "negative semidefinite"),
        ((-1, -2, -3), "negative definite"),
        ((0, 0, 0), "zero"),
    ],
)
def test_what_a_form_is(x64, eigenvalues, says):
    Q = np.linalg.qr(RNG.normal(size=(3, 3)))[0]
    M = jnp.asarray((Q * np.asarray(eigenvalues, float)) @ Q.T)
    M = (M + M.T) / 2
    assert definiteness(M) == says
    if says != "positive semidefinite":
        assert is_positive_definite(M) == (says == "positive definite")


def test_the_ellipse_of_a_correlation():
    found = gaussian_ellipse(jnp.asarray([[1.0, 0.8], [0.8, 1.0]]), c=2.0)
    np.testing.assert_allclose(found.half_lengths, 2 * np.sqrt([1.8, 0.2]), rtol=1e-6)
    np.testing.assert_allclose(np.abs(found.axes), np.sqrt(0.5), rtol=1e-6)
    assert float(found.axes[0, 0] * found.axes[1, 0]) > 0 > float(found.axes[0, 1] * found.axes[1, 1])
    with pytest.raises(Mistake, match="indefinite"):
        gaussian_ellipse(jnp.asarray([[1.0, 2.0], [2.0, 1.0]]))
    with pytest.raises(Mistake, match="symmetric"):
        definiteness(jnp.asarray([[1.0, 2.0], [0.0, 1.0]]))
    with pytest.raises(Mistake, match="square"):
        is_positive_definite(jnp.ones((2, 3)))
