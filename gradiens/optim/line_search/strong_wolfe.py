"""The strong Wolfe conditions: enough decrease, and a slope that is small in both directions.

    φ(α) ≤ φ(0) + c₁ α φ'(0)        |φ'(α)| ≤ -c₂ φ'(0)

An interval from the best α so far (`low`) to another (`high`, at first infinite) holds an α with both. A trial that does not
lower φ enough, or lies above `low`, ends it; one whose slope points away from `high` turns it round; else it moves `low`. The
next trial is the minimum of the cubic through both ends, kept off them; while there is no end it goes on by a factor.

Book: 4.4.  Source: Nocedal & Wright (2006), Algorithms 3.5 and 3.6; Moré & Thuente (1994).
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from gradiens.core.module import knob
from gradiens.optim.cost import Point
from gradiens.optim.line_search.line import Found, Line, LineSearch, accepted
from gradiens.optim.line_search.wolfe import in_order
from gradiens.optim.minimiser import Counts


class _End(NamedTuple):
    """α, φ(α), φ'(α)."""

    alpha: Float[Array, ""]
    value: Float[Array, ""]
    slope: Float[Array, ""]


class _Search(NamedTuple):
    low: _End
    high: _End
    point: Point  # that of low
    alpha: Float[Array, ""]  # the next to try
    tries: Int[Array, ""]
    done: Bool[Array, ""]


class StrongWolfe(LineSearch):
    """The strong Wolfe conditions, by a shrinking interval and cubic interpolation.

    Book: 4.4.  Source: Nocedal & Wright (2006).
    """

    c1: float = knob(1e-4, 0.0, 0.9999, "log", "share c₁ of the promised decrease")
    c2: float = knob(0.9, 0.0001, 0.99999, says="share c₂ of the slope that may be left")
    grow: float = knob(3.0, 1.1, 100.0, says="factor of a step while the line still falls")
    most: int = knob(40, 1, 1000, says="most points tried")

    def __check_init__(self) -> None:
        in_order(self.c1, self.c2)

    def __call__(self, line: Line, first: Float[Array, ""]) -> Found:
        """Shrink the interval until a trial satisfies both conditions."""
        zero, slope0 = jnp.zeros_like(first), line.slope
        start = _End(zero, line.start.value, slope0)
        rounding = jnp.finfo(first.dtype).eps * jnp.abs(start.value)
        none = _End(jnp.full_like(first, jnp.inf), zero, zero)

        def tried(s: _Search) -> _Search:
            point = line.at(s.alpha)
            now = _End(s.alpha, point.value, point.g @ line.p)
            enough = line.armijo(now.alpha, now.value, now.slope, self.c1) & jnp.isfinite(now.slope)
            flat = jnp.abs(now.slope) <= -self.c2 * slope0
            done = enough & flat
            ends = ~done & (~enough | (now.value > s.low.value + rounding))  # not enough: also where φ is NaN
            turns = now.slope * (s.high.alpha - s.low.alpha) >= 0
            high = _pick(ends, now, _pick(turns, s.low, s.high))
            low = _pick(ends, s.low, now)
            kept = jax.tree.map(lambda new, old: jnp.where(ends, old, new), point, s.point)
            return _Search(low, high, kept, self.next(low, high), s.tries + 1, done)

        def on(s: _Search) -> Array:
            return ~s.done & (s.tries < self.most)

        end = jax.lax.while_loop(on, tried, _Search(start, none, line.start, first, jnp.int32(0), zero > 0))
        lower = end.low.alpha > 0  # low is the start, or lies enough below it
        return accepted(line, end.point, end.low.alpha, lower, Counts(end.tries, end.tries))

    def next(self, low: _End, high: _End) -> Float[Array, ""]:
        """The minimum of the cubic through both ends, a tenth of the interval off them at least; further without an end."""
        width = jnp.where(jnp.isinf(high.alpha), 1.0, high.alpha - low.alpha)
        d1 = low.slope + high.slope - 3 * (high.value - low.value) / width
        d2 = jnp.sign(width) * jnp.sqrt(d1**2 - low.slope * high.slope)
        share = 1 - (high.slope + d2 - d1) / (high.slope - low.slope + 2 * d2)
        share = jnp.where(jnp.isfinite(share), jnp.clip(share, 0.1, 0.9), 0.5)
        return jnp.where(jnp.isinf(high.alpha), self.grow * low.alpha, low.alpha + share * width)


def _pick(which: Array, yes: _End, no: _End) -> _End:
    return _End(*(jnp.where(which, a, b) for a, b in zip(yes, no, strict=True)))
