"""The Gaussian nearest to a law on the line, by either direction of the Kullback-Leibler divergence.

    forward    min KL(p ‖ N(μ, σ²)):    μ = E_p X,  σ² = Var_p X            covers all of p
    reverse    min KL(N(μ, σ²) ‖ p) = -log(σ √(2πe)) - E log p(μ + σ Z)     keeps to one bump of p

The forward one is maximum likelihood with infinitely many data. The reverse one has local minima: the best of the starts
counts. Both are minimised numerically over (μ, log σ), with gradients by JAX; expectations by quadrature.

Book: B.2.  Source: Cover & Thomas (2006) for the divergence.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Failure, Mistake, known
from gradiens.functions.information.density import Nodes

POINTS = 60  # Gauss-Hermite nodes of the reverse divergence
LogDensity = Callable[[Float[Array, " N"]], Float[Array, " N"]]


@dataclasses.dataclass(frozen=True)
class Projection:
    """The nearest Gaussian and its divergence; `starts` holds mean, s.d. and divergence reached from each start."""

    mean: float
    sd: float
    divergence: float
    starts: Float[np.ndarray, "S 3"]


def project_gaussian(
    log_density: LogDensity, direction: str, starts: Sequence[tuple[float, float]], nodes: Nodes
) -> Projection:
    """The Gaussian nearest to exp(log_density), by `direction` "forward" or "reverse", from (mean, s.d.) `starts`.

    `nodes` must cover the law. Raises `Mistake` for an unknown direction, no start, or an s.d. that is not positive;
    `Failure` where no start leads to a finite divergence.

    Book: B.2.
    """
    known("direction", direction, ("forward", "reverse"))
    if not starts or min(sd for _, sd in starts) <= 0:
        raise Mistake("one start or more with a positive s.d.", list(starts))
    with jax.enable_x64(True):
        objective = _forward(log_density, nodes) if direction == "forward" else _reverse(log_density)
        found = np.array([_minimised(objective, mean, sd) for mean, sd in starts])
    if not np.isfinite(found[:, 2]).any():
        raise Failure("the divergence is infinite from every start", "start where the law has mass")
    mean, sd, divergence = found[np.nanargmin(found[:, 2])].tolist()
    return Projection(mean, sd, divergence, found)


def _forward(log_density: LogDensity, nodes: Nodes) -> Callable[[Array], Array]:
    """KL(p ‖ N(μ, σ²)) on the nodes, for θ = (μ, log σ)."""
    x, log_p = jnp.asarray(nodes.x), log_density(jnp.asarray(nodes.x))
    p = jnp.exp(log_p) * jnp.asarray(nodes.w)

    def objective(theta: Float[Array, "2"]) -> Float[Array, ""]:
        log_q = -(((x - theta[0]) * jnp.exp(-theta[1])) ** 2) / 2 - theta[1] - np.log(2 * np.pi) / 2
        return jnp.sum(p * (jnp.where(p > 0, log_p, 0) - log_q))

    return objective


def _reverse(log_density: LogDensity) -> Callable[[Array], Array]:
    """KL(N(μ, σ²) ‖ p) by Gauss-Hermite quadrature, for θ = (μ, log σ)."""
    at, weight = np.polynomial.hermite_e.hermegauss(POINTS)
    z, w = jnp.asarray(at), jnp.asarray(weight / weight.sum())

    def objective(theta: Float[Array, "2"]) -> Float[Array, ""]:
        return -theta[1] - np.log(2 * np.pi * np.e) / 2 - w @ log_density(theta[0] + jnp.exp(theta[1]) * z)

    return objective


def _minimised(objective: Callable[[Array], Array], mean: float, sd: float) -> tuple[float, float, float]:
    from scipy.optimize import minimize

    compiled = jax.jit(jax.value_and_grad(objective))
    both = lambda theta: tuple(map(np.asarray, compiled(jnp.asarray(theta))))  # noqa: E731
    start = np.array([mean, np.log(sd)])
    if not np.isfinite(both(start)[0]):
        return mean, sd, np.inf
    found = minimize(both, start, jac=True, method="BFGS", options={"gtol": 1e-10})
    return float(found.x[0]), float(np.exp(found.x[1])), float(found.fun)
