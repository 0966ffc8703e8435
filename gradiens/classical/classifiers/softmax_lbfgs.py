"""Softmax regression where the Hessian is too large to form: L-BFGS in coordinates that make it nearly round.

    u = L'θ,   LL' = X̃'X̃ / (4 K N) + λ + a trace of damping,   min over u of C(L'⁻¹ u)

The Hessian of the cross-entropy is a sum of x̃ᵢx̃ᵢ' times matrices of size 1/K at most, so that in u its eigenvalues are no
longer spread as those of X'X are: on MNIST a third of the iterations is left. L costs one product X'X.

Large single-precision data are evaluated by a compiled program that keeps X and its transpose: ∇C = X' (p - y) is then a
product that runs along rows. The products are in single precision, softmax and cost in double.

Book: 3.3.  Source: Liu & Nocedal (1989).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.classical.one_thread import one_thread

Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]  # θ (D+1, C) -> C and its gradient

MEMORY = 10  # pairs of steps and changes of the gradient that are kept
WIDEST = 3000  # columns up to which L is formed
ROWS = 20_000  # rows that X'X is estimated from


def lbfgs(
    objective: Objective,
    x: Float[np.ndarray, "N D"],
    shape: tuple[int, int],
    l2: float,
    iterations: int,
    tolerance: float,
) -> tuple[Float[np.ndarray, "D1 C"], int, bool]:
    """θ, the iterations, and whether no entry of the gradient exceeds `tolerance` or rounding is all that is left."""
    from scipy.optimize import minimize

    there, back = _coordinates(x, shape[1], l2)
    largest = [np.inf]

    def value(u: np.ndarray) -> tuple[float, np.ndarray]:
        cost, g = objective(there(u.reshape(shape)))
        largest[0] = np.abs(g).max()
        return cost, back(g).ravel()

    def watch(intermediate_result: Any) -> None:
        if largest[0] <= tolerance:
            raise StopIteration

    options = {"maxiter": iterations, "maxfun": 2 * iterations, "gtol": 0.0, "ftol": 1e-15, "maxcor": MEMORY}
    start = np.zeros(shape[0] * shape[1])
    with one_thread():  # many short products: parallel regions cost more than they gain
        found = minimize(value, start, jac=True, method="L-BFGS-B", options=options, callback=watch)
    return there(found.x.reshape(shape)), int(found.nit), bool(largest[0] <= tolerance or found.success)


def _coordinates(x: np.ndarray, columns: int, l2: float) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """θ = L'⁻¹u, and the gradient in u, L⁻¹∇."""
    from scipy.linalg import cholesky, solve_triangular

    if x.shape[1] > WIDEST:
        return (lambda u: u), (lambda g: g)
    rows = x[:: -(-len(x) // ROWS)]
    M = np.ones((x.shape[1] + 1,) * 2)
    M[0, 1:] = M[1:, 0] = rows.mean(0, dtype=np.float64)
    M[1:, 1:] = rows.T @ rows / len(rows)
    M /= 4 * (columns + (columns == 1))  # of two classes one column is left
    M.flat[:: len(M) + 1] += l2 + 1e-6 * np.trace(M) / len(M)
    L = cholesky(M, lower=True)
    there = lambda u: solve_triangular(L, u, lower=True, trans=1, check_finite=False)  # noqa: E731
    return there, lambda g: solve_triangular(L, g, lower=True, check_finite=False)


def compiled(x: Float[np.ndarray, "N D"], y: Int[np.ndarray, "N"], shape: tuple[int, int], l2: float) -> Objective:
    """The mean cross-entropy with penalty λ/2 ‖W‖² as one program; with one column, class 0 has score 0."""
    with jax.enable_x64(True):
        held = jnp.asarray(x), jnp.asarray(np.ascontiguousarray(x.T)), jnp.asarray(y)

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        with jax.enable_x64(True), jax.numpy_rank_promotion("allow"):
            cost, g = map(np.asarray, _cost_and_gradient(jnp.asarray(theta), *held))
        penalty, g = l2 / 2 * float(np.sum(theta[1:] ** 2)), np.array(g)
        g[1:] += l2 * theta[1:]
        return float(cost) + penalty, g

    return objective


@jax.jit
def _cost_and_gradient(theta: Array, X: Array, XT: Array, y: Array) -> tuple[Array, Array]:
    z = (X @ theta[1:].astype(X.dtype)).astype(theta.dtype) + theta[0]
    pinned = z.shape[1] == 1
    z = jnp.concatenate([jnp.zeros_like(z), z], axis=1) if pinned else z
    log_p = jax.nn.log_softmax(z)
    chosen = (jnp.arange(z.shape[1]) == y[:, None]).astype(z.dtype)
    r = ((jnp.exp(log_p) - chosen) / len(y))[:, int(pinned) :]
    g = jnp.concatenate([r.sum(0)[None], (XT @ r.astype(X.dtype)).astype(theta.dtype)])
    return -jnp.sum(chosen * log_p) / len(y), g
