"""Quadratic forms xᵀA x: their sign, and the ellipsoids that are their level sets.

    A = Σₖ λₖ vₖ vₖᵀ:   xᵀA x = Σₖ λₖ (vₖ·x)²

A definite form has one extremum, an indefinite one a saddle. The density of a Gaussian is constant where
(x - μ)ᵀΣ⁻¹(x - μ) = c²: an ellipsoid whose axes are the eigenvectors of Σ, of half-lengths c √λ.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake

Matrix = Float[Array | np.ndarray, "d d"]


class Axes(NamedTuple):
    """The half-lengths of an ellipsoid, largest first, and its axes as columns."""

    half_lengths: Float[np.ndarray, " d"]
    axes: Float[np.ndarray, "d d"]


def is_positive_definite(A: Matrix) -> bool:
    """Whether xᵀA x > 0 for every x ≠ 0: exactly when the symmetric A has a Cholesky factor L with A = L Lᵀ.

    Raises `Mistake` where A is not symmetric to a thousand times the unit of rounding.

    Book: A.1.  Source: Golub & Van Loan (2013), section 4.2.
    """
    try:
        np.linalg.cholesky(_symmetric(A))
    except np.linalg.LinAlgError:
        return False
    return True


def definiteness(A: Matrix, tolerance: float = 1e-10) -> str:
    """What the form xᵀA x is: "positive definite", "negative semidefinite", "indefinite", "zero" …, by the eigenvalues.

    Eigenvalues within `tolerance` times the largest of zero count as zero.

    Book: A.1.
    """
    eigenvalues = np.linalg.eigvalsh(_symmetric(A))
    floor = tolerance * np.max(np.abs(eigenvalues))
    above, below = bool(np.any(eigenvalues > floor)), bool(np.any(eigenvalues < -floor))
    if above and below:
        return "indefinite"
    if not above and not below:
        return "zero"
    strict = bool(np.all(np.abs(eigenvalues) > floor))
    return f"{'positive' if above else 'negative'} {'definite' if strict else 'semidefinite'}"


def gaussian_ellipse(covariance: Matrix, c: float = 1.0) -> Axes:
    """The set (x - μ)ᵀΣ⁻¹(x - μ) = c², on which a Gaussian's density is exp(-c²/2) of its maximum.

        half-lengths c √λₖ along the eigenvectors vₖ of Σ

    Raises `Mistake` where Σ is not positive definite.

    Book: A.1.
    """
    if not is_positive_definite(covariance):
        raise Mistake("a positive definite covariance", f"one that is {definiteness(covariance)}")
    eigenvalues, vectors = np.linalg.eigh(np.asarray(covariance))
    return Axes(c * np.sqrt(eigenvalues[::-1]), vectors[:, ::-1])


def _symmetric(A: Matrix) -> Float[np.ndarray, "d d"]:
    A = np.asarray(A)
    A = A if np.issubdtype(A.dtype, np.floating) else A.astype(float)
    if A.ndim != 2 or A.shape[0] != A.shape[1]:
        raise Mistake("a square matrix", f"shape {A.shape}")
    if bool(np.max(np.abs(A - A.T)) > 1000 * np.finfo(A.dtype).eps * np.max(np.abs(A))):
        raise Mistake("a symmetric matrix", "one that is not", "(A + Aᵀ)/2 has the same form xᵀA x")
    return A
