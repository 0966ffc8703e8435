"""Methods that choose a direction p and then how far to go along it.

    θ' = θ + α p,    α by a line search,    s = θ' - θ,    y = ∇C(θ') - ∇C(θ)

A method states the direction, and what it remembers of the step. Where a direction leads uphill (gᵀp ≥ 0) the step is taken
along -g instead, and that is told. At g = 0 there is nowhere to go.

Book: 4.4.  Source: Nocedal & Wright (2006), chapter 3.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.optim.cost import Cost, Point
from gradiens.optim.line_search.line import Line, LineSearch, along
from gradiens.optim.line_search.strong_wolfe import StrongWolfe
from gradiens.optim.minimiser import FINE, STUCK, UPHILL, Counts, Minimiser, Taken


class Direction(NamedTuple):
    """p, what was asked of the cost to find it, what there is to tell."""

    p: Float[Array, "d"]
    counts: Counts = Counts()
    trouble: Any = FINE


class Directional(Minimiser):
    """Base of the methods with a line search."""

    search: LineSearch = eqx.field(default=StrongWolfe())
    RULES: ClassVar[dict[str, Any]] = {"move": "θ'"}

    def move(self, theta: Float[Array, "d"], alpha: Float[Array, ""], p: Float[Array, "d"]) -> Float[Array, "d"]:
        """θ' = θ + α p."""
        return along(theta, alpha, p)

    def direction(self, cost: Cost, point: Point, memory: Any) -> Direction:
        """Where to go from `point`."""
        raise NotImplementedError

    def remember(self, cost: Cost, old: Point, new: Point, p: Float[Array, "d"], memory: Any) -> Any:
        """The memory after the step from `old` to `new` along p."""
        return memory

    def first(self, cost: Cost, point: Point, p: Float[Array, "d"], memory: Any) -> Float[Array, ""]:
        """The α that the search tries first: 1, the natural length of a Newton step."""
        return jnp.ones((), point.value.dtype)

    def step(self, cost: Cost, point: Point, memory: Any) -> tuple[Point, Any, Taken]:
        """Direction, search, memory."""
        p, counts, trouble = self.direction(cost, point, memory)
        uphill = ~(point.g @ p < 0) & self.descends & jnp.any(point.g != 0)
        p = jnp.where(uphill, -point.g, p)
        found = self.search(Line(cost, point, p), self.first(cost, point, p, memory))
        memory = self.remember(cost, point, found.point, p, memory)
        told = jnp.where(found.trouble == STUCK, STUCK, jnp.where((trouble == FINE) & uphill, UPHILL, trouble))
        return found.point, memory, Taken(found.alpha, counts + found.counts, told)

    @property
    def descends(self) -> bool:
        """Whether a direction must lead downhill: so with every real search."""
        return True


def shorter(g: Float[Array, "d"]) -> Float[Array, ""]:
    """min(1, 1 / ‖g‖₁): a first α along -g that moves no coordinate by more than 1."""
    return jnp.minimum(1.0, 1.0 / jnp.maximum(jnp.sum(jnp.abs(g)), jnp.finfo(g.dtype).tiny)).astype(g.dtype)


def as_promised(point: Point, p: Float[Array, "d"], promised: Float[Array, ""]) -> Float[Array, ""]:
    """The α that would lower the cost, to first order, by `promised`; along a first gradient (0) a cautious one."""
    again = promised / jnp.maximum(-(point.g @ p), jnp.finfo(p.dtype).tiny)
    return jnp.where(promised > 0, again, shorter(point.g))
