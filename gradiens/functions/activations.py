"""Activations S(z): a nonlinearity of each coordinate, or of a whole vector (softmax).

Each keeps the shape and dtype of z, and its value and derivative are finite for |z| as large as 1e4. `relu` and
`softplus` state their derivative, because the one of `max` is ½ at the kink and the second one of |z| is lost at 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import known

KIND = "activation"

_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

Activation = Callable[[Array], Array]


def named(name: str | Activation) -> Activation:
    """The activation of that name, or the function itself; a `Mistake` with the nearest name when there is none."""
    if not isinstance(name, str):
        return name
    here = {k: f for k, f in globals().items() if "Book:" in (getattr(f, "__doc__", None) or "")}
    return here[known("activation", name, here)]


def identity(z: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """The identity.

        S(z) = z

    Book: 5.1.
    """
    return z


def step(z: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """The threshold unit, and the derivative of relu; its own derivative is 0 everywhere, so that no gradient passes it.

        S(z) = {1 if z > 0; 0 otherwise}

    Book: 5.3.  Source: Rosenblatt (1958).
    """
    return jnp.maximum(jnp.sign(z), 0)  # not a comparison: NaN stays NaN


def sign(z: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """-1, 0 or 1; its derivative is 0 everywhere.

        S(z) = {1 if z > 0; -1 if z < 0; 0 otherwise}

    Book: 5.3.
    """
    return jnp.sign(z)


@jax.custom_jvp
def relu(z: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """The positive part; the derivative at 0 is taken as 0.

        S(z) = max(0, z)

    Book: 5.3.
    """
    return jnp.maximum(z, 0)


@relu.defjvp
def _relu_jvp(at: tuple[Array], dz: tuple[Array]) -> tuple[Array, Array]:
    (z,), (dz_,) = at, dz
    return relu(z), jnp.where(z > 0, dz_, 0)


def leaky_relu(z: Float[Array, "*n"], alpha: float = 0.01) -> Float[Array, "*n"]:
    """The identity above 0, a smaller slope α below.

        S(z) = {z if z > 0; α z otherwise}

    Book: 5.3.
    """
    return jnp.where(z > 0, z, alpha * z)


def elu(z: Float[Array, "*n"], alpha: float = 1.0) -> Float[Array, "*n"]:
    """The identity above 0, an exponential that ends at -α below.

        S(z) = {z if z > 0; α (eᶻ - 1) otherwise}

    Book: 5.3.  Source: Clevert et al. (2016).
    """
    below = jnp.where(z > 0, 0, z)  # so that the branch not taken cannot overflow
    return jnp.where(z > 0, z, alpha * jnp.expm1(below))


def selu(z: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """The elu whose scale λ and α make N(0, 1) a fixed point: E S(z) = 0 and E S(z)² = 1 for z ~ N(0, 1).

        λ = 1.0507009873554805
        α = 1.6732632423543772
        S(z) = λ {z if z > 0; α (eᶻ - 1) otherwise}

    Book: 5.3.  Source: Klambauer et al. (2017), equation 14.
    """
    return _SELU_SCALE * elu(z, _SELU_ALPHA)


@jax.custom_jvp
def softplus(z: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """A smooth relu; S' = σ.

        S(z) = log(1 + eᶻ)

    Book: 5.3.
    """
    return jnp.maximum(z, 0) + jnp.log1p(jnp.exp(-jnp.abs(z)))


@softplus.defjvp
def _softplus_jvp(at: tuple[Array], dz: tuple[Array]) -> tuple[Array, Array]:
    (z,), (dz_,) = at, dz
    return softplus(z), sigmoid(z) * dz_


def sigmoid(z: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """The logistic function σ, from 0 to 1.

        S(z) = 1 / (1 + e⁻ᶻ)

    Book: 3.2, 5.3.
    """
    return jax.lax.logistic(z)


def tanh(z: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """The hyperbolic tangent, from -1 to 1; two ways to write it.

        S(z) = (eᶻ - e⁻ᶻ) / (eᶻ + e⁻ᶻ)
        S(z) = 2 σ(2z) - 1

    Book: 5.3.
    """
    return jnp.tanh(z)


def gelu(z: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """z times the normal distribution function of z.

        S(z) = z (1 + erf(z/√2)) / 2

    Book: 5.3.  Source: Hendrycks & Gimpel (2016), the exact form.
    """
    return z * (1 + jax.lax.erf(z / math.sqrt(2))) / 2


def silu(z: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """Also called swish.

        S(z) = z σ(z)

    Book: 5.3.
    """
    return z * sigmoid(z)


def softmax(z: Float[Array, "*n K"]) -> Float[Array, "*n K"]:
    """Over the last axis: positive, with sum 1.

        Sₖ = e^(zₖ) / Σⱼ e^(zⱼ)

    Book: 3.3.
    """
    e = jnp.exp(_shifted(z))
    return e / jnp.sum(e, axis=-1, keepdims=True)


def log_softmax(z: Float[Array, "*n K"]) -> Float[Array, "*n K"]:
    """The logarithm of softmax, over the last axis.

        Sₖ = zₖ - log Σⱼ e^(zⱼ)

    Book: 3.3.
    """
    u = _shifted(z)
    return u - jnp.log(jnp.sum(jnp.exp(u), axis=-1, keepdims=True))


def _shifted(z: Array) -> Array:
    """z - max z: neither softmax nor its derivative changes, and no exponential overflows."""
    return z - jax.lax.stop_gradient(jnp.max(z, axis=-1, keepdims=True))
