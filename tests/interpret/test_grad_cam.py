"""Grad-CAM: for a head of averages and one dense layer it is the class activation map of its weights."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.interpret.grad_cam import class_map, enlarged, grad_cam

RNG = np.random.default_rng(3)
W = RNG.normal(size=(5, 4))


def features(x):
    return jnp.stack([x, 2 * x, x**2, -x])


def head(A):
    return W @ jnp.mean(A, axis=(1, 2))


@pytest.mark.parametrize("c", [0, 3])
def test_with_a_linear_head_it_is_the_class_activation_map(x64, c):
    x = jnp.asarray(RNG.normal(size=(3, 6)))
    A = np.stack([x, 2 * x, x**2, -x])
    expected = np.maximum(sum(W[c, k] / 18 * A[k] for k in range(4)), 0)
    found = grad_cam(features, head, x, c)
    assert found.shape == (3, 6) and np.any(found == 0) and np.any(found > 0)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_the_importance_of_a_map_is_the_mean_derivative(x64):
    A, G = RNG.normal(size=(2, 3, 2, 4))
    α = [G[k].sum() / 8 for k in range(3)]
    expected = np.maximum(α[0] * A[0] + α[1] * A[1] + α[2] * A[2], 0)
    np.testing.assert_allclose(class_map(jnp.asarray(A), jnp.asarray(G)), expected, rtol=1e-13)


def test_enlarging_keeps_a_constant_and_a_middle(x64):
    np.testing.assert_allclose(enlarged(jnp.full((2, 3), 7.0), (8, 9)), np.full((8, 9), 7.0))
    ramp = np.asarray(enlarged(jnp.array([[0.0, 1.0]]), (1, 4)))[0]
    np.testing.assert_allclose(ramp, [0, 0.25, 0.75, 1])


def test_features_without_a_plane_are_refused():
    with pytest.raises(Mistake, match=r"maps \(K, H, W\)"):
        grad_cam(lambda x: x[0], lambda a: a, jnp.ones((3, 3)), 0)
