"""The cost along a line, φ(α) = C(θ + α p), and what a search for α along it gives.

    φ(0) = C(θ),   φ'(0) = gᵀp,   φ'(α) = ∇C(θ + α p)ᵀ p

    Armijo: φ(α) ≤ φ(0) + c₁ α φ'(0)        Wolfe: φ'(α) ≥ c₂ φ'(0)        strong Wolfe: |φ'(α)| ≤ -c₂ φ'(0)

Near a minimum the differences of φ drown in rounding; there Armijo's inequality is read off the slopes, which is the same for
a quadratic: φ'(α) ≤ (2 c₁ - 1) φ'(0).

Book: 4.4.  Source: Armijo (1966), Wolfe (1969), Hager & Zhang (2005) for the form that is safe in rounding.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from gradiens.core.module import Module
from gradiens.optim.cost import Cost, Point
from gradiens.optim.minimiser import FINE, STUCK, UPHILL, Counts


def along(theta: Float[Array, "d"], alpha: Float[Array, ""], p: Float[Array, "d"]) -> Float[Array, "d"]:
    """θ' = θ + α p."""
    return theta + alpha * p


class Line(Module):
    """φ(α) = C(θ + α p) from the point of α = 0."""

    cost: Cost
    start: Point
    p: Float[Array, "d"]

    @property
    def slope(self) -> Float[Array, ""]:
        """φ'(0), negative for a direction of descent."""
        return self.start.g @ self.p

    def value(self, alpha: Float[Array, ""]) -> Float[Array, ""]:
        """φ(α)."""
        return self.cost(along(self.start.theta, alpha, self.p))

    def at(self, alpha: Float[Array, ""]) -> Point:
        """θ + α p with the cost and its gradient there."""
        return self.cost.at(along(self.start.theta, alpha, self.p))

    def armijo(self, alpha: Array, value: Array, slope: Array | None, c1: float) -> Bool[Array, ""]:
        """Is the decrease at α sufficient? `slope` is φ'(α), where it is known."""
        start, slope0 = self.start.value, self.slope
        enough = value <= start + c1 * alpha * slope0
        rounding = 10 * jnp.finfo(value.dtype).eps * jnp.abs(start)
        flat = jnp.abs(value - start) <= rounding
        if slope is None:
            return enough | (flat & (-alpha * slope0 <= rounding))
        return enough | (flat & (slope <= (2 * c1 - 1) * slope0))


class Found(NamedTuple):
    """The point that was accepted, its α, how often the cost was asked, and what there is to tell."""

    point: Point
    alpha: Float[Array, ""]
    counts: Counts
    trouble: Int[Array, ""] | int = FINE


class LineSearch(Module):
    """Base of all line searches."""

    def __call__(self, line: Line, first: Float[Array, ""]) -> Found:
        """A step along `line`; `first` is the α to try first."""
        raise NotImplementedError


def accepted(line: Line, point: Point, alpha: Array, enough: Array, counts: Counts) -> Found:
    """What was found, if it is good enough, finite (or the value -∞) and the line leads downhill; else the start, and why."""
    enough = enough & (jnp.all(jnp.isfinite(point.g)) | jnp.isneginf(point.value)) & (line.slope < 0)
    point = jax.tree.map(lambda new, old: jnp.where(enough, new, old), point, line.start)
    told = jnp.where(enough, FINE, jnp.where(line.slope >= 0, UPHILL, STUCK))
    return Found(point, jnp.where(enough, alpha, 0), counts, told)
