"""Gaussian mixtures by expectation-maximisation.

    p(x) = Σ_k w_k N(x; m_k, S_k)

    E   r_ik = w_k N(x_i; m_k, S_k) / Σ_j w_j N(x_i; m_j, S_j)         whose point is it
    M   n_k = Σ_i r_ik,   w_k' = n_k / N,   m_k' = 1/n_k Σ_i r_ik x_i
        S_k' = 1/n_k Σ_i r_ik (x_i - m_k')(x_i - m_k')' + ε I          full; its diagonal, or the mean of that times I

With ε = 0 the log-likelihood never falls. It has no maximum, though: a component that shrinks onto one point makes it
infinite, and the floor ε of the variances prevents that.

Book: 2.2.  Source: Dempster, Laird & Rubin (1977).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.linalg import solve_triangular
from jax.scipy.special import logsumexp
from jaxtyping import Array, Float

from gradiens.core.module import Module, knob

SHAPES = ("full", "diagonal", "spherical")


class State(NamedTuple):
    """Weights, means, covariances, and the mean log-likelihood before the last step."""

    w: Float[Array, "K"]
    m: Float[Array, "K D"]
    S: Float[Array, "K D D"]
    before: Float[Array, ""]


class Info(NamedTuple):
    """The mean log-likelihood of the parameters before the step, and by how much it differs from the one before."""

    log_likelihood: Float[Array, ""]
    change: Float[Array, ""]


class EM(Module):
    """Expectation-maximisation of a Gaussian mixture on the points x.

    Book: 2.2.  Source: Dempster, Laird & Rubin (1977).
    """

    x: Float[Array, "N D"]
    floor: float = knob(1e-6, 0.0, None, "log", "ε, added to the variances")
    shape: str = knob("full", says="of the covariances", choices=SHAPES)

    def init(self, r: Float[Array, "N K"]) -> State:
        """The M step for given responsibilities, such as those of k-means."""
        return self._maximised(r, jnp.asarray(-jnp.inf, r.dtype))

    def step(self, state: State, _: object) -> tuple[State, Info]:
        """E, then M."""
        joint = jnp.log(state.w)[None] + log_densities(self.x, state.m, state.S)
        each = logsumexp(joint, axis=1)
        r = jnp.exp(joint - each[:, None])
        now = jnp.mean(each)
        return self._maximised(r, now), Info(now, jnp.where(jnp.isinf(state.before), 1e30, now - state.before))

    def _maximised(self, r: Float[Array, "N K"], now: Float[Array, ""]) -> State:
        n = jnp.sum(r, axis=0)
        w = n / len(self.x)
        m = r.T @ self.x / n[:, None]
        S = jax.vmap(self._covariance, (1, 0, 0))(r, m, n)
        return State(w, m, S, now)

    def _covariance(self, r: Float[Array, "N"], m: Float[Array, "D"], n: Float[Array, ""]) -> Float[Array, "D D"]:
        at, eye = self.x - m[None], jnp.eye(len(m), dtype=m.dtype)
        if self.shape == "full":
            return (r[:, None] * at).T @ at / n + self.floor * eye
        v = r @ at**2 / n
        return jnp.diag((v if self.shape == "diagonal" else jnp.mean(v) * jnp.ones_like(v)) + self.floor)


def log_densities(x: Float[Array, "N D"], m: Float[Array, "K D"], S: Float[Array, "K D D"]) -> Float[Array, "N K"]:
    """log N(x_i; m_k, S_k)."""

    def one(m: Float[Array, "D"], S: Float[Array, "D D"]) -> Float[Array, "N"]:
        L = jnp.linalg.cholesky(S)
        u = solve_triangular(L, (x - m[None]).T, lower=True)
        log_det = 2 * jnp.sum(jnp.log(jnp.diag(L)))
        return -(len(m) * math.log(2 * math.pi) + log_det + jnp.sum(u**2, axis=0)) / 2

    return jax.vmap(one, out_axes=1)(m, S)
