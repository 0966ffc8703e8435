"""Saliency: how far each number of the input moves one score, to first order.

    S = |∂f_c/∂x|
    Ŝ = |1/n Σᵢ ∂f_c/∂x (x + σ εᵢ)|,   εᵢ ~ N(0, 1)        (smooth: the derivative flickers from point to point)

Of a linear classifier it is |w_c| wherever x lies. It says what the score answers to near x, and not what made it large: that
is for `integrated_gradients`.

Book: 6.7.  Source: Simonyan, Vedaldi & Zisserman (2014), section 3; Smilkov et al. (2017), section 3.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.interpret.score import Scores, derivative, floating


def saliency(f: Scores, x: Float[Array, "*n"], c: int | Array | None = None) -> Float[Array, "*n"]:
    """|∂f_c/∂x|, shaped like x; f returns scores (K,), or one number and c is None.

    Raises `Mistake` for a class that f has no score of, and an input that is not of floating-point numbers.

    Book: 6.7.  Source: Simonyan, Vedaldi & Zisserman (2014), section 3.
    """
    return jnp.abs(derivative(f, c, x))


def smooth_saliency(
    f: Scores, x: Float[Array, "*n"], key: Array, c: int | Array | None = None, sigma: float = 0.1, draws: int = 25
) -> Float[Array, "*n"]:
    """|1/n Σ ∂f_c/∂x (x + σ εᵢ)|, the saliency of f blurred by a Gaussian; σ in the unit of x, 10 to 20 % of its range.

    Raises `Mistake` for a σ below 0 or no draw, and an input that is not of floating-point numbers.

    Book: 6.7.  Source: Smilkov et al. (2017), section 3.
    """
    if sigma < 0 or draws < 1:
        raise Mistake("σ of at least 0 and one draw or more", f"σ = {sigma:g} and {draws} draws")
    floating(x)
    ε = jax.random.normal(key, (draws, *x.shape), x.dtype)
    at = x[None] + sigma * ε
    return jnp.abs(jnp.mean(jax.vmap(lambda x: derivative(f, c, x))(at), axis=0))
