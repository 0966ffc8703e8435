"""Normalisation of each unit over a batch, with its own derivative: fewer passes over the batch than by the chain rule.

    Y = γ x̂ + β,   x̂ = (X - m) / √(v + ε),   m, v the mean and the variance over the batch (and over the map)
    dβ = Σ dY,   dγ = Σ dY x̂,   dX = γ/√(v + ε) (dY - dβ/N - x̂ dγ/N),   N numbers a unit

The one place of this operation.

Book: 5.6.  Source: Ioffe & Szegedy (2015), section 3.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Vector = Float[Array, " n"]


@jax.custom_vjp
def batch_normal(
    X: Float[Array, "B n *window"], gamma: Vector, beta: Vector, eps: Any
) -> tuple[Float[Array, "B n *window"], Vector, Vector]:
    """`(Y, m, v)`; the derivative takes Y alone, m and v are numbers for running averages."""
    return _forward(X, gamma, beta, eps)[0]


def _forward(X: Array, γ: Array, β: Array, ε: Any) -> tuple[Any, Any]:
    over, each = _axes(X)
    first = jax.lax.stop_gradient(
        X[(0, slice(None), *[0] * (X.ndim - 2))]
    )  # near the mean: nothing cancels in the squares
    D = X - first[each]
    d = jnp.mean(D, axis=over)
    v = jnp.maximum(jnp.mean(D**2, axis=over) - d**2, 0)
    m = first + d
    r = 1 / jnp.sqrt(v + ε)
    return ((X - m[each]) * (γ * r)[each] + β[each], m, v), (X, γ, m, r)


def _backward(kept: Any, given: Any) -> tuple[Array, Array, Array, None]:
    X, γ, m, r = kept
    dY, _, _ = given
    over, each = _axes(X)
    N = X.size / γ.size
    dβ = jnp.sum(dY, axis=over)
    dγ = jnp.sum(dY * (X - m[each]), axis=over) * r
    dX = (γ * r)[each] * (dY - (dβ / N)[each] - (X - m[each]) * (r * dγ / N)[each])
    return dX, dγ, dβ, None


batch_normal.defvjp(_forward, _backward)


def _axes(X: Array) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """The axes of the mean, and the index that gives a vector of units the rank of an example."""
    return (0, *range(2, X.ndim)), (None, slice(None), *[None] * (X.ndim - 2))
