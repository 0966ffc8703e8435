"""The relu interpolant: NumPy's `interp` between the knots, straight lines beyond; the units that an error asks for."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.nn.constructive.relu_interpolant import interpolation_units, relu_interpolant

RNG = np.random.default_rng(0)


def at(network, x):
    return np.asarray(jax.vmap(network)(jnp.asarray(x)[:, None]))


def test_piecewise_linear_interpolation(x64):
    u, y = np.sort(RNG.normal(size=9)), RNG.normal(size=(9, 2))
    x = np.linspace(u[0], u[-1], 101)
    found = at(relu_interpolant(u, y), np.concatenate([u, x]))
    expected = np.stack([np.interp(np.concatenate([u, x]), u, column) for column in y.T], axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-13)


def test_beyond_the_knots(x64):
    network = relu_interpolant([0.0, 1.0, 3.0], [5.0, 4.0, 8.0])
    np.testing.assert_allclose(at(network, [-7.0, 4.0, 6.0])[:, 0], [5.0, 10.0, 14.0], rtol=1e-14)
    assert count(network) == 3 * 2 + 1  # r - 1 units with a weight and a bias, as many output weights, a bias


def test_the_units_that_an_error_asks_for(x64):
    """x² has g'' = 2, and on each interval the error M h²/8 is reached in the middle: one unit fewer is too few."""
    for error in (0.3, 1e-2, 1e-3):
        n = interpolation_units(2.0, 4.0, error)
        for units, enough in ((n, True), (n - 1, False)):
            u = np.linspace(-1, 3, units + 1)
            x = (u[:-1] + u[1:]) / 2
            gap = np.abs(at(relu_interpolant(u, u**2), x)[:, 0] - x**2).max()
            assert (gap <= error * (1 + 1e-12)) == enough
    assert interpolation_units(0.0, 4.0, 1e-3) == 1


def test_mistakes():
    with pytest.raises(Mistake, match="knots that increase"):
        relu_interpolant([0.0, 2.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(Mistake, match="a finite value for each of the 2 knots"):
        relu_interpolant([0.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(Mistake, match="a finite value"):
        relu_interpolant([0.0, 2.0], [1.0, np.nan])
    with pytest.raises(Mistake, match="above 0"):
        interpolation_units(1.0, 1.0, 0.0)
