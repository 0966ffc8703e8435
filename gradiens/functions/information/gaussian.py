"""Gaussian laws: entropy, divergences and distances in closed form. p = N(μ₁, Σ₁), q = N(μ₂, Σ₂), d = μ₂ - μ₁.

    h  = log det(2πe Σ₁) / 2
    KL = (tr(Σ₂⁻¹Σ₁) + d'Σ₂⁻¹d - k + log(det Σ₂ / det Σ₁)) / 2

In one dimension KL = log(σ₂/σ₁) + (σ₁² + d²)/(2σ₂²) - 1/2. Everything comes from Cholesky factors Σ = L L'.

Book: B.1, B.2, B.3.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jax.scipy.linalg import solve_triangular
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module


class Gaussian(Module):
    """N(μ, Σ) in k dimensions. Raises `Mistake` unless Σ is symmetric and positive definite (concrete numbers)."""

    mean: Float[Array, " k"]
    covariance: Float[Array, "k k"]

    def __check_init__(self) -> None:
        k = jnp.shape(self.mean)
        if len(k) != 1 or jnp.shape(self.covariance) != k * 2:
            raise Mistake("a mean (k,) and a covariance (k, k)", f"{k} and {jnp.shape(self.covariance)}")
        if isinstance(self.covariance, Tracer):
            return
        c = np.asarray(self.covariance)
        if not np.allclose(c, c.T, rtol=1e-6, atol=1e-6 * np.abs(c).max()) or not np.all(np.linalg.eigvalsh(c) > 0):
            raise Mistake("a covariance that is symmetric and positive definite", np.round(c, 6).tolist())

    @classmethod
    def univariate(cls, mean: Any, sd: Any) -> Gaussian:
        """N(μ, σ²) on the line, by its standard deviation."""
        return cls(jnp.reshape(jnp.asarray(mean, float), 1), jnp.reshape(jnp.asarray(sd, float) ** 2, (1, 1)))

    @property
    def root(self) -> Float[Array, "k k"]:
        """The Cholesky factor L of Σ = L L'."""
        return jnp.linalg.cholesky(self.covariance)

    def log_density(self, x: Float[Array, " k"]) -> Float[Array, ""]:
        """log of the density at one point."""
        L = self.root
        z = solve_triangular(L, x - self.mean, lower=True)
        return -jnp.sum(z**2) / 2 - _half_log_det(L) - len(z) * math.log(2 * math.pi) / 2


def gaussian_entropy(p: Gaussian) -> Float[Array, ""]:
    """The differential entropy.

        h = log det(2πe Σ) / 2

    Book: B.1.  Source: Shannon (1948).
    """
    return _half_log_det(p.root) + len(p.mean) * math.log(2 * math.pi * math.e) / 2


def gaussian_mutual_information(p: Gaussian, first: int) -> Float[Array, ""]:
    """What the `first` coordinates tell about the others: log(det Σ₁₁ det Σ₂₂ / det Σ) / 2.

    Raises `Mistake` unless both parts have a coordinate.

    Book: B.1.
    """
    if not 0 < first < len(p.mean):
        raise Mistake(f"a first part of 1 to {len(p.mean) - 1} coordinates", first)
    parts = (p.covariance[:first, :first], p.covariance[first:, first:])
    return sum(_half_log_det(jnp.linalg.cholesky(part)) for part in parts) - _half_log_det(p.root)


def gaussian_kl(p: Gaussian, q: Gaussian) -> Float[Array, ""]:
    """KL(p ‖ q) = (tr(Σ₂⁻¹Σ₁) + d'Σ₂⁻¹d - k + log(det Σ₂ / det Σ₁)) / 2.

    Book: B.2.  Source: Kullback & Leibler (1951).
    """
    L1, L2 = _roots(p, q)
    A = solve_triangular(L2, L1, lower=True)
    z = solve_triangular(L2, q.mean - p.mean, lower=True)
    return (jnp.sum(A**2) + jnp.sum(z**2) - len(z)) / 2 + _half_log_det(L2) - _half_log_det(L1)


