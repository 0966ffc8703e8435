"""L-BFGS: BFGS from the last m steps alone; -B g is computed without B, by two loops over the pairs (s, y).

    q = g
    for i = m..1:  a_i = ρ_i s_iᵀ q,   q = q - a_i y_i
    p = -γ q
    for i = 1..m:  p = p - s_i (a_i + ρ_i y_iᵀ p)
    ρ_i = 1 / (y_iᵀ s_i),   γ = s_mᵀ y_m / (y_mᵀ y_m)

The price of a step is 4 m d multiplications. With m at least the number of steps it is BFGS from the first matrix γ I.

Book: 4.5.  Source: Liu & Nocedal (1989); Nocedal & Wright (2006), Algorithm 7.4.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.cost import Cost, Point
from gradiens.optim.directional import Direction, Directional, shorter


class Memory(NamedTuple):
    """The last m steps and changes of the gradient, the newest in the last row; ρ is 0 in rows not yet filled."""

    S: Float[Array, "m d"]
    Y: Float[Array, "m d"]
    rho: Float[Array, "m"]
    gamma: Float[Array, ""]


class LBFGS(Directional):
    """BFGS of limited memory.

    Book: 4.5.  Source: Liu & Nocedal (1989).
    """

    memory: int = knob(10, 1, 1000, says="steps m that are remembered")
    scale: bool = knob(True, says="γ from the newest step; else 1")
    RULES: ClassVar[dict[str, Any]] = {"toward": "p", "move": "θ'"}

    def toward(
        self,
        g: Float[Array, "d"],
        S: Float[Array, "m d"],
        Y: Float[Array, "m d"],
        rho: Float[Array, "m"],
        gamma: Float[Array, ""],
    ) -> Float[Array, "d"]:
        """p = -B g, by the two loops."""

        def back(q, pair):
            s, y, ρ = pair
            a = ρ * (s @ q)
            return q - a * y, a

        def forth(p, pair):
            s, y, ρ, a = pair
            return p - s * (a + ρ * (y @ p)), None

        q, a = jax.lax.scan(back, g, (S, Y, rho), reverse=True)
        p, _ = jax.lax.scan(forth, -gamma * q, (S, Y, rho, a))
        return p

    def init(self, cost: Cost, point: Point) -> Memory:
        """No step remembered."""
        d, dtype = point.theta.size, point.theta.dtype
        none = jnp.zeros((self.memory, d), dtype)
        return Memory(none, jnp.zeros_like(none), jnp.zeros(self.memory, dtype), jnp.ones((), dtype))

    def direction(self, cost: Cost, point: Point, memory: Memory) -> Direction:
        """-B g."""
        return Direction(self.toward(point.g, *memory))

    def first(self, cost: Cost, point: Point, p: Float[Array, "d"], memory: Memory) -> Float[Array, ""]:
        """1; along the first gradient, whose length says nothing, a cautious step."""
        one = jnp.ones((), p.dtype)
        return jnp.where(memory.rho[-1] > 0, one, shorter(point.g)) if self.scale else one

    def remember(self, cost: Cost, old: Point, new: Point, p: Float[Array, "d"], memory: Memory) -> Memory:
        """The step, if it has positive curvature, in place of the oldest."""
        s, y = new.theta - old.theta, new.g - old.g
        curved = y @ s > jnp.finfo(s.dtype).eps * jnp.linalg.norm(y) * jnp.linalg.norm(s)
        push = lambda rows, row: jnp.where(curved, jnp.concatenate([rows[1:], row[None]]), rows)  # noqa: E731
        gamma = jnp.where(curved & self.scale, s @ y / (y @ y), memory.gamma)
        return Memory(push(memory.S, s), push(memory.Y, y), push(memory.rho, 1 / (y @ s)), gamma)
