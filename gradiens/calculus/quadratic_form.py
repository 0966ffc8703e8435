"""Quadratic forms xᵀA x: their sign, and the ellipsoids that are their level sets.

    A = Σₖ λₖ vₖ vₖᵀ:   xᵀA x = Σₖ λₖ (vₖ·x)²

A definite form has one extremum, an indefinite one a saddle. The density of a Gaussian is constant where
(x - μ)ᵀΣ⁻¹(x - μ) = c²: an ellipsoid whose axes are the eigenvectors of Σ, of half-lengths c √λ.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake


class Axes(NamedTuple):
    """The half-lengths of an ellipsoid, largest first, and its axes as columns."""

    half_lengths: Float[Array, " d"]
    axes: Float[Array, "d d"]


def is_positive_definite(A: Float[Array, "d d"]) -> bool:
    """Whether xᵀA x > 0 for every x ≠ 0: exactly when the symmetric A has a Cholesky factor L with A = L Lᵀ.

    Raises `Mistake` where A is not symmetric to a thousand times the unit of rounding.

    Book: A.1.  Source: Golub & Van Loan (2013), section 4.2.
    """
    return bool(jnp.all(jnp.isfinite(jnp.linalg.cholesky(_symmetric(A), symmetrize_input=False))))


def definiteness(A: Float[Array, "d d"], tolerance: float = 1e-10) -> str:
    """What the form xᵀA x is: "positive definite", "negative semidefinite", "indefinite", "zero" …, by the eigenvalues.

    Eigenvalues within `tolerance` times the largest of zero count as zero.

    Book: A.1.
    """
    eigenvalues = jnp.linalg.eigvalsh(_symmetric(A))
    floor = tolerance * jnp.max(jnp.abs(eigenvalues))
    above, below = bool(jnp.any(eigenvalues > floor)), bool(jnp.any(eigenvalues < -floor))
    if above and below:
        return "indefinite"
    if not above and not below:
        return "zero"
    strict = bool(jnp.all(jnp.abs(eigenvalues) > floor))
    return f"{'positive' if above else 'negative'} {'definite' if strict else 'semidefinite'}"


def gaussian_ellipse(covariance: Float[Array, "d d"], c: float = 1.0) -> Axes:
    """The set (x - μ)ᵀΣ⁻¹(x - μ) = c², on which a Gaussian's density is exp(-c²/2) of its maximum.

        half-lengths c √λₖ along the eigenvectors vₖ of Σ

    Raises `Mistake` where Σ is not positive definite.

    Book: A.1.
    """
    if not is_positive_definite(covariance):
        raise Mistake("a positive definite covariance", f"one that is {definiteness(covariance)}")
    eigenvalues, vectors = jnp.linalg.eigh(covariance)
    return Axes(c * jnp.sqrt(eigenvalues[::-1]), vectors[:, ::-1])


def _symmetric(A: Float[Array, "d d"]) -> Float[Array, "d d"]:
    if A.ndim != 2 or A.shape[0] != A.shape[1]:
        raise Mistake("a square matrix", f"shape {A.shape}")
    if bool(jnp.max(jnp.abs(A - A.T)) > 1000 * jnp.finfo(A.dtype).eps * jnp.max(jnp.abs(A))):
        raise Mistake("a symmetric matrix", "one that is not", "(A + Aᵀ)/2 has the same form xᵀA x")
    return A
