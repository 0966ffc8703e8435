"""SHAMPOO: each axis of an array has a matrix of its own, which turns and scales the gradient along that axis.

    s' = s + g²
    θ' = θ - α g / √s'

That is what a vector gets: Adagrad, with ε in the start of s. For a matrix, with G its gradient, the axes have
L' = L + G Gᵀ and R' = R + Gᵀ G, both of which start at ε I, and W' = W - α L'^(-¼) G R'^(-¼). For k axes the exponent is
-1/(2k), and the matrix of an axis is the sum of the products of G with itself over all the other axes. An axis longer than
`widest` keeps the diagonal of its matrix only. Rotating the rows or the columns of W by an orthogonal matrix rotates the
path, which no method that acts on coordinates has.

Book: 4.5.  Source: Gupta, Koren & Singer (2018), Algorithms 1 and 2; there a vector too has a full matrix.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.optimizer import Coordinatewise


class Axis(NamedTuple):
    """The sum of products of the gradients over all other axes: a matrix, or its diagonal."""

    s: Float[Array, "*n"]


State = tuple[Axis, ...]


class Shampoo(Coordinatewise):
    """Full-matrix Adagrad, split by axes: a step for an m × n matrix costs m³ + n³, not (m n)³.

    Book: 4.5.  Source: Gupta, Koren & Singer (2018).
    """

    OF_VECTORS: ClassVar[str] = "of a vector; a matrix has a factor on each side"
    lr: float = knob(0.1, 1e-8, 100.0, "log", "step size α")
    eps: float = knob(1e-4, 1e-38, 1.0, "log", "start ε of the sums: the least eigenvalue of an axis")
    widest: int = knob(512, 1, None, says="longest axis that has a full matrix")

    def init(self, theta: Float[Array, "*d"]) -> State:
        """ε I on each axis."""
        sizes = theta.shape or (1,)
        full = [len(sizes) > 1 and n <= self.widest for n in sizes]
        ones = [jnp.eye(n, dtype=theta.dtype) if f else jnp.ones(n, theta.dtype) for n, f in zip(sizes, full)]
        return tuple(Axis(self.eps * one) for one in ones)

    def step(self, state: State, g: Float[Array, "*d"], theta: Float[Array, "*d"]) -> tuple[State, Float[Array, "*d"]]:
        """Add to each axis' sum; multiply the gradient along each axis by the root of its inverse."""
        α, k = self.lr, max(g.ndim, 1)
        G = g.reshape(theta.shape or (1,))
        state = tuple(Axis(s + _products(G, axis, s.ndim)) for axis, (s,) in enumerate(state))
        for axis, (s,) in enumerate(state):
            G = _along(G, axis, _power(s, -1 / (2 * k), self.eps))
        return state, -α * G.reshape(theta.shape)


def _products(G: Float[Array, "*d"], axis: int, rank: int) -> Float[Array, "*n"]:
    """Σ G G over all other axes: the matrix of `axis` (rank 2), or its diagonal (rank 1)."""
    rows = jnp.moveaxis(G, axis, 0).reshape(G.shape[axis], -1)
    return rows @ rows.T if rank == 2 else jnp.sum(rows**2, axis=1)


def _power(s: Float[Array, "*n"], p: float, least: float | Array) -> Float[Array, "*n"]:
    """sᵖ of a symmetric matrix whose eigenvalues are at least `least` but for rounding; or of a diagonal."""
    if s.ndim == 1:
        return s**p
    values, vectors = jnp.linalg.eigh(s)
    return (vectors * jnp.maximum(values, least)[None] ** p) @ vectors.T


def _along(G: Float[Array, "*d"], axis: int, s: Float[Array, "*n"]) -> Float[Array, "*d"]:
    """G multiplied along `axis` by a matrix, or by a diagonal."""
    moved = jnp.moveaxis(G, axis, 0)
    rows = moved.reshape(moved.shape[0], -1)
    turned = s @ rows if s.ndim == 2 else s[:, None] * rows
    return jnp.moveaxis(turned.reshape(moved.shape), 0, axis)
