"""A relu network that joins given points by straight lines: universal approximation in one variable, without training.

    ŷ = y_1 + Σ_i (s_i - s_{i-1}) relu(x - u_i),   s_0 = 0,   s_i = (y_{i+1} - y_i) / (u_{i+1} - u_i)

Unit i bends the graph at the knot u_i, and its output weight is the change of slope there. Between knots a distance h apart the
network is within M h²/8 of a function with |g''| ≤ M, so that half the distance is a quarter of the error.

Book: 5.2.  Source: Cybenko (1989) and Hornik (1991) for what holds in many variables.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.nn.dense import Dense
from gradiens.nn.mlp import MLP

KIND = "model"


def relu_interpolant(knots: Float[Any, " r"], values: Float[Any, "r *K"]) -> MLP:
    """The network through (u_i, y_i), i = 1, …, r, with r - 1 hidden units; K outputs for values (r, K).

    Constant to the left of the first knot, and straight on to the right of the last.
    Raises `Mistake` where the knots do not increase, or values are not one for each.

    Book: 5.2.
    """
    u, y = np.asarray(knots, np.float64), np.asarray(values, np.float64)
    if u.ndim != 1 or len(u) < 2 or not np.all(np.diff(u) > 0):
        raise Mistake("two or more knots that increase", f"shape {u.shape}", "sort them, and leave out equal ones")
    if y.shape[:1] != u.shape or y.ndim > 2 or not np.all(np.isfinite(y)):
        raise Mistake(f"a finite value for each of the {len(u)} knots", f"shape {y.shape}")
    y = y.reshape(len(u), -1)
    s = np.diff(y, axis=0) / np.diff(u)[:, None]
    bends = np.diff(s, axis=0, prepend=0)
    return MLP((dense(np.ones((len(u) - 1, 1)), -u[:-1]), dense(bends.T, y[0])), "relu")


def _example(key: Array) -> tuple[MLP, Array]:
    u = np.linspace(-2, 2, 6)
    return relu_interpolant(u, np.cos(u)), jax.random.normal(key, (1,))


relu_interpolant.example = _example  # pyright: ignore[reportFunctionMemberAccess]


def dense(W: np.ndarray, b: np.ndarray) -> Dense:
    """A layer with these numbers, in the default float dtype."""
    dtype = jax.dtypes.canonicalize_dtype(float)
    return Dense(*(jax.device_put(np.asarray(a, dtype)) for a in (W, b)))


def interpolation_units(curvature: float, width: float, error: float) -> int:
    """How many hidden units bring a function with |g''| ≤ `curvature` on an interval of that width within `error`:
    N ≥ width √(curvature / (8 error)), the least N with M h²/8 ≤ error for h = width/N.

    Raises `Mistake` for numbers that are not positive.
    """
    if not (curvature >= 0 and width > 0 and error > 0):
        raise Mistake("a curvature, a width and an error above 0", (curvature, width, error))
    return max(1, math.ceil(width * math.sqrt(curvature / (8 * error))))
