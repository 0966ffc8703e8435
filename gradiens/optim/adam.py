"""ADAM: gradient descent on bias-corrected running means of the gradient and of its square.

    t' = t + 1
    v' = β v + (1 - β) g,   v̂ = v' / (1 - β^(t'))
    s' = γ s + (1 - γ) g²,  ŝ = s' / (1 - γ^(t'))
    θ' = θ - α v̂ / (√ŝ + ε)

Book: 4.3.  Source: Kingma & Ba (2015), Algorithm 1; their m, v, β1, β2 are v, s, β, γ here.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from gradiens.core.module import knob
from gradiens.optim.optimizer import Coordinatewise


class State(NamedTuple):
    """Steps taken, running mean of g, running mean of g²."""

    t: Int[Array, ""]
    v: Float[Array, "*d"]
    s: Float[Array, "*d"]


class Adam(Coordinatewise):
    """Adaptive moments. |Δ| is at most about α a coordinate, and scaling C by c > 0 changes nothing when ε = 0.

    Book: 4.3.  Source: Kingma & Ba (2015), Algorithm 1.
    """

    lr: float = knob(1e-3, 1e-8, 100.0, "log", "step size α")
    beta: float = knob(0.9, 0.0, 0.999999, says="memory β of the mean")
    gamma: float = knob(0.999, 0.0, 0.999999, says="memory γ of the square")
    eps: float = knob(1e-8, 0.0, 1.0, "log", "floor ε of the denominator")

    def init(self, theta: Float[Array, "*d"]) -> State:
        """No step taken, both means zero."""
        return State(jnp.int32(0), jnp.zeros_like(theta), jnp.zeros_like(theta))

    def step(self, state: State, g: Float[Array, "*d"], theta: Float[Array, "*d"]) -> tuple[State, Float[Array, "*d"]]:
        """The two means, their corrections, the update."""
        α, β, γ, ε = self.lr, self.beta, self.gamma, self.eps
        t = state.t + 1
        n = t.astype(g.dtype)
        v = β * state.v + (1 - β) * g
        s = γ * state.s + (1 - γ) * g**2
        v_hat = v / (1 - β**n)
        s_hat = s / (1 - γ**n)
        return State(t, v, s), -α * v_hat / (jnp.sqrt(s_hat) + ε)
