"""Laws on finitely many outcomes: what is checked of them, and p log p at 0.

Concrete numbers are checked; under `jit`, `vmap` and `grad` they are taken as they come.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float

from gradiens.core.check import Mistake

Numbers = Array | np.ndarray  # what a measure takes: of JAX or NumPy
TOLERANCE = 1e-3  # of the sum: quadrature, and a million outcomes in single precision, stay below


def law(p: Any, what: str = "p") -> Float[Array, "*K"]:
    """p as a JAX array; a `Mistake` when an entry is negative or not finite, or the sum is not 1."""
    if not isinstance(p, Tracer):
        found = np.asarray(p, np.float64)
        if not found.size or not np.isfinite(found).all() or found.min() < 0:
            got = f"least {found.min():g}" if found.size else "no entry"
            raise Mistake(f"probabilities of at least 0 in {what}", got, "normalise counts, take softmax of logits")
        if abs(found.sum() - 1) > TOLERANCE:
            raise Mistake(f"probabilities with sum 1 in {what}", f"{found.sum():g}", "divide by the sum")
    return jnp.asarray(p)


def two_laws(p: Any, q: Any) -> tuple[Float[Array, "*K"], Float[Array, "*K"]]:
    """Two laws on the same outcomes; a `Mistake` when their shapes differ."""
    if np.shape(p) != np.shape(q):
        raise Mistake("two laws on the same outcomes", f"shapes {np.shape(p)} and {np.shape(q)}")
    return law(p), law(q, "q")


def table(joint: Any) -> Float[Array, "K L"]:
    """A joint law of two variables; a `Mistake` when it is not a table."""
    if np.ndim(joint) != 2:
        raise Mistake("a joint law as a table of rank 2", f"shape {np.shape(joint)}")
    return law(joint, "the joint law")


def x_log_x(p: Float[Numbers, "*K"]) -> Float[Array, "*K"]:
    """p log p, 0 at 0. Its derivative there, which is infinite, counts as 0: gradients on the edge stay finite."""
    return jnp.where(p > 0, p * jnp.log(jnp.where(p > 0, p, 1)), 0)


def x_log_ratio(p: Float[Array, "*K"], q: Float[Array, "*K"]) -> Float[Array, "*K"]:
    """p log(p/q): 0 where p = 0, infinite where q = 0 < p."""
    inside = (p > 0) & (q > 0)
    ratio = jnp.log(jnp.where(inside, p, 1)) - jnp.log(jnp.where(inside, q, 1))
    return jnp.where(inside, p * ratio, jnp.where(p > 0, jnp.inf, 0))
