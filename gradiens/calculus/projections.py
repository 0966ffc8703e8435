"""Projections: the nearest point of a line, a subspace, a ball; and the orthonormal basis that makes them easy.

    P x = Q Qᵀx for a basis Q of orthonormal columns,   x - P x ⊥ every column

Book: A.1.  Source: Golub & Van Loan (2013), section 5.2.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.calculus.norms import p_norm
from gradiens.core.check import Failure, Mistake


def project_line(x: Float[Array, " d"], v: Float[Array, " d"]) -> Float[Array, " d"]:
    """The point nearest to x on the line through 0 and v.

        P x = (v·x / v·v) v

    Book: A.1.
    """
    return (v @ x) / (v @ v) * v


def project_subspace(x: Float[Array, " d"], A: Float[Array, "d k"]) -> Float[Array, " d"]:
    """The point nearest to x in the span of the columns of A, which are linearly independent.

        P x = Q Qᵀx,   A = Q R

    Book: A.1.  Source: Golub & Van Loan (2013), section 5.3.
    """
    Q = orthonormal(A)
    return Q @ (Q.T @ x)


def project_ball(x: Float[Array, " d"], radius: float = 1.0) -> Float[Array, " d"]:
    """The point nearest to x with |y| ≤ radius.

        P x = x min(1, r / |x|)

    Book: A.1.
    """
    if not radius > 0:
        raise Mistake("a radius > 0", radius)
    length = p_norm(x)
    return x * jnp.minimum(1.0, radius / jnp.where(length > 0, length, 1.0))


def orthonormal(A: Float[Array, "d k"]) -> Float[Array, "d k"]:
    """Orthonormal columns with the same spans, column by column: modified Gram-Schmidt, done twice.

        qⱼ = r / |r|,   r = aⱼ - Σ_{i<j} (qᵢ·aⱼ) qᵢ

    The second pass brings QᵀQ to I within rounding, even for columns that are nearly dependent. Raises `Failure` where a
    column depends on those before it.

    Book: A.1.  Source: Golub & Van Loan (2013), section 5.2.
    """
    columns: list[Array] = []
    for j in range(A.shape[1]):
        r = A[:, j]
        for _ in range(2):
            for q in columns:
                r = r - (q @ r) * q
        length, before = p_norm(r), p_norm(A[:, j])
        if not float(length) > 10 * A.shape[0] * float(jnp.finfo(A.dtype).eps) * float(before):
            raise Failure(f"column {j} depends on the columns before it", "leave it out")
        columns.append(r / length)
    return jnp.stack(columns, axis=1)
