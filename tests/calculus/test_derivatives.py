"""Derivatives by JAX against formulas worked out by hand, on arrays and on trees."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.calculus import derivatives as of
from gradiens.core.check import Mistake

RNG = np.random.default_rng(3)
A, X, V = RNG.normal(size=(4, 3)), RNG.normal(size=3), RNG.normal(size=3)
M = A.T @ A + np.diag([1.0, 2.0, 3.0])


def cubic(x):
    """x'M x + Σ x³: gradient 2 M x + 3 x², Hessian 2 M + 6 diag x."""
    return x @ jnp.asarray(M) @ x + jnp.sum(x**3)


def test_of_one_number(x64):
    g, H = 2 * M @ X + 3 * X**2, 2 * M + 6 * np.diag(X)
    np.testing.assert_allclose(of.gradient(cubic, X), g, rtol=1e-13)
    np.testing.assert_allclose(of.hessian(cubic, X), H, rtol=1e-13)
    np.testing.assert_allclose(of.directional(cubic, X, V), g @ V, rtol=1e-13)
    np.testing.assert_allclose(of.hessian_vector(cubic, X, V), H @ V, rtol=1e-13)
    np.testing.assert_allclose(of.jacobian(cubic, X), g[None], rtol=1e-13)


@pytest.mark.parametrize("rows", [4, 2])
def test_of_several_numbers_by_either_mode(x64, rows):
    W = A[:rows]
    f = lambda x: jnp.sin(jnp.asarray(W) @ x)  # noqa: E731
    J = np.cos(W @ X)[:, None] * W
    np.testing.assert_allclose(of.jacobian(f, X), J, rtol=1e-13)
    np.testing.assert_allclose(of.vector_jacobian(f, X, np.arange(rows)), np.arange(rows) @ J, rtol=1e-13)
    np.testing.assert_allclose(of.directional(f, X, V), J @ V, rtol=1e-13)


def test_of_trees(x64):
    f = lambda t: t["s"] * jnp.sum(t["x"] ** 2)  # noqa: E731
    theta, d = {"s": 3, "x": X}, {"s": 1.0, "x": V}
    g = of.gradient(f, theta)
    np.testing.assert_allclose(g["x"], 6 * X, rtol=1e-13)
    assert float(g["s"]) == pytest.approx(X @ X)
    hv = of.hessian_vector(f, theta, d)
    H = np.block([[np.zeros((1, 1)), 2 * X[None]], [2 * X[:, None], 6 * np.eye(3)]])
    np.testing.assert_allclose(of.hessian(f, theta), H, rtol=1e-13)
    np.testing.assert_allclose(np.r_[hv["s"], hv["x"]], H @ np.r_[1.0, V], rtol=1e-13)
    np.testing.assert_allclose(of.jacobian(lambda t: [t["x"] * t["s"], t["s"]], theta).shape, (4, 4))


def test_gauss_newton_leaves_out_the_curvature_of_the_model(x64):
    y = RNG.normal(size=4)
    model, loss = lambda x: jnp.tanh(jnp.asarray(A) @ x), lambda z: jnp.sum((z - y) ** 2) / 2
    J = (1 - np.tanh(A @ X) ** 2)[:, None] * A
    np.testing.assert_allclose(of.gauss_newton_vector(model, loss, X, V), J.T @ J @ V, rtol=1e-12)
    affine = lambda x: jnp.asarray(A) @ x + 1.0  # noqa: E731
    got = of.gauss_newton_vector(affine, lambda z: jnp.sum(jnp.exp(z)), X, V)
    np.testing.assert_allclose(got, of.hessian(lambda x: jnp.sum(jnp.exp(affine(x))), X) @ V, rtol=1e-12)


def test_wirtinger(x64):
    """z²: 2z and 0. |z|² = z z̄: z̄ and z."""
    z = np.asarray([1 + 2j, -0.5j])
    by_z, by_bar = of.wirtinger(lambda z: z**2, z)
    np.testing.assert_allclose(by_z, 2 * z, rtol=1e-14)
    np.testing.assert_allclose(by_bar, 0, atol=1e-14)
    by_z, by_bar = of.wirtinger(lambda z: z * jnp.conj(z), z)
    np.testing.assert_allclose(by_z, z.conj(), rtol=1e-14)
    np.testing.assert_allclose(by_bar, z, rtol=1e-14)


def test_bad_input():
    with pytest.raises(Mistake, match=r"one number.*\(3,\)"):
        of.gradient(lambda x: x, X)
    with pytest.raises(Mistake, match=r"shape \(3,\), got \(2,\)"):
        of.directional(jnp.sum, X, np.ones(2))
    with pytest.raises(Mistake, match="structure"):
        of.hessian_vector(lambda t: jnp.sum(t["a"]), {"a": X}, X)
    with pytest.raises(Mistake, match="empty"):
        of.gradient(lambda t: 0.0, {})
    assert jax.tree.leaves(of.real({"a": 1, "b": [2.0]}))[0].dtype == jnp.float32
