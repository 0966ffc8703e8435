"""Losses for one example: `loss(y_hat, y) -> scalar`. The mean over a batch is `jnp.mean(jax.vmap(loss)(Y_hat, Y))`.

The cross-entropies take what the model returns before the sigmoid or the softmax (logits z), so that nothing overflows
or is lost at |z| = 1e4. Losses of several outputs are sums over the outputs.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, Bool, Float, Int

from gradiens.core.check import Mistake
from gradiens.functions.activations import softplus

KIND = "loss"

Loss = Callable[[Any, Any], Array]


def squared(y_hat: Float[Array, "*n"], y: Float[Array, "*n"]) -> Float[Array, ""]:
    """The squared distance of prediction and target, summed over the outputs.

        C = ‖ŷ - y‖²

    Book: 2.4, 3.2.
    """
    return _total((y_hat - _like(y, y_hat)) ** 2)


def absolute(y_hat: Float[Array, "*n"], y: Float[Array, "*n"]) -> Float[Array, ""]:
    """The absolute error of the prediction, summed over the outputs; least at a median.

        C = Σᵢ |ŷᵢ - yᵢ|

    Book: 2.4.
    """
    return _total(jnp.abs(y_hat - _like(y, y_hat)))


def quantile(y_hat: Float[Array, "*n"], y: Float[Array, "*n"], tau: float = 0.5) -> Float[Array, ""]:
    """The absolute error, weighted τ where the prediction is too low and 1 - τ where it is too high; least at a τ-quantile.

        e = y - ŷ
        C = Σᵢ max(τ eᵢ, (τ - 1) eᵢ)

    Book: 2.4.  Source: Koenker & Bassett (1978).
    """
    e = _like(y, y_hat) - y_hat
    return _total(jnp.maximum(tau * e, (tau - 1) * e))


def huber(y_hat: Float[Array, "*n"], y: Float[Array, "*n"], delta: float = 1.0) -> Float[Array, ""]:
    """Half the square of a small error, the size of a large one; summed over the outputs.

        e = ŷ - y
        C = Σᵢ {eᵢ²/2 if |eᵢ| ≤ δ; δ (|eᵢ| - δ/2) otherwise}

    Book: 2.4.  Source: Huber (1964).
    """
    e = y_hat - _like(y, y_hat)
    inner = jnp.clip(e, -delta, delta)  # inner (e - inner/2) is both branches at once
    return _total(inner * (e - inner / 2))


def binary_cross_entropy(z: Float[Array, "*n"], y: Float[Array, "*n"]) -> Float[Array, ""]:
    """-log of the probability of y in [0, 1], from the logit z; two ways to write it.

        C = log(1 + eᶻ) - y z
        C = -y log σ(z) - (1 - y) log(1 - σ(z))

    Book: 3.2.
    """
    return _total(softplus(z) - _like(y, z) * z)


def categorical_cross_entropy(z: Float[Array, " K"], y: Int[Array, ""]) -> Float[Array, ""]:
    """-log of the probability of the class y in 0 … K-1, from the logits z; two ways to write it.

        C = log Σₖ e^(zₖ) - z_y
        C = -log softmax(z)_y

    A class that is masked, zₖ = -∞, takes no part. Raises `Mistake` for a y outside 0 … K-1, unless the program is compiled
    or mapped: there it counts as no class, and nobody is told.

    Book: 3.3.
    """
    u = z - jax.lax.stop_gradient(jnp.max(z))
    return jnp.log(jnp.sum(jnp.exp(u))) - jnp.sum(jnp.where(chosen(y, z), u, 0))


def chosen(y: Any, z: Float[Array, " K"]) -> Bool[Array, " K"]:
    """Which of the classes is y. To choose z_y with it has a product as its derivative, to index would have a scatter."""
    if not isinstance(y, Tracer) and not 0 <= y < z.shape[-1]:
        raise Mistake(f"a class code 0 … {z.shape[-1] - 1}, one for each logit", y)
    return jnp.arange(z.shape[-1], dtype=jnp.int32) == jnp.asarray(y, jnp.int32)


def task(loss: Loss) -> str:
    """The task that `loss` is for, told by its signature: "number" from ŷ, "classes" from logits and a class, else "binary"."""
    first, second, *_ = inspect.signature(loss).parameters.values()
    if first.name == "y_hat":
        return "number"
    return "classes" if str(second.annotation).startswith("Int") else "binary"


def example(loss: Loss, key: Array) -> tuple[Array, Array]:
    """A prediction and a target that `loss` takes, for tests and for the printing of its equation."""
    z, other = jax.random.normal(key, (2, 3))
    kind = task(loss)
    if kind == "classes":
        return z, jnp.int32(1)
    if kind == "binary":
        return z[0], (other[0] > 0).astype(z.dtype)
    return z, other


def _like(y: Any, z: Array) -> Array:
    """A target in the dtype of the prediction: tables hold whole numbers and double precision."""
    return jnp.asarray(y, z.dtype)


def _total(terms: Array) -> Array:
    return jnp.sum(terms) if jnp.ndim(terms) else terms
