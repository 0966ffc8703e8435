"""Rules for derivatives with respect to vectors and matrices, each with the function that it is about.

    f(X + V) = f(X) + ⟨∇f(X), V⟩ + O(|V|²),   ⟨A, B⟩ = tr(AᵀB)

Each rule is a formula and a program for it; it is checked by automatic differentiation and by central differences. A
rule for a value that is not a number gives the derivative along a direction V.

Book: A.2.  Source: Petersen & Pedersen (2012), sections 2.1 to 2.5; Magnus & Neudecker (1988), chapters 8 and 9.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

SIZE = 4  # of the matrices that are drawn
_N, _V = (SIZE, SIZE), (SIZE,)
Draw = Callable[[np.random.Generator], tuple[np.ndarray, ...]]


class MatrixRule(NamedTuple):
    """One rule: how it is written, the function f(X, *constants), its derivative, and inputs to try it on.

    `derivative(X, *constants)` is the gradient, shaped like X; where `along` is true it is `derivative(X, V, *constants)`,
    the derivative of f along V, shaped like f(X). `draw(rng)` gives (X, *constants).

    Source: Petersen & Pedersen (2012).
    """

    says: str
    f: Callable[..., Any]
    derivative: Callable[..., Any]
    draw: Draw
    along: bool = False


def _drawn(*shapes: tuple[int, ...]) -> Draw:
    """Standard normal entries."""
    return lambda rng: tuple(rng.normal(size=shape) for shape in shapes)


def _regular(*shapes: tuple[int, ...]) -> Draw:
    """The first a well-conditioned matrix with a positive determinant: I + N/10."""
    return lambda rng: (np.eye(SIZE) + rng.normal(size=_N) / 10, *(rng.normal(size=shape) for shape in shapes))


def _symmetric(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """A symmetric matrix with the eigenvalues 1 … SIZE."""
    Q, _ = np.linalg.qr(rng.normal(size=_N))
    return (Q @ np.diag(np.arange(1.0, SIZE + 1)) @ Q.T,)


def _log_det(X: Float[Array, "n n"]) -> Float[Array, ""]:
    return jnp.linalg.slogdet(X)[1]


def _largest(X: Float[Array, "n n"]) -> Float[Array, ""]:
    return jnp.linalg.eigvalsh((X + X.T) / 2)[-1]


def _top(X: Float[Array, "n n"]) -> Float[Array, " n"]:
    return jnp.linalg.eigh(X)[1][:, -1]


inv, det = jnp.linalg.inv, jnp.linalg.det

RULES: dict[str, MatrixRule] = {
    "linear": MatrixRule("∇ aᵀx = a", lambda x, a: a @ x, lambda x, a: a, _drawn(_V, _V)),
    "quadratic": MatrixRule("∇ xᵀA x = (A + Aᵀ) x", lambda x, A: x @ A @ x, lambda x, A: (A + A.T) @ x, _drawn(_V, _N)),
    "least squares": MatrixRule(
        "∇ |A x - b|² = 2 Aᵀ(A x - b)",
        lambda x, A, b: jnp.sum((A @ x - b) ** 2),
        lambda x, A, b: 2 * A.T @ (A @ x - b),
        _drawn(_V, (6, SIZE), (6,)),
    ),
    "trace": MatrixRule("∂ tr(A X)/∂X = Aᵀ", lambda X, A: jnp.trace(A @ X), lambda X, A: A.T, _drawn(_N, _N)),
    "log determinant": MatrixRule("∂ log|det X|/∂X = X⁻ᵀ", _log_det, lambda X: inv(X).T, _regular()),
    "trace of inverse": MatrixRule(
        "∂ tr(X⁻¹A)/∂X = -(X⁻¹A X⁻¹)ᵀ",
        lambda X, A: jnp.trace(inv(X) @ A),
        lambda X, A: -(inv(X) @ A @ inv(X)).T,
        _regular(_N),
    ),
    "bilinear": MatrixRule(
        "∂ aᵀX b/∂X = a bᵀ", lambda X, a, b: a @ X @ b, lambda X, a, b: jnp.outer(a, b), _drawn(_N, _V, _V)
    ),
    "square": MatrixRule(
        "∂ tr(XᵀA X)/∂X = (A + Aᵀ) X", lambda X, A: jnp.trace(X.T @ A @ X), lambda X, A: (A + A.T) @ X, _drawn(_N, _N)
    ),
    "frobenius": MatrixRule("∂ ‖X‖²_F/∂X = 2 X", lambda X: jnp.sum(X**2), lambda X: 2 * X, _drawn(_N)),
    "determinant": MatrixRule("∂ det X/∂X = det(X) X⁻ᵀ", det, lambda X: det(X) * inv(X).T, _regular()),
    "solve": MatrixRule(
        "∂ aᵀX⁻¹b/∂X = -X⁻ᵀa bᵀX⁻ᵀ",
        lambda X, a, b: a @ jnp.linalg.solve(X, b),
        lambda X, a, b: -inv(X).T @ jnp.outer(a, b) @ inv(X).T,
        _regular(_V, _V),
    ),
    "eigenvalue": MatrixRule(
        "∂ λ/∂X = v vᵀ, X symmetric, X v = λ v, |v| = 1", _largest, lambda X: jnp.outer(_top(X), _top(X)), _symmetric
    ),
    "inverse": MatrixRule("d(X⁻¹) = -X⁻¹ dX X⁻¹", inv, lambda X, V: -inv(X) @ V @ inv(X), _regular(), along=True),
    "product": MatrixRule(
        "d(X A X) = dX A X + X A dX",
        lambda X, A: X @ A @ X,
        lambda X, V, A: V @ A @ X + X @ A @ V,
        _drawn(_N, _N),
        along=True,
    ),
}
