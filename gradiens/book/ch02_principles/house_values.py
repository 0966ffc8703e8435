"""House values in 490 tracts of Boston by least squares: on rooms, on the share of poor inhabitants, and on its square."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.classical.features.polynomial_features import polynomial_features
from gradiens.classical.linear.least_squares import fit_linear
from gradiens.data.sets.housing import housing
from gradiens.functions.metrics import mse, r2
from gradiens.nn.regression import linear_regression


class Line(NamedTuple):
    """A least-squares fit: intercept, weights, R² and MSE, and the gradient of the MSE of the same network there."""

    coefficients: Float[np.ndarray, " p1"]
    r2: float
    mse: float
    gradient: Float[np.ndarray, " p1"]


class Houses(NamedTuple):
    """Rooms, poor inhabitants and value of 490 tracts; value on rooms, on the poor, and on the poor and their square."""

    rooms: Float[np.ndarray, " N"]
    poor: Float[np.ndarray, " N"]
    value: Float[np.ndarray, " N"]
    on_rooms: Line
    on_poor: Line
    on_square: Line


def house_values(key: Array) -> Houses:
    """The tracts whose value is not cut at 50, and the three fits; `key` starts the networks, which start from zero."""
    frame = housing().frame
    frame = frame.filter(frame["medv"] != 50)
    rooms, poor, value = (frame[name].to_numpy() for name in ("rm", "lstat", "medv"))
    square = polynomial_features(poor[:, None], 2)[:, 1:]
    lines = [_line(x, value, key) for x in (rooms[:, None], poor[:, None], square)]
    return Houses(rooms, poor, value, *lines)


def _line(x: np.ndarray, y: np.ndarray, key: Array) -> Line:
    """The fit, and the gradient of the mean squared error of a one-layer network with the same weights."""
    fit = fit_linear(x, y)
    network = linear_regression(x.shape[1], key)
    at = lambda net: (net.layers[0].W, net.layers[0].b)  # noqa: E731
    network = eqx.tree_at(at, network, (jnp.asarray(fit.w[None]), jnp.asarray(fit.b)[None]))
    g = jax.grad(lambda net: jnp.mean((jax.vmap(net)(jnp.asarray(x)).ravel() - jnp.asarray(y)) ** 2))(network)
    gradient = np.concatenate([np.ravel(g.layers[0].b), np.ravel(g.layers[0].W)])
    made = fit.predict(x)
    return Line(np.array([fit.b, *fit.w]), r2(y, made), mse(y, made), gradient)
