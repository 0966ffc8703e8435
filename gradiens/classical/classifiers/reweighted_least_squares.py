"""ITERATIVELY REWEIGHTED LEAST SQUARES: a regression of 0/1 outcomes as a sequence of weighted linear ones.

    η = Xβ,   μ = g⁻¹(η),   ω = μ'(η)² / (μ (1 - μ)),   z = η + (y - μ) / μ'(η)
    β' = argmin Σ ωᵢ (zᵢ - xᵢ·β)²

g is the link: the logit, for which μ is the sigmoid and ω = μ(1 - μ), or the probit, for which μ is the normal
distribution function. This is Fisher's scoring; with the logit it is Newton's method on the cross-entropy, step for step,
as the normal equations X'ΩX (β' - β) = X'(y - μ) show.

Book: 3.1.  Source: Nelder & Wedderburn (1972); Green (1984).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import Module, knob

LINKS = ("logit", "probit")
Link = Literal["logit", "probit"]


class Info(NamedTuple):
    """At the β that a step started from: the deviance -2 log L, and the largest entry of the score X'(y - μ)μ'/(μ(1 - μ))."""

    deviance: Float[Array, ""]
    score: Float[Array, ""]


class ReweightedLeastSquares(Module):
    """The steps on given data: X (N, p) with its column of ones, y of zeros and ones; no step is halved.

    Book: 3.1.  Source: Nelder & Wedderburn (1972); Green (1984).
    """

    x: Float[Array, "N p"]
    y: Float[Array, "N"]
    link: str = knob("logit", choices=LINKS, says="link g between the mean and the linear predictor")

    def init(self, beta: Float[Array, "p"]) -> Float[Array, "p"]:
        """The state is β itself."""
        return jnp.asarray(beta)

    def step(self, beta: Float[Array, "p"], _: Any) -> tuple[Float[Array, "p"], Info]:
        """One weighted least-squares fit."""
        X, y = self.x, self.y
        η = X @ beta
        μ, slope, variance = mean(η, self.link)
        ω = slope**2 / variance
        z = η + (y - μ) / slope
        info = Info(-2 * jnp.sum(log_likelihood(η, y, self.link)), jnp.max(jnp.abs(X.T @ ((y - μ) * slope / variance))))
        return weighted(X, z, ω), info


def weighted(x: Float[Array, "N p"], z: Float[Array, "N"], omega: Float[Array, "N"]) -> Float[Array, "p"]:
    """argmin Σ ωᵢ (zᵢ - xᵢ·β)² by QR of √Ω X."""
    root = jnp.sqrt(omega)
    Q, R = jnp.linalg.qr(root[:, None] * x)
    return jax.scipy.linalg.solve_triangular(R, Q.T @ (root * z))


def mean(eta: Float[Array, "N"], link: str) -> tuple[Array, Array, Array]:
    """μ, its slope μ'(η), and the variance μ(1 - μ), each without cancellation for large |η|."""
    if link == "logit":
        μ, other = jax.nn.sigmoid(eta), jax.nn.sigmoid(-eta)
        return μ, μ * other, μ * other
    norm = jax.scipy.stats.norm
    μ, other = norm.cdf(eta), norm.cdf(-eta)
    return μ, norm.pdf(eta), μ * other


def log_likelihood(eta: Float[Array, "N"], y: Float[Array, "N"], link: str) -> Float[Array, "N"]:
    """y log μ + (1 - y) log(1 - μ) of each row, y being 0 or 1; finite for every η."""
    log_mean = jax.nn.log_sigmoid if link == "logit" else jax.scipy.stats.norm.logcdf
    return log_mean((2 * y - 1) * eta)
