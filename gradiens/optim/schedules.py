"""Schedules of the step size: `schedule(t) -> factor`, the multiple of the optimizer's update in step t = 0, 1 …

    cosine(t) = f + (1-f) (1 + cos π t/T) / 2,  floor f, T steps in all

Past the last step the factor stays what it was there.

Book: 4.2.  Source: Loshchilov & Hutter (2017) for the cosine, Smith & Topin (2018) for one-cycle.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from gradiens.core.module import Module, knob

KIND = "schedule"

Step = Int[Array, ""] | int


class Schedule(Module):
    """Base of all schedules: how many steps there will be, and the factor at each."""

    steps: int = knob(1000, 1, None, says="steps in all")

    def __call__(self, t: Step) -> Float[Array, ""]:
        """The factor of step t."""
        raise NotImplementedError

    def part(self, t: Step, first: float | Array, last: float | Array) -> Float[Array, ""]:
        """How far step t is on its way from step `first` to step `last`, in [0, 1]."""
        now = jnp.asarray(t, jax.dtypes.canonicalize_dtype(float))
        return jnp.clip((now - first) / jnp.maximum(last - first, 1), 0, 1)


class Constant(Schedule):
    """Factor 1.

    Book: 4.2.
    """

    def __call__(self, t: Step) -> Float[Array, ""]:
        """1."""
        return jnp.ones(())


class Cosine(Schedule):
    """From 1 down to a floor along half a cosine.

    Book: 4.2.  Source: Loshchilov & Hutter (2017), without restarts.
    """

    floor: float = knob(0.0, 0.0, 1.0, says="factor at the end")

    def __call__(self, t: Step) -> Float[Array, ""]:
        """Half a cosine over all steps."""
        return _between(1.0, self.floor, self.part(t, 0, self.steps))


class WarmUp(Schedule):
    """Linearly up to 1 during the first steps, then along half a cosine down to a floor.

    Book: 4.2.  Source: Goyal et al. (2017) for the warm-up.
    """

    share: float = knob(0.05, 0.0, 1.0, says="share of the steps that warm up")
    floor: float = knob(0.0, 0.0, 1.0, says="factor at the end")

    def __call__(self, t: Step) -> Float[Array, ""]:
        """(t+1)/(m+1) while t < m = share · steps, then a cosine: no step is wasted on a factor of 0."""
        m = self.share * self.steps
        up = self.part(t, -1, m)
        return jnp.minimum(up, _between(1.0, self.floor, self.part(t, m, self.steps)))


class OneCycle(Schedule):
    """From a small factor up to 1 and down to a much smaller one, both along half a cosine.

    Book: 4.2.  Source: Smith & Topin (2018), the step size only.
    """

    share: float = knob(0.3, 0.0, 1.0, says="share of the steps that go up")
    first: float = knob(0.04, 0.0, 1.0, says="factor at the start")
    last: float = knob(4e-6, 0.0, 1.0, says="factor at the end")

    def __call__(self, t: Step) -> Float[Array, ""]:
        """Up for share · steps, then down."""
        m = self.share * self.steps
        up = _between(self.first, 1.0, self.part(t, 0, m))
        down = _between(1.0, self.last, self.part(t, m, self.steps))
        now = jnp.asarray(t, up.dtype)
        return jnp.where(now < m, up, down)


def _between(start: float | Array, end: float | Array, part: Float[Array, ""]) -> Float[Array, ""]:
    """From `start` at part 0 to `end` at part 1 along half a cosine."""
    return end + (start - end) * (1 + jnp.cos(math.pi * part)) / 2
