"""Grad-CAM: where in the maps of a layer the evidence for one class lies.

    G = ∂f_c/∂A               A the maps of the layer
    αₖ = mean(Gₖ)             the importance of map k
    M = relu(Σₖ αₖ Aₖ)

With global averaging and one dense layer above the maps, αₖ is the weight w_ck over the number of pixels, and M is the class
activation map of that network.

Book: 6.7.  Source: Selvaraju et al. (2017), equations 1 and 2.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.activations import relu
from gradiens.interpret.score import Scores, score_of


def grad_cam(
    features: Callable[[Array], Array], head: Scores, x: Float[Array, "*n"], c: int | Array | None = None
) -> Float[Array, "H W"]:
    """M for f = head ∘ features, of the size of the maps A = features(x), K × H × W.

    Raises `Mistake` where the features are no maps.

    Book: 6.7.  Source: Selvaraju et al. (2017).
    """
    A = features(x)
    return class_map(A, jax.grad(score_of(head, c))(A))


def class_map(A: Float[Array, "K H W"], G: Float[Array, "K H W"]) -> Float[Array, "H W"]:
    """relu(Σₖ αₖ Aₖ) from the maps and the derivatives of the score in them.

    Book: 6.7.  Source: Selvaraju et al. (2017).
    """
    if A.ndim != 3 or A.shape != G.shape:
        raise Mistake("maps (K, H, W) and derivatives of one shape", f"{A.shape} and {G.shape}")
    α = jnp.mean(G, axis=(1, 2))
    return relu(jnp.einsum("k,khw->hw", α, A))


def enlarged(M: Float[Array, "H W"], size: tuple[int, int]) -> Float[Array, "H2 W2"]:
    """The map at the size of the picture, by bilinear interpolation.

    Book: 6.7.  Source: Selvaraju et al. (2017).
    """
    return jax.image.resize(M, size, "linear")
