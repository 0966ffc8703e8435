"""Wolfe's conditions by bisection: enough decrease, and a slope that is no longer steep.

    φ(α) ≤ φ(0) + c₁ α φ'(0)        φ'(α) ≥ c₂ φ'(0)        0 < c₁ < c₂ < 1

An α without enough decrease is too long, one with too steep a slope too short; between them there is one with both. Doubling
while nothing is too long, halving after that. For a quasi-Newton method the second condition makes yᵀs positive.

Book: 4.4.  Source: Wolfe (1969); Lewis & Overton (2013), Algorithm 2.6.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from gradiens.core.check import Mistake
from gradiens.core.module import knob
from gradiens.optim.cost import Point
from gradiens.optim.line_search.line import Found, Line, LineSearch, accepted
from gradiens.optim.minimiser import Counts


class _Between(NamedTuple):
    short: Float[Array, ""]
    long: Float[Array, ""]
    alpha: Float[Array, ""]
    point: Point
    tries: Int[Array, ""]
    enough: Bool[Array, ""]
    flat: Bool[Array, ""]


class Wolfe(LineSearch):
    """The weak Wolfe conditions.

    Book: 4.4.  Source: Wolfe (1969).
    """

    c1: float = knob(1e-4, 0.0, 0.9999, "log", "share c₁ of the promised decrease")
    c2: float = knob(0.9, 0.0001, 0.99999, says="share c₂ of the slope that may be left")
    most: int = knob(60, 1, 1000, says="most points tried")

    def __check_init__(self) -> None:
        in_order(self.c1, self.c2)

    def __call__(self, line: Line, first: Float[Array, ""]) -> Found:
        """Bisection between a step that is too short and one that is too long."""

        def tried(short, long, alpha, count):
            point = line.at(alpha)
            slope = point.g @ line.p
            enough = line.armijo(alpha, point.value, slope, self.c1) & jnp.isfinite(slope)
            return _Between(short, long, alpha, point, count + 1, enough, slope >= self.c2 * line.slope)

        def on(s):
            return ~(s.enough & s.flat) & (s.tries < self.most)

        def halve(s):
            short, long = jnp.where(s.enough, s.alpha, s.short), jnp.where(s.enough, s.long, s.alpha)
            alpha = jnp.where(jnp.isinf(long), 2 * short, (short + long) / 2)
            return tried(short, long, alpha, s.tries)

        zero = jnp.zeros_like(first)
        end = jax.lax.while_loop(on, halve, tried(zero, jnp.full_like(first, jnp.inf), first, jnp.int32(0)))
        return accepted(line, end.point, end.alpha, end.enough, Counts(end.tries, end.tries))


def in_order(c1: float | Array, c2: float | Array) -> None:
    """0 < c₁ < c₂ < 1, else no α need satisfy both."""
    if isinstance(c1, float) and isinstance(c2, float) and not 0 < c1 < c2 < 1:
        raise Mistake("0 < c1 < c2 < 1", f"c1 = {c1:g}, c2 = {c2:g}", "the defaults are 1e-4 and 0.9")
