"""ADAMAX: Adam with the largest recent gradient in place of the root mean square.

    t' = t + 1
    v' = β v + (1 - β) g,  v̂ = v' / (1 - β^(t'))
    u' = max(γ u, |g| + ε)
    θ' = θ - α v̂ / u'

u is what the p-th root of a running mean of |g|ᵖ tends to as p → ∞, and needs no correction. A coordinate's step is at most
α (1-β)/(1-βᵗ) (1-rᵗ)/(1-r), r = β/γ: at the defaults 1.01 α (the paper says α, which holds for γ = 1).

Book: 4.4.  Source: Kingma & Ba (2015), Algorithm 2, which has ε = 0; the ε as in PyTorch and Optax, which it equals.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from gradiens.core.module import knob
from gradiens.optim.optimizer import Coordinatewise


class State(NamedTuple):
    """Steps taken, running mean of g, largest recent |g|."""

    t: Int[Array, ""]
    v: Float[Array, "*d"]
    u: Float[Array, "*d"]


class Adamax(Coordinatewise):
    """Adam in the largest norm: one outlying gradient shortens the steps until it is forgotten.

    Book: 4.4.  Source: Kingma & Ba (2015), Algorithm 2.
    """

    lr: float = knob(2e-3, 1e-8, 100.0, "log", "step size α")
    beta: float = knob(0.9, 0.0, 0.999999, says="memory β of the mean")
    gamma: float = knob(0.999, 0.0, 1.0, says="memory γ of the largest gradient")
    eps: float = knob(1e-8, 0.0, 1.0, "log", "floor ε of the denominator")

    def init(self, theta: Float[Array, "*d"]) -> State:
        """No step taken, no gradient seen."""
        return State(jnp.int32(0), jnp.zeros_like(theta), jnp.zeros_like(theta))

    def step(self, state: State, g: Float[Array, "*d"], theta: Float[Array, "*d"]) -> tuple[State, Float[Array, "*d"]]:
        """The corrected mean, the largest gradient, the update."""
        α, β, γ, ε = self.lr, self.beta, self.gamma, self.eps
        t = state.t + 1
        v = β * state.v + (1 - β) * g
        v_hat = v / (1 - β ** t.astype(g.dtype))
        u = jnp.maximum(γ * state.u, jnp.abs(g) + ε)
        return State(t, v, u), -α * v_hat / u
