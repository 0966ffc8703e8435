"""FISTA: ISTA from a point that runs ahead, as in the accelerated gradient method.

    u = y - α g
    θ' = sign(u) ⊙ max(|u| - α λ, 0)
    t' = (1 + √(1 + 4 t²)) / 2
    y' = θ' + ((t - 1) / t') (θ' - θ)

g = ∇C(y). The gap falls like 1/k², where that of ISTA falls like 1/k. With λ = 0 it is the accelerated gradient method.

Book: 4.4.  Source: Beck & Teboulle (2009).
"""

from __future__ import annotations

from typing import Any, ClassVar

from gradiens.optim.accelerated import Accelerated, Memory
from gradiens.optim.cost import Cost, Point
from gradiens.optim.ista import ISTA
from gradiens.optim.minimiser import Counts, Taken


class FISTA(ISTA):
    """Accelerated proximal gradient for an L1 penalty.

    Book: 4.4.  Source: Beck & Teboulle (2009).
    """

    RULES: ClassVar[dict[str, Any]] = {"descend": "u", "shrink": "θ'", "grow": "t'", "ahead": "y'"}

    grow = Accelerated.grow
    ahead = Accelerated.ahead

    def init(self, cost: Cost, point: Point) -> Memory:
        """Not ahead yet."""
        return Accelerated.init(self, cost, point)  # pyright: ignore[reportArgumentType]

    def step(self, cost: Cost, point: Point, memory: Memory) -> tuple[Point, Memory, Taken]:
        """The proximal step from y."""
        y, t = memory
        theta = self.proximal(y, cost.grad(y))
        t_new = self.grow(t)
        new = cost.at(theta)
        return new, Memory(self.ahead(point.theta, theta, t, t_new), t_new), Taken(self.lr, Counts(1, 2))
