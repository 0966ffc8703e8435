"""Logistic regression under many weightings of the same rows at once: resamples, folds, leave-one-out.

    C(θ) = Σ ωᵢ (log(1 + e^(zᵢ)) - yᵢ zᵢ) / Σ ωᵢ + λ/2 ‖w‖²,   zᵢ = b + w·xᵢ,   θ = (b, w)
    H = Σ ωᵢ pᵢ(1 - pᵢ) x̃ᵢx̃ᵢ' / Σ ωᵢ + λ

Newton's method for each weighting ω, the step halved while C does not fall. The products x̃ᵢx̃ᵢ' are formed once, so that all
the Hessians of one round are a single matrix product, weightings × rows times rows × pairs of columns; a weighting that is
done waits for the others. A row that is resampled twice has weight 2, one that is left out weight 0.

Book: 3.1.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from gradiens.core.check import Mistake

STEPS = 100
STILL = (
    1e-4  # the most that Newton's step may add to a score at an optimum; where classes are separated it goes on adding
)
PRODUCTS = 4e7  # entries of the table of products up to which it is formed; above it the weightings take turns


@dataclasses.dataclass(frozen=True)
class WeightedFits:
    """Weights w and intercepts b by weighting, whether each is at its optimum, and the Newton steps of the slowest."""

    w: Float[np.ndarray, "B D"]
    b: Float[np.ndarray, "B"]
    converged: Bool[np.ndarray, "B"]
    iterations: int

    def scores(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "B N"]:
        """b + w·x of each row, by weighting."""
        return self.b[:, None] + self.w @ np.asarray(x, np.float64).T


def fit_weighted_logistic(
    x: Float[np.ndarray, "N D"],
    y: Int[np.ndarray, "N"],
    weights: Float[np.ndarray, "B N"],
    l2: float = 0.0,
    start: Float[np.ndarray, "D1"] | None = None,
    tolerance: float = 1e-9,
) -> WeightedFits:
    """One fit for each row of `weights`, from `start` (b, w) or from 0, until no entry of its gradient exceeds `tolerance`.

    Book: 3.1.

    Without a penalty a weighting in which the classes are separated does not converge, and says so. Raises `Mistake` for
    bad shapes, outcomes other than 0 and 1, numbers not finite, weights that are negative or all 0, or λ < 0.
    """
    x, y, weights = _checked(x, y, weights, l2)
    n, p = len(x), x.shape[1] + 1
    together = n * p * (p + 1) / 2 <= PRODUCTS
    with jax.enable_x64(True), jax.numpy_rank_promotion("allow"):
        X = jnp.asarray(np.hstack([np.ones((n, 1)), x]))
        share = jnp.asarray(weights / weights.sum(1, keepdims=True))
        theta = jnp.zeros(p) if start is None else jnp.asarray(start, float)
        found = _program(together)(X, jnp.asarray(y), share, float(l2), theta, float(tolerance))
        theta, converged, steps = map(np.asarray, found)
    return WeightedFits(theta[:, 1:], theta[:, 0], converged, int(steps.max(initial=0)))


class State(NamedTuple):
    """θ and z there, C, Newton's step and what it adds to z, the size of the next step, the steps so far, and whether
    there is an end: the optimum, or no step that falls."""

    theta: Array
    z: Array
    cost: Array
    step: Array
    dz: Array
    size: Array
    t: Array
    optimal: Array
    over: Array


@functools.cache
def _program(together: bool) -> Any:
    """The compiled fits: side by side over one table of products, or one after the other."""

    def fits(X: Array, y: Array, share: Array, l2: Any, start: Array, tolerance: Any) -> Any:
        hessian = _from_products(X) if together else lambda curvature: (X.T * curvature) @ X
        one = lambda share: _newton(X, y, share, l2, start, tolerance, hessian)  # noqa: E731
        return jax.vmap(one)(share) if together else jax.lax.map(one, share)

    return jax.jit(fits)


def _from_products(X: Array) -> Any:
    """Σ cᵢ x̃ᵢx̃ᵢ' as a product of c with the table of products of two columns, each pair once."""
    p = X.shape[1]
    i, j = np.tril_indices(p)
    place = np.zeros((p, p), np.int32)
    place[i, j] = place[j, i] = np.arange(len(i))
    table = X[:, i] * X[:, j]
    return lambda c: (c @ table)[place]


def _newton(X: Array, y: Array, share: Array, l2: Any, start: Array, tolerance: Any, hessian: Any) -> Any:
    """θ, whether its gradient is within the tolerance, and the steps taken, for one weighting."""
    ridge = l2 * jnp.ones(X.shape[1]).at[0].set(0.0)
    tiny = jnp.finfo(X.dtype).eps

    def at(theta: Array, z: Array, t: Any) -> State:
        p = jax.nn.sigmoid(z)
        cost = share @ (jax.nn.softplus(z) - y * z) + ridge @ theta**2 / 2
        g = (share * (p - y)) @ X + ridge * theta
        H = hessian(share * p * (1 - p)) + jnp.diag(ridge)
        H += 1e-14 * jnp.trace(H) * jnp.eye(len(ridge))
        step = -jax.scipy.linalg.cho_solve(jax.scipy.linalg.cho_factor(H), g)
        dz = X @ step
        optimal = (jnp.max(jnp.abs(g)) <= tolerance) & (jnp.max(jnp.abs(dz)) <= STILL)
        return State(theta, z, cost, step, dz, jnp.ones(()), t, optimal, optimal)

    def turn(now: State) -> State:
        new = at(now.theta + now.size * now.step, now.z + now.size * now.dz, now.t + 1)
        falls = new.cost <= now.cost + 4 * tiny * jnp.abs(now.cost)  # a NaN does not
        shorter = now._replace(size=now.size / 2, t=now.t + 1, over=now.size < 1e-10)
        return jax.tree.map(lambda a, b: jnp.where(falls, a, b), new, shorter)

    end = jax.lax.while_loop(lambda now: ~now.over & (now.t < STEPS), turn, at(start, X @ start, jnp.int32(0)))
    return end.theta, end.optimal, end.t


def _checked(x: Any, y: Any, weights: Any, l2: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, y, weights = (np.asarray(a, np.float64) for a in (x, y, weights))
    if x.ndim != 2 or y.shape != (len(x),) or weights.ndim != 2 or weights.shape[1] != len(x) or not weights.size:
        raise Mistake("x (N, D), y (N,) and weights (B, N)", f"x {x.shape}, y {y.shape} and weights {weights.shape}")
    if not (np.isfinite(x).all() and np.isfinite(weights).all()):
        raise Mistake("finite numbers in x and weights", "NaN or Inf")
    if not np.isin(y, (0.0, 1.0)).all():
        raise Mistake("outcomes 0 and 1", f"{np.unique(y)[:4]}")
    if (weights < 0).any() or not (weights.sum(1) > 0).all():
        raise Mistake(
            "weights of at least 0, not all 0", f"least {weights.min():g}, least sum {weights.sum(1).min():g}"
        )
    if l2 < 0:
        raise Mistake("a penalty l2 of at least 0", l2)
    return x, y, weights
