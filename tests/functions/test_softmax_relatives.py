"""Relatives of softmax: temperature, sparsemax, label smoothing."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.functions.activations import softmax
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.functions.smoothed import smoothed_cross_entropy
from gradiens.functions.tempered import sparsemax, tempered_softmax

Z = np.random.default_rng(8).normal(scale=1.5, size=(40, 5))


def test_temperature(x64):
    z = jnp.asarray(Z)
    np.testing.assert_allclose(
        tempered_softmax(z, 0.7), np.exp(Z / 0.7) / np.exp(Z / 0.7).sum(1, keepdims=True), rtol=1e-12
    )
    np.testing.assert_allclose(tempered_softmax(z, 1.0), softmax(z), rtol=1e-14)
    np.testing.assert_allclose(tempered_softmax(z, 1e-4), np.eye(5)[Z.argmax(1)], atol=1e-12)
    np.testing.assert_allclose(tempered_softmax(z, 1e6), 0.2, atol=1e-5)


def by_sorting(z):
    """Martins & Astudillo (2016), Algorithm 1."""
    sorted_, sums = np.sort(z)[::-1], np.cumsum(np.sort(z)[::-1])
    k = np.arange(1, len(z) + 1)
    size = k[1 + k * sorted_ > sums][-1]
    return np.maximum(z - (sums[size - 1] - 1) / size, 0)


def test_sparsemax_is_the_algorithm_and_the_projection(x64):
    p = np.asarray(sparsemax(jnp.asarray(Z)))
    np.testing.assert_allclose(p, [by_sorting(z) for z in Z], atol=1e-14)
    np.testing.assert_allclose(p.sum(1), 1, rtol=1e-12)
    assert (p >= 0).all() and (p == 0).any()
    other = np.random.default_rng(9).dirichlet(np.ones(5), 200)  # no point of the simplex is nearer
    near = ((Z - p) ** 2).sum(1)
    assert (((Z[:, None] - other[None]) ** 2).sum(-1) >= near[:, None] - 1e-12).all()


def test_sparsemax_with_ties_and_far_apart():
    np.testing.assert_allclose(sparsemax(jnp.array([1.0, 1.0, 1.0, 0.0])), [1 / 3, 1 / 3, 1 / 3, 0], atol=1e-6)
    np.testing.assert_allclose(sparsemax(jnp.array([9.0, 1.0, 0.0])), [1, 0, 0])
    np.testing.assert_allclose(sparsemax(jnp.array([0.5, 0.0])), [0.75, 0.25], atol=1e-6)
    np.testing.assert_array_equal(sparsemax(jnp.array([1e8, 0.0])), [1, 0])  # in single precision 1e8 - 1 is 1e8
    np.testing.assert_array_equal(sparsemax(jnp.array([3e7, 3e7, -jnp.inf])), [0.5, 0.5, 0])


def test_the_slope_of_sparsemax_is_that_of_the_projection(x64):
    """1 - 1/k between the k scores of the support, 0 elsewhere (Martins & Astudillo, equation 9)."""
    for z in Z[:5]:
        s = (by_sorting(z) > 0).astype(float)
        np.testing.assert_allclose(
            jax.jacobian(sparsemax)(jnp.asarray(z)), np.diag(s) - np.outer(s, s) / s.sum(), atol=1e-14
        )


@pytest.mark.parametrize("epsilon", [0.0, 0.3])
def test_label_smoothing_equals_torch(x64, epsilon):
    torch = pytest.importorskip("torch", reason="PyTorch is a peer that is not installed everywhere")
    y = np.arange(40) % 5
    peer = torch.nn.functional.cross_entropy(
        torch.from_numpy(Z), torch.from_numpy(y), reduction="none", label_smoothing=epsilon
    )
    ours = jax.vmap(lambda z, y: smoothed_cross_entropy(z, y, epsilon))(jnp.asarray(Z), jnp.asarray(y))
    np.testing.assert_allclose(ours, peer.numpy(), rtol=1e-12)
    if not epsilon:
        np.testing.assert_allclose(
            ours, jax.vmap(categorical_cross_entropy)(jnp.asarray(Z), jnp.asarray(y)), rtol=1e-12
        )


def test_the_least_smoothed_cost_is_at_the_smoothed_target(x64):
    target = np.full(4, 0.05)
    target[2] += 0.8
    g = jax.grad(smoothed_cross_entropy)(jnp.log(jnp.asarray(target)), 2, 0.2)
    np.testing.assert_allclose(g, 0, atol=1e-15)
