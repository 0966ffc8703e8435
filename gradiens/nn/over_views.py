"""Test-time augmentation: one network asked about several views of a picture, and the mean of what it says.

    p = 1/V Σ_v softmax(f(T_v x)),   z = log p

The views are the picture and its mirror image, and with a shift both of them moved by so many pixels up, down, left and
right: V = 2 or 10. V times the work, nothing to train; for networks of probabilities of classes.

Book: 6.5.  Source: Krizhevsky, Sutskever & Hinton (2012), section 4.1.
"""

from __future__ import annotations

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.activations import log_softmax
from gradiens.nn.batched import Composite, Run
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.pool import Flatten
from gradiens.nn.dense import Dense

KIND = "model"


class OverViews(Composite):
    """The logarithms of the mean probabilities of `network` over views of its picture; they serve as logits.

    Book: 6.5.  Source: Krizhevsky, Sutskever & Hinton (2012).
    """

    network: Any
    shift: int = eqx.field(static=True, default=0)

    def __check_init__(self) -> None:
        if self.shift < 0:
            raise Mistake("a shift of at least 0 pixels", self.shift)

    @classmethod
    def example(cls, key: Array) -> tuple[OverViews, Array]:
        """A small network on a picture and its mirror image."""
        return cls(Chain.make(Flatten(), Dense.make(6, 3, key))), jax.random.normal(key, (1, 2, 3))

    def views(self, x: Float[Array, "*B C H W"]) -> list[Float[Array, "*B C H W"]]:
        """The views of a picture, or of each of a batch: zeros come in where it is moved."""
        found = [x, x[..., ::-1]]
        if self.shift:
            s, (high, wide) = self.shift, x.shape[-2:]
            wider = [jnp.pad(one, [(0, 0)] * (x.ndim - 2) + [(s, s), (s, s)]) for one in found]
            corners = ((0, s), (2 * s, s), (s, 0), (s, 2 * s))
            found += [one[..., i : i + high, j : j + wide] for one in wider for i, j in corners]
        return found

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Float[Array, "*B K"]:
        """log p."""
        z = jnp.stack([log_softmax(run(self.network, view)) for view in self.views(x)])
        return jax.nn.logsumexp(z, axis=0) - math.log(len(z))
