"""Normalisation of each unit over a batch, with its own derivative: fewer passes over the batch than by the chain rule.

    Y = γ x̂ + β,   x̂ = (X - m) / √(v + ε),   m, v the mean and the variance over the batch (and over the map)
    dβ = Σ dY,   dγ = Σ dY x̂,   dX = γ/√(v + ε) (dY - dβ/N - x̂ dγ/N),   N numbers a unit

The one place of this operation. The second line is the transpose of the change of Y along a change of X, γ, β, which is what
stands below: derivatives forwards, backwards and of any order follow.

Book: 5.6.  Source: Ioffe & Szegedy (2015), section 3.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Vector = Float[Array, " n"]


@jax.custom_jvp
def batch_normal(
    X: Float[Array, "B n *window"], gamma: Vector, beta: Vector, eps: Any
) -> tuple[Float[Array, "B n *window"], Vector, Vector]:
    """`(Y, m, v)`; m and v are for running averages."""
    over, each = _axes(X)
    near = _near(X)
    D = X - near[each]
    d = jnp.mean(D, axis=over)
    v = jnp.maximum(jnp.mean(D**2, axis=over) - d**2, 0)
    m = near + d
    r = 1 / jnp.sqrt(v + eps)
    return (X - m[each]) * (gamma * r)[each] + beta[each], m, v


@batch_normal.defjvp
def _change(at: tuple[Any, ...], change: tuple[Any, ...]) -> tuple[Any, Any]:
    """Two sums over the batch, and only small vectors between them and Y: so the transpose has two sums too."""
    (X, γ, _, ε), (dX, dγ, dβ, dε) = at, change
    Y, m, v = batch_normal(*at)
    over, each = _axes(X)
    D, r = X - m[each], 1 / jnp.sqrt(v + ε)
    dm, dv = jnp.mean(dX, axis=over), 2 * jnp.mean(D * dX, axis=over)
    slope = dγ * r - γ * r**3 * (dv + dε) / 2
    dY = (γ * r)[each] * dX + (dβ - γ * r * dm)[each] + slope[each] * D
    return (Y, m, v), (dY, dm, dv)


def _near(X: Array) -> Vector:
    """A number near the mean of each unit, so that nothing cancels in the squares: the middle one of three entries, which is
    no outlier unless two of them are."""
    places = ([n * k // 6 for n in X.shape] for k in (1, 3, 5))
    a, b, c = (jax.lax.stop_gradient(X[(i, slice(None), *window)]) for i, _, *window in places)
    return jnp.maximum(jnp.minimum(a, b), jnp.minimum(jnp.maximum(a, b), c))


def _axes(X: Array) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """The axes of the mean, and the index that gives a vector of units the rank of an example."""
    return (0, *range(2, X.ndim)), (None, slice(None), *[None] * (X.ndim - 2))