def gaussian_renyi(p: Gaussian, q: Gaussian, order: float = 0.5) -> Float[Array, ""]:
    """Rényi's divergence: α d'M⁻¹d / 2 - log(det M / (det Σ₁^(1-α) det Σ₂^α)) / (2(α-1)), M = (1-α) Σ₁ + α Σ₂.

    KL at α = 1; infinite where M is not positive definite, which can happen for α > 1. Raises `Mistake` for
    α < 0 or α = ∞.

    Book: B.3.  Source: Van Erven & Harremoës (2014).
    """
    if not 0 <= order < math.inf:
        raise Mistake("a finite order of at least 0", order)
    if order == 1:
        return gaussian_kl(p, q)
    L1, L2 = _roots(p, q)
    L = jnp.linalg.cholesky((1 - order) * p.covariance + order * q.covariance)
    z = solve_triangular(L, q.mean - p.mean, lower=True)
    volume = _half_log_det(L) - (1 - order) * _half_log_det(L1) - order * _half_log_det(L2)
    found = order * jnp.sum(z**2) / 2 - volume / (order - 1)
    return jnp.where(jnp.any(jnp.isnan(L)), jnp.inf, found)


def gaussian_hellinger(p: Gaussian, q: Gaussian) -> Float[Array, ""]:
    """The Hellinger distance, from Rényi's divergence R of order 1/2: H² = 1 - e^(-R/2).

    For one Σ it is H² = 1 - exp(-δ²/8), δ² = d'Σ⁻¹d.

    Book: B.3.
    """
    return _length(-jnp.expm1(-gaussian_renyi(p, q, 0.5) / 2))


def gaussian_total_variation(p: Gaussian, mean: Float[Array, " k"]) -> Float[Array, ""]:
    """Between p and p moved to `mean`: TV = 2 Φ(δ/2) - 1, δ² = d'Σ⁻¹d. There is no such form for two covariances.

    Raises `Mistake` when the mean has another dimension.

    Book: B.3.
    """
    if jnp.shape(mean) != jnp.shape(p.mean):
        raise Mistake(f"a mean of shape {jnp.shape(p.mean)}", jnp.shape(mean))
    z = solve_triangular(p.root, mean - p.mean, lower=True)
    return jax.lax.erf(_length(jnp.sum(z**2)) / (2 * math.sqrt(2)))


def gaussian_wasserstein(p: Gaussian, q: Gaussian) -> Float[Array, ""]:
    """The Wasserstein distance of order 2: W² = ‖d‖² + tr(Σ₁ + Σ₂ - 2 (Σ₁^½ Σ₂ Σ₁^½)^½).

    On the line W² = d² + (σ₁ - σ₂)².

    Book: B.3.  Source: Villani (2009).
    """
    L1, L2 = _roots(p, q)
    common = jnp.linalg.svd(L1.T @ L2, compute_uv=False)  # the roots of the eigenvalues of Σ₁Σ₂
    spread = jnp.trace(p.covariance) + jnp.trace(q.covariance) - 2 * jnp.sum(common)
    return _length(jnp.sum((q.mean - p.mean) ** 2) + jnp.maximum(spread, 0))


def _length(squared: Float[Array, ""]) -> Float[Array, ""]:
    """The root of a square; its derivative at 0, which is infinite, counts as 0."""
    return jnp.where(squared > 0, jnp.sqrt(jnp.where(squared > 0, squared, 1)), 0)


def _half_log_det(L: Float[Array, "k k"]) -> Float[Array, ""]:
    """log det(Σ) / 2 from the Cholesky factor."""
    return jnp.sum(jnp.log(jnp.diagonal(L)))


def _roots(p: Gaussian, q: Gaussian) -> tuple[Array, Array]:
    if jnp.shape(p.mean) != jnp.shape(q.mean):
        raise Mistake("Gaussians of one dimension", f"{jnp.shape(p.mean)} and {jnp.shape(q.mean)}")
    return p.root, q.root
