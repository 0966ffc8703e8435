"""The range test on parabolas, whose losses have a product formula and turn at 2/λ, and on minibatches."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.adam import Adam
from gradiens.optim.newton import Newton
from gradiens.optim.range_test import range_test
from gradiens.optim.sgd import SGD

CURVATURE = 4.0


def parabola(theta, t):
    return CURVATURE / 2 * jnp.sum(theta**2)


def test_the_losses_of_a_parabola_are_a_product(x64):
    """θ_{t+1} = (1 - αₜ λ) θₜ, so that |θ| grows as soon as αₜ > 2/λ: the loss is least at the first such step."""
    found = range_test(parabola, jnp.asarray([3.0]), SGD(), 1e-3, 10.0, 80, memory=0.0)
    rates = 1e-3 * 1e4 ** (np.arange(80) / 79)
    theta = 3.0 * np.concatenate([[1.0], np.cumprod(1 - rates[:-1] * CURVATURE)])
    np.testing.assert_allclose(found.rates, rates, rtol=1e-12)
    np.testing.assert_allclose(found.losses, CURVATURE / 2 * theta**2, rtol=1e-9)
    np.testing.assert_array_equal(found.smooth, found.losses)
    assert found.turn == pytest.approx(rates[rates > 2 / CURVATURE][0], rel=1e-12)
    assert found.steepest < 2 / CURVATURE
    slope = np.gradient(found.losses, np.log(rates))
    assert found.steepest == rates[np.argmin(slope[: np.argmin(found.losses) + 1])]


def test_the_running_mean_by_hand(x64):
    """A loss that is the step's input: (a + m b + m² c …) / (1 + m + m² …)."""
    values = np.array([3.0, 1.0, 4.0, 1.0, 5.0])
    found = range_test(
        lambda theta, x: x + 0 * jnp.sum(theta), jnp.zeros(1), SGD(), steps=5, feed=lambda a, b: values[a:b], memory=0.5
    )
    np.testing.assert_array_equal(found.losses, values)
    expected = [3.0, (1 + 1.5) / 1.5, (4 + 0.5 + 0.75) / 1.75, (1 + 2 + 0.25 + 0.375) / 1.875]
    np.testing.assert_allclose(found.smooth[:4], expected, rtol=1e-12)


def test_it_ends_where_the_loss_is_lost():
    found = range_test(lambda theta, t: jnp.exp(jnp.sum(theta**2)), jnp.asarray([1.5]), SGD(), 1e-2, 1e3, 60)
    assert 3 <= len(found.losses) < 60 and np.isfinite(found.losses).all() and len(found.rates) == len(found.losses)


def test_of_another_optimizer(x64):
    """ADAM's first step has the length of the step size, whatever the gradient."""
    found = range_test(parabola, jnp.asarray([3.0]), Adam(eps=0.0), 1e-2, 1.0, 20)
    assert found.losses[1] == pytest.approx(CURVATURE / 2 * (3.0 - 1e-2) ** 2, rel=1e-9)


def test_mistakes():
    with pytest.raises(Mistake, match="a step size lr, got Newton"):
        range_test(parabola, jnp.ones(1), Newton())  # pyright: ignore[reportArgumentType]
    for options in ({"low": 0.0}, {"low": 2.0, "high": 1.0}, {"steps": 2}, {"memory": 1.0}):
        with pytest.raises(Mistake, match="0 < low < high"):
            range_test(parabola, jnp.ones(1), SGD(), **options)
