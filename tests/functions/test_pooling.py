"""Pooling: against PyTorch, with the padding and the floor; what pooling promises."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.functions.pooling import adaptive_average_pool, average_pool, max_pool

X = np.random.default_rng(0).normal(size=(2, 3, 7, 8))
near = {"rtol": 1e-12, "atol": 1e-14}


@pytest.mark.parametrize(("window", "stride", "padding"), [(2, None, 0), (3, None, 0), (3, 2, 1), (2, 3, 1), (3, 1, 0)])
def test_torch_agrees(x64, window, stride, padding):
    torch = pytest.importorskip("torch", reason="PyTorch, a peer of the tests, is not installed: make peers")
    F, x = torch.nn.functional, torch.tensor(X, requires_grad=True)
    pairs = ((max_pool, F.max_pool2d), (average_pool, F.avg_pool2d))
    for own, theirs in pairs:
        expected = theirs(x, window, stride, padding)
        y, back = jax.vjp(lambda x, own=own: own(x, window, stride, padding), jnp.asarray(X))
        np.testing.assert_allclose(y, expected.detach().numpy(), **near)
        (g,) = torch.autograd.grad((expected**2).sum(), x)
        np.testing.assert_allclose(back(2 * y)[0], g.numpy(), rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(own(jnp.asarray(X[0]), window, stride, padding), y[0], **near)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_adaptive_windows_are_torchs(x64, size):
    torch = pytest.importorskip("torch", reason="PyTorch, a peer of the tests, is not installed: make peers")
    expected = torch.nn.functional.adaptive_avg_pool2d(torch.tensor(X), size).numpy()
    np.testing.assert_allclose(adaptive_average_pool(jnp.asarray(X), size), expected, **near)


def test_equal_entries_share_the_gradient_and_none_is_lost(x64):
    g = jax.grad(lambda x: jnp.sum(max_pool(x, 2)))(jnp.ones((1, 4, 4)))
    assert float(jnp.sum(g)) == pytest.approx(4)


def test_padding_never_wins_and_counts_as_zeros_in_the_mean(x64):
    x = -jnp.ones((1, 2, 2))
    np.testing.assert_array_equal(max_pool(x, 2, 2, 1), -np.ones((1, 2, 2)))
    np.testing.assert_allclose(average_pool(x, 2, 2, 1), np.full((1, 2, 2), -0.25))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda x: max_pool(x, 9), "maps of at least 9 × 9, got 7 × 8"),
        (lambda x: average_pool(x, 0), "a window and a stride of at least 1"),
        (lambda x: max_pool(x, 2, 2, 2), "at most half the window"),
        (lambda x: adaptive_average_pool(x, 8), "a size between 1 and 7, got 8"),
    ],
)
def test_bad_input(call, says):
    with pytest.raises(Mistake, match=says):
        call(jnp.asarray(X))


def test_the_derivative_survives_a_compiler_that_computes_the_maps_twice(x64):
    """With these options XLA computed the entries of the maps and their maxima in two ways, and no entry was the largest."""

    rng = np.random.default_rng(0)
    u, g, v, b = (jnp.asarray(rng.normal(size=shape)) for shape in ((2, 8, 8), (2, 1, 1), (2, 1, 1), (2, 1, 1)))
    weights = jnp.asarray(rng.normal(size=(2, 4, 4)))

    def cost(u, g, v, b):
        return jnp.sum(weights * max_pool(jnp.maximum(g * u / jnp.sqrt(v**2 + 1e-5) + b, 0), 2))

    slope = jax.grad(cost, (0, 1, 2, 3))
    quick = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}
    for found, expected in zip(jax.jit(slope, compiler_options=quick)(u, g, v, b), slope(u, g, v, b)):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
