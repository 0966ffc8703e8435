"""What an autoencoder is trained on: the reconstruction, and what else is asked of it.

    reconstruction   C = mean (x̂ - x)²                       over the numbers of the rows
    denoising        the same, x̂ drawn from x + s ε with ε ~ N(0, 1), fresh at every call
    sparse           C + λ mean Σ|z_j|                       few units of the code speak at once
    sparse_kl        C + λ Σ_j KL(ρ ‖ mean z_j)              unit j speaks on a share ρ of the rows; codes in (0, 1)
    contractive      C + λ mean ‖∂z/∂x‖²_F                   the code hardly moves with x

Each is `cost(model, x, …) -> number` of a minibatch x (B, D), for any model with `encode` and `decode`.

Book: 3.5.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

KIND = ""  # costs of a model, no model: not in the catalogue

Rows = Float[Array, "B D"]
Number = Float[Array, ""]


def reconstruction(model: Any, x: Rows) -> Number:
    """The mean squared error of the numbers of x̂.

    Book: 3.5.
    """
    return jnp.mean((jax.vmap(model)(x) - x) ** 2)


def denoising(model: Any, x: Rows, key: Array, noise: float | Array = 0.3) -> Number:
    """The mean squared error of what is drawn from x + N(0, noise²), against the clean x.

    Book: 3.5.  Source: Vincent et al. (2008).
    """
    e = jax.random.normal(key, x.shape, x.dtype)
    return jnp.mean((jax.vmap(model)(x + noise * e) - x) ** 2)


def sparse(model: Any, x: Rows, penalty: float | Array = 1e-3) -> Number:
    """The reconstruction and λ times the mean length Σ|z_j| of the codes.

    Book: 3.5.
    """
    z = jax.vmap(model.encode)(x)
    return _drawn(model, x, z) + penalty * jnp.mean(jnp.sum(jnp.abs(z), axis=1))


def sparse_kl(model: Any, x: Rows, penalty: float | Array = 1e-3, rate: float = 0.05) -> Number:
    """The reconstruction and λ Σ_j ρ log(ρ/r_j) + (1-ρ) log((1-ρ)/(1-r_j)), r_j the mean of code unit j in (0, 1).

    Codes have to be between 0 and 1, as σ gives them (`Autoencoder.make(…, code="sigmoid")`): where a mean is not, the cost is
    not a number.

    Book: 3.5.
    """
    ρ = rate
    z = jax.vmap(model.encode)(x)
    r = jnp.mean(z, axis=0)
    kl = jnp.sum(ρ * jnp.log(ρ / r) + (1 - ρ) * jnp.log((1 - ρ) / (1 - r)))
    return _drawn(model, x, z) + penalty * kl


def contractive(model: Any, x: Rows, penalty: float | Array = 1e-3) -> Number:
    """The reconstruction and λ times the mean of the squared entries' sum of ∂z/∂x.

    Book: 3.5.  Source: Rifai et al. (2011).
    """
    J = jax.vmap(jax.jacobian(model.encode))(x)
    return reconstruction(model, x) + penalty * jnp.mean(jnp.sum(J**2, axis=(1, 2)))


def _drawn(model: Any, x: Rows, z: Float[Array, "B M"]) -> Number:
    return jnp.mean((jax.vmap(model.decode)(z) - x) ** 2)
