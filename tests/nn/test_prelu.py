"""Parametric relu against PyTorch, values and both derivatives; one slope for a map, or for all."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.nn.batched import on_batch
from gradiens.nn.prelu import PReLU

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("n", "shape"), [(3, (5, 3, 2, 4)), (1, (5, 3))])
def test_as_in_pytorch(x64, n, shape):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    X, α = RNG.normal(size=shape), RNG.normal(size=n)
    x, a = torch.tensor(X, requires_grad=True), torch.tensor(α, requires_grad=True)
    theirs = torch.nn.functional.prelu(x, a)
    torch.sin(theirs).sum().backward()
    cost = lambda layer, X: jnp.sum(jnp.sin(jax.vmap(layer)(X)))  # noqa: E731
    ours, at = jax.jit(jax.grad(cost, (0, 1)))(PReLU(jnp.asarray(α)), jnp.asarray(X))
    np.testing.assert_allclose(on_batch(PReLU(jnp.asarray(α)), jnp.asarray(X))[0], theirs.detach(), rtol=1e-12)
    np.testing.assert_allclose(ours.alpha, a.grad, rtol=1e-11)
    np.testing.assert_allclose(at, x.grad, rtol=1e-11)


def test_between_relu_and_the_identity(x64):
    x = jnp.asarray([-2.0, 0.0, 3.0])
    np.testing.assert_array_equal(PReLU.make(3, 0.0)(x), [0, 0, 3])
    np.testing.assert_array_equal(PReLU.make(3, 1.0)(x), x)
    np.testing.assert_array_equal(PReLU.make()(x), [-0.5, 0, 3])


def test_parameters():
    assert count(PReLU.make(7)) == 7 and count(PReLU.make()) == 1
    with pytest.raises(Mistake, match="at least one slope"):
        PReLU.make(0)


def test_another_number_of_units_than_slopes_is_refused():
    for x in (jnp.array([-1.0]), jnp.ones(4), jnp.ones((2, 3, 3))):
        with pytest.raises(Mistake, match="3 units, one a slope"):
            PReLU.make(3)(x)
