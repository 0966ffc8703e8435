"""Two variables with a joint law, a table whose rows are the values of X and columns those of Y.

    H(X, Y) = H(X) + H(Y | X)        I(X; Y) = H(X) - H(X | Y) = KL(joint ‖ product of marginals) ≥ 0

What is computed from Y alone tells no more on X than Y does (data processing).

Book: B.1.  Source: Cover & Thomas (2006), chapter 2.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.information.law import Numbers, law, table, x_log_ratio, x_log_x


def marginals(joint: Float[Numbers, "K L"]) -> tuple[Float[Array, " K"], Float[Array, " L"]]:
    """The laws of X and of Y."""
    joint = table(joint)
    return jnp.sum(joint, axis=1), jnp.sum(joint, axis=0)


def independent(p: Float[Numbers, " K"], q: Float[Numbers, " L"]) -> Float[Array, "K L"]:
    """The joint law of independent variables with the laws p and q: their product."""
    return law(p)[:, None] * law(q, "q")[None, :]


def through(p: Float[Numbers, " K"], channel: Float[Numbers, "K L"]) -> Float[Array, "K L"]:
    """The joint law of X with law p and of Y drawn from row X of the channel, a stochastic matrix.

    Raises `Mistake` when a row of the channel is no law, or shapes do not fit.
    """
    if np.shape(channel)[:1] != np.shape(p) or np.ndim(channel) != 2:
        raise Mistake("a channel with one row for each outcome", f"p {np.shape(p)}, channel {np.shape(channel)}")
    return law(p)[:, None] * _stochastic(channel)


def _stochastic(channel: Any) -> Array:
    for row in () if isinstance(channel, Tracer) else np.asarray(channel):
        law(row, "a row of the channel")
    return jnp.asarray(channel)


def conditional_entropy(joint: Float[Numbers, "K L"]) -> Float[Array, ""]:
    """The entropy of Y that is left when X is known, in the mean over X.

        H(Y | X) = -Σₖₗ pₖₗ log(pₖₗ / pₖ)

    Between 0 and H(Y); of X given Y by the transposed table.

    Book: B.1.  Source: Shannon (1948).
    """
    joint = table(joint)
    return -jnp.sum(x_log_ratio(joint, jnp.broadcast_to(jnp.sum(joint, axis=1, keepdims=True), joint.shape)))


def mutual_information(joint: Float[Numbers, "K L"]) -> Float[Array, ""]:
    """What X tells about Y, and Y about X: the divergence of the joint law from the product of its marginals.

        I = Σₖₗ pₖₗ log(pₖₗ / (pₖ pₗ))

    Book: B.1.  Source: Shannon (1948).
    """
    joint = table(joint)
    parts = jnp.broadcast_arrays(joint, jnp.sum(joint, axis=1, keepdims=True), jnp.sum(joint, axis=0, keepdims=True))
    log_pair, log_p, log_q = (jnp.log(jnp.where(joint > 0, part, 1)) for part in parts)
    return jnp.sum(joint * (log_pair - log_p - log_q))  # a product pₖ pₗ may be rounded to 0 where pₖₗ is not


def binary_symmetric_channel(flip: float | Float[Array, ""]) -> Float[Array, "2 2"]:
    """The channel that turns a bit over with probability `flip`. Its information from a fair bit is log 2 - H(flip)."""
    keep = 1 - jnp.asarray(flip)
    return jnp.stack([jnp.stack([keep, 1 - keep]), jnp.stack([1 - keep, keep])])


def multi_information(joint: Float[Numbers, "*K"]) -> Float[Array, ""]:
    """What several variables tell about each other: the divergence of a joint law of any rank from its marginals.

        T = Σᵢ H(Xᵢ) - H(X₁, …, Xₙ)

    Of two variables it is the mutual information. Raises `Mistake` for a law of one variable.

    Book: B.1.  Source: Watanabe (1960).
    """
    joint = law(joint, "the joint law")
    if joint.ndim < 2:
        raise Mistake("a joint law of two variables or more", f"shape {joint.shape}")
    axes = range(joint.ndim)
    alone = [jnp.sum(joint, axis=tuple(other for other in axes if other != axis)) for axis in axes]
    return jnp.sum(x_log_x(joint)) - sum(jnp.sum(x_log_x(p)) for p in alone)


def conditional_mutual_information(triple: Float[Numbers, "K L M"]) -> Float[Array, ""]:
    """What X and Y tell about each other when Z is known, in the mean over Z; Z is the last axis.

        I(X; Y | Z) = H(X, Z) + H(Y, Z) - H(X, Y, Z) - H(Z)

    At least 0; by the chain rule I(X; Y, Z) = I(X; Z) + I(X; Y | Z). Raises `Mistake` unless the law has rank 3.

    Book: B.1.  Source: Cover & Thomas (2006), chapter 2.
    """
    triple = law(triple, "the joint law")
    if triple.ndim != 3:
        raise Mistake("a joint law of three variables", f"shape {triple.shape}")
    H = lambda p: -jnp.sum(x_log_x(p))  # noqa: E731
    alone = H(jnp.sum(triple, axis=(0, 1)))
    return H(jnp.sum(triple, axis=1)) + H(jnp.sum(triple, axis=0)) - H(triple) - alone
