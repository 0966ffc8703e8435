"""Gradient noise scale: the batch size at which the noise of a minibatch's gradient is as large as the gradient.

    B = tr Σ / |G|²,  G the mean and Σ the covariance of the gradients of single examples

A batch b much smaller than B takes steps mostly of noise, and doubling it halves the steps needed; much larger batches are
wasted. The expectation of |g|² for the mean g of b gradients is |G|² + tr Σ / b, so the squared lengths at two batch sizes
give both numbers without bias; take their means over many steps before the quotient, which has no unbiased form.

Book: 4.2.  Source: McCandlish, Kaplan, Amodei et al. (2018), appendix A.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.optim.clipping import norm


def signal_and_noise(
    small: Float[Array, "*n"], big: Float[Array, "*n"], b: int, B: int
) -> tuple[Float[Array, "*n"], Float[Array, "*n"]]:
    """Unbiased estimates of |G|² and tr Σ from |g|² at the batch sizes b < B. The first can come out negative."""
    if not 0 < b < B:
        raise Mistake("two batch sizes 0 < b < B", f"b = {b}, B = {B}")
    signal = (B * big - b * small) / (B - b)
    noise = (small - big) / (1 / b - 1 / B)
    return signal, noise


def noise_scale(gradients: Any) -> Float[Array, ""]:
    """tr Σ / |G|² from the gradients of n single examples: a tree with a leading axis n ≥ 2.

    The length of one gradient and that of the mean of all n stand for b = 1 and B = n.
    """
    leaves = jax.tree.leaves(gradients)
    n = leaves[0].shape[0] if leaves and leaves[0].ndim else 0
    if n < 2:
        raise Mistake("the gradients of at least two examples, along the first axis", n)
    small = jnp.mean(jax.vmap(norm)(gradients) ** 2)
    big = norm(jax.tree.map(lambda leaf: jnp.mean(leaf, axis=0), gradients)) ** 2
    signal, noise = signal_and_noise(small, big, 1, n)
    return noise / signal
