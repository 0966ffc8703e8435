"""Shampoo against Gupta, Koren & Singer's Algorithms 1 and 2; rotations; the diagonal of long axes."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from scipy.linalg import fractional_matrix_power as power

from gradiens.optim.adagrad import Adagrad
from gradiens.optim.shampoo import Shampoo


def test_oracle(problem, same):
    """A matrix by Algorithm 1; a vector by Adagrad with ε in its sum."""
    theta, L, R, s, path = problem.start, 0.1 * np.eye(2), 0.1 * np.eye(2), np.full(2, 0.1), []
    for t in range(len(problem.noise)):
        g = problem.gradient(theta, t)
        G, b = g[:4].reshape(2, 2), g[4:]
        L, R, s = L + G @ G.T, R + G.T @ G, s + b**2
        W = power(L, -1 / 4) @ G @ power(R, -1 / 4)
        theta = theta - 0.3 * np.concatenate([W.ravel(), b / np.sqrt(s)])
        path.append(theta)
    same(problem.ours(Shampoo(0.3, 0.1)), np.array(path), 1e-10)


def updates(method, gradients):
    step = lambda state, g: method.step(state, g, jnp.zeros_like(g))  # noqa: E731
    return np.asarray(jax.lax.scan(step, method.init(gradients[0]), gradients)[1])


def test_oracle_of_three_axes(x64):
    """Algorithm 2: the exponent of each axis is -1/(2·3)."""
    gradients = np.random.default_rng(5).normal(size=(10, 2, 3, 4))
    H = [0.1 * np.eye(n) for n in (2, 3, 4)]
    found = updates(Shampoo(0.3, 0.1), jnp.asarray(gradients))
    for G, update in zip(gradients, found, strict=True):
        products = ("iab,jab->ij", "aib,ajb->ij", "abi,abj->ij")
        H = [h + np.einsum(product, G, G) for h, product in zip(H, products, strict=True)]
        expected = np.einsum("abc,ia,jb,kc->ijk", G, *(power(h, -1 / 6) for h in H))
        np.testing.assert_allclose(update, -0.3 * expected, rtol=1e-10)


def test_rotations_of_rows_and_columns_go_through(x64):
    rng = np.random.default_rng(2)
    P, Q = np.linalg.qr(rng.normal(size=(3, 3)))[0], np.linalg.qr(rng.normal(size=(4, 4)))[0]
    gradients = rng.normal(size=(20, 3, 4))
    turned = updates(Shampoo(0.3, 0.1), jnp.asarray(P @ gradients @ Q.T))
    np.testing.assert_allclose(turned, P @ updates(Shampoo(0.3, 0.1), jnp.asarray(gradients)) @ Q.T, rtol=1e-9)
    coordinates = updates(Adagrad(0.3, 0.1), jnp.asarray(P @ gradients @ Q.T))
    assert np.abs(coordinates - P @ updates(Adagrad(0.3, 0.1), jnp.asarray(gradients)) @ Q.T).max() > 0.01


def test_a_long_axis_keeps_its_diagonal(x64):
    """`widest` = 3: rows have a matrix, the four columns a diagonal."""
    gradients = np.random.default_rng(4).normal(size=(10, 3, 4))
    L, r = 0.1 * np.eye(3), np.full(4, 0.1)
    for G, update in zip(gradients, updates(Shampoo(0.3, 0.1, widest=3), jnp.asarray(gradients)), strict=True):
        L, r = L + G @ G.T, r + np.sum(G**2, axis=0)
        np.testing.assert_allclose(update, -0.3 * power(L, -1 / 4) @ G * r ** (-1 / 4), rtol=1e-10)


def test_single_precision_stays_finite_where_the_sum_is_nearly_singular():
    """A gradient of rank 1 and of size 1e4: the eigenvalues at ε are lost to rounding, and floored."""
    gradients = jnp.tile(1e4 * jnp.outer(jnp.arange(1.0, 6.0), jnp.ones(5)), (5, 1, 1))
    found = updates(Shampoo(0.3), gradients)
    assert np.all(np.isfinite(found)) and np.all(found < 0)


def test_a_number_is_a_vector_of_one(x64):
    g = jnp.asarray(3.0)
    method = Shampoo(0.3, 0.1)
    _, update = method.step(method.init(g), g, g)
    assert update.shape == () and abs(float(update) + 0.3 * 3 / np.sqrt(9.1)) < 1e-15
