"""Schedules of the step size: `schedule(t) -> factor`, the multiple of the optimizer's update in step t = 0, 1 …

    cosine(t) = f + (1-f) (1 + cos π t/T) / 2,  floor f, T steps in all

Past the last step the factor stays what it was there.

Book: 4.2.  Source: Loshchilov & Hutter (2017) for the cosine, Smith & Topin (2018) for one-cycle, Robbins & Monro (1951) for
1/t.
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

    def taken(self, t: Step) -> Float[Array, ""]:
        """Steps taken before step t: t, but no more than all."""
        return jnp.minimum(jnp.asarray(t, jax.dtypes.canonicalize_dtype(float)), self.steps)

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

    Book: 4.2, 6.9.  Source: Loshchilov & Hutter (2017), without restarts.
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


class RobbinsMonro(Schedule):
    """A power of time, 1 / (1 + t/τ)ᵖ; p = 1 is the schedule 1/t.

    With 1/2 < p ≤ 1 the steps sum to infinity and their squares do not (over infinitely many `steps`): then stochastic
    gradient descent on a strongly convex C with noise of bounded variance converges almost surely.

    Book: 4.2.  Source: Robbins & Monro (1951).
    """

    delay: float = knob(100.0, 1e-6, None, "log", says="steps τ until the factor starts to fall")
    power: float = knob(1.0, 0.0, 10.0, says="power p of time")

    def __call__(self, t: Step) -> Float[Array, ""]:
        """1 / (1 + t/τ)ᵖ."""
        return (1 + self.taken(t) / self.delay) ** -self.power


class Exponential(Schedule):
    """From step to step a constant factor less, γᵗ.

    The steps have a finite sum, α / (1-γ): descent stops short of what lies farther away.

    Book: 4.1, 4.2.
    """

    gamma: float = knob(0.999, 0.0, 1.0, says="factor γ from step to step")

    def __call__(self, t: Step) -> Float[Array, ""]:
        """γᵗ."""
        return self.gamma ** self.taken(t)


class Polynomial(Schedule):
    """From 1 down to a floor along a power of the steps that are left; a straight line for p = 1.

    Book: 4.2.
    """

    floor: float = knob(0.0, 0.0, 1.0, says="factor at the end")
    power: float = knob(1.0, 0.0, 10.0, says="power p of the share of steps left")

    def __call__(self, t: Step) -> Float[Array, ""]:
        """f + (1-f) (1 - t/T)ᵖ."""
        return self.floor + (1 - self.floor) * (1 - self.part(t, 0, self.steps)) ** self.power


class StepDecay(Schedule):
    """1, and after every share of the steps a constant factor less.

    Book: 4.2.
    """

    gamma: float = knob(0.1, 0.0, 1.0, says="factor γ at each drop")
    share: float = knob(1 / 3, 1e-6, 1.0, says="share of the steps between drops")

    def __call__(self, t: Step) -> Float[Array, ""]:
        """γ to the number of drops so far."""
        return self.gamma ** jnp.floor(self.taken(t) / (self.share * self.steps))


def _between(start: float | Array, end: float | Array, part: Float[Array, ""]) -> Float[Array, ""]:
    """From `start` at part 0 to `end` at part 1 along half a cosine."""
    return end + (start - end) * (1 + jnp.cos(math.pi * part)) / 2
