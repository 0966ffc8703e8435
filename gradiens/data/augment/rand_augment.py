"""A random policy: a few changes of every picture, drawn from a list, all as strong as one number says.

    x' = t_{kₙ}(… t_{k₁}(x)),   k₁ … kₙ independent and uniform on the list, each change t_k at the magnitude m

    left as it is | turned by up to 3 m degrees | scaled by up to 1 + 0.06 m | moved by up to 0.03 m of the picture's side
    brightness by up to 0.09 m standard deviations | contrast and saturation by a factor within 1 ± 0.09 m

Two whole numbers in the place of a knob for each change: they can be chosen on validation like any others. m = 0 is the identity.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import Module, knob
from gradiens.data.augment.colour import Brightness, Contrast, Saturation
from gradiens.data.augment.shift import Shift
from gradiens.data.augment.warp import Rotate, Zoom

Change = Callable[[Array, Array], Array]


class RandAugment(Module):
    """n changes of each picture, drawn anew for it from a list, at one magnitude.

    Book: 6.9.  Source: Cubuk et al. (2020), section 3; the list holds those of its changes that the catalogue has.
    """

    changes: int = knob(2, 0, 16, says="n, changes of each picture")
    magnitude: int = knob(5, 0, 10, says="m, how strong they are")

    def among(self, side: int) -> tuple[Change, ...]:
        """The list, for pictures of this side."""
        m = self.magnitude
        factor = 0.09 * m
        shift = Shift(round(0.03 * m * side))
        return (_same, Rotate(3.0 * m), Zoom(0.06 * m), shift, Brightness(factor), Contrast(factor), Saturation(factor))

    def __call__(self, key: Array, x: Float[Array, "B C H W"]) -> Float[Array, "B C H W"]:
        """x' = t_{kₙ}(… t_{k₁}(x))."""
        among = self.among(min(x.shape[2:]))
        for one in jax.random.split(key, max(self.changes, 1))[: self.changes]:
            of_choice, *of_changes = jax.random.split(one, len(among) + 1)
            k = jax.random.randint(of_choice, (len(x),), 0, len(among), jnp.int32)
            made = [change(each, x) for change, each in zip(among, of_changes, strict=True)]
            x = jnp.select([(k == i)[:, None, None, None] for i in range(len(made))], made)
        return x


def _same(key: Array, x: Array) -> Array:
    return x
