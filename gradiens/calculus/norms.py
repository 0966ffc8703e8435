"""Norms of vectors and matrices, and what is dual to them.

    ‖x‖ₚ = (Σᵢ |xᵢ|ᵖ)^(1/p),   ‖x‖_∞ = maxᵢ |xᵢ|,   |x·y| ≤ ‖x‖ₚ ‖y‖_q for 1/p + 1/q = 1   (Hölder)

The matrix norms here are norms of the singular values σ: the largest, the root of the sum of squares, the sum.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake


def p_norm(x: Float[Array, "*d"], p: float = 2.0) -> Float[Array, ""]:
    """The p-norm of all entries of x, for 1 ≤ p ≤ ∞, without overflow.

        ‖x‖ₚ = (Σᵢ |xᵢ|ᵖ)^(1/p),   ‖x‖_∞ = maxᵢ |xᵢ|

    Raises `Mistake` for p < 1, where the triangle inequality fails.

    Book: A.1.
    """
    if not p >= 1:
        raise Mistake("p of at least 1", p, "below 1 the triangle inequality does not hold")
    size = jnp.abs(jnp.asarray(x, float) if not jnp.issubdtype(jnp.asarray(x).dtype, jnp.inexact) else jnp.asarray(x))
    largest = jnp.max(size, initial=0.0)
    if math.isinf(p):
        return largest
    scale = jnp.where(largest > 0, largest, 1.0)
    return scale * jnp.sum((size / scale) ** p) ** (1 / p)


def dual_exponent(p: float) -> float:
    """The q with 1/p + 1/q = 1: the p-norm's dual norm is the q-norm, max of x·y over ‖y‖ₚ ≤ 1.

    Book: A.1.
    """
    if not p >= 1:
        raise Mistake("p of at least 1", p)
    return math.inf if p == 1 else 1.0 if math.isinf(p) else p / (p - 1)


def spectral_norm(A: Float[Array, "m n"]) -> Float[Array, ""]:
    """The largest factor by which A lengthens a vector: its largest singular value.

        ‖A‖₂ = max |A x| / |x| = σ₁

    Book: A.1.
    """
    return jnp.max(jnp.linalg.svd(_matrix(A), compute_uv=False))


def frobenius_norm(A: Float[Array, "m n"]) -> Float[Array, ""]:
    """The length of A as a vector of its entries.

        ‖A‖_F² = Σᵢⱼ aᵢⱼ² = Σₖ σₖ²

    Book: A.1.
    """
    return p_norm(_matrix(A), 2.0)


def nuclear_norm(A: Float[Array, "m n"]) -> Float[Array, ""]:
    """The sum of the singular values, dual to the spectral norm.

        ‖A‖_* = Σₖ σₖ = max of tr(AᵀB) over ‖B‖₂ ≤ 1

    Book: A.1.
    """
    return jnp.sum(jnp.linalg.svd(_matrix(A), compute_uv=False))


def _matrix(A: Float[Array, "m n"]) -> Float[Array, "m n"]:
    if A.ndim != 2:
        raise Mistake("a matrix", f"shape {A.shape}")
    return A
