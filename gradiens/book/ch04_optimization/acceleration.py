"""Nesterov's method beside gradient descent on flat convex bowls, all in one compiled program."""

from __future__ import annotations

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch04_optimization.paths import paths_of
from gradiens.optim.accelerated import Accelerated
from gradiens.optim.fista import FISTA
from gradiens.optim.sgd import SGD

D, STEPS = 12, 400


class Ahead(NamedTuple):
    """Gaps after k = 1 … T steps in parts of the bound 2 L ‖θ₀ - θ*‖²/(k+1)², and the paths that are to agree."""

    accelerated: Float[Array, "N T"]
    plain: Float[Array, "N T"]  # gradient descent
    nesterov: Float[Array, "N T1 d"]
    fista: Float[Array, "N T1 d"]


def bowls(theta: Float[Array, "d"], B: Float[Array, "n d"], soft: Array) -> Float[Array, ""]:
    """½ ‖B θ‖², or Σ log cosh (B θ)ᵢ, which is linear far away; both convex, least at 0, and L = λ_max(BᵀB)."""
    u = jnp.abs(B @ theta)
    return jnp.where(soft, jnp.sum(u + jnp.log1p(jnp.exp(-2 * u)) - jnp.log(2.0)), jnp.sum(u**2) / 2)


@functools.partial(jax.jit, static_argnums=1)
def ahead(key: Array, cases: int) -> Ahead:
    """Nesterov's method, FISTA without a penalty and gradient descent with step 1/L, on `cases` bowls of each kind."""
    turns, starts = jax.random.split(key)
    Q = jnp.linalg.qr(jax.random.normal(turns, (2 * cases, D, D)))[0]
    B = jnp.logspace(-2, 0, D)[None, :, None] * Q.swapaxes(1, 2)  # L = 1, and BᵀB has eigenvalues down to 1e-4
    soft = np.arange(2 * cases) % 2 == 1
    θ0 = jax.random.normal(starts, (2 * cases, D)) * np.where(soft, 10.0, 1.0)[:, None]
    methods = (Accelerated(1.0), FISTA(1.0, 0.0), SGD(1.0))
    nesterov, fista, plain = (paths_of(bowls, method, θ0, STEPS, B, jnp.asarray(soft))[0] for method in methods)
    bound = 2 * jnp.sum(θ0**2, axis=1, keepdims=True) / (np.arange(1.0, STEPS + 1) + 1)[None] ** 2
    return Ahead(nesterov.value[:, 1:] / bound, plain.value[:, 1:] / bound, nesterov.theta, fista.theta)
