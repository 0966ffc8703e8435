"""Integrated gradients: a score shared out among the inputs, along the straight way from a baseline.

    IG = (x - x̄) ⊙ 1/m Σₖ ∂f_c/∂x (x̄ + tₖ (x - x̄)),   tₖ = (k - ½)/m,  k = 1 … m

The sum is the midpoint rule for ∫₀¹, so the shares add up to f_c(x) - f_c(x̄), with an error of order 1/m² where f is smooth
(*completeness*); at kinks, as of relu, of order 1/m.

Book: 6.7.  Source: Sundararajan, Taly & Yan (2017), equations 1 and 3.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.interpret.score import Scores, derivative, floating


def integrated_gradients(
    f: Scores,
    x: Float[Array, "*n"],
    c: int | Array | None = None,
    baseline: Float[Array, "*n"] | None = None,
    steps: int = 50,
) -> Float[Array, "*n"]:
    """Shares shaped like x; the baseline is zeros (black) unless given. All m derivatives are taken in one batch.

    Two ways that follow each other add up, so a long sum can be taken in pieces, each with its own baseline.
    Raises `Mistake` for no step, a baseline of another shape, and an input that is not of floating-point numbers.

    Book: 6.7.  Source: Sundararajan, Taly & Yan (2017).
    """
    floating(x)
    x0 = jnp.zeros_like(x) if baseline is None else baseline
    if steps < 1 or x0.shape != x.shape:
        raise Mistake(f"one step or more and a baseline of shape {x.shape}", f"{steps} steps and shape {x0.shape}")
    t = (jnp.arange(1, steps + 1, dtype=x.dtype) - 0.5) / steps
    way = x0[None] + t.reshape(-1, *[1] * x.ndim) * (x - x0)[None]
    g = jax.vmap(lambda x: derivative(f, c, x))(way)
    return (x - x0) * jnp.mean(g, axis=0)
