"""Max-norm: where it does nothing, where it projects, and that it is the nearest point of the ball."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.max_norm import cap_rows, max_norm
from gradiens.optim.sgd import SGD


def test_rows_and_kernels(x64):
    W = jnp.asarray([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    np.testing.assert_allclose(cap_rows(W, 2.0), [[1.2, 1.6], [0.3, 0.4], [0, 0]], rtol=1e-15)
    kernel = jnp.ones((2, 3, 2, 2)) * jnp.asarray([1.0, 10.0])[:, None, None, None]
    capped = np.asarray(cap_rows(kernel, 5.0))
    np.testing.assert_array_equal(capped[0], 1)
    assert np.sqrt((capped[1] ** 2).sum()) == pytest.approx(5, rel=1e-14)


@pytest.mark.parametrize("method", [SGD(1.0), optax.sgd(1.0)])
def test_the_step_ends_inside(x64, method):
    optimizer = max_norm(method, 2.0)
    theta = {"W": jnp.asarray([[1.0, 1.0], [0.1, 0.0]]), "b": jnp.asarray([5.0])}
    g = {"W": jnp.asarray([[-2.0, -3.0], [0.0, -0.1]]), "b": jnp.asarray([-4.0])}
    _, update = optimizer.step_tree(optimizer.init_tree(theta), g, theta)
    np.testing.assert_allclose(theta["W"] + update["W"], [[1.2, 1.6], [0.1, 0.1]], rtol=1e-14)
    np.testing.assert_allclose(update["b"], [4.0])


def test_bad_input():
    for most in (0, -1.0):
        with pytest.raises(Mistake, match="a largest norm above 0"):
            max_norm(SGD(), most)
