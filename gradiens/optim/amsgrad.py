"""AMSGRAD: Adam whose denominator never shrinks: the largest mean square so far in place of the last.

    v' = β v + (1 - β) g
    s' = γ s + (1 - γ) g²
    u' = max(u, s')
    θ' = θ - α v' / (√u' + ε)

The rate α / (√u + ε) of a coordinate never increases. Adam's does where a rare large gradient is forgotten too soon, and
there are convex problems on which Adam then goes to the worst point and this to the best.

Book: 4.3.  Source: Reddi, Kale & Kumar (2018), Algorithm 2, without bias correction; the ε as in Adam. Optax and PyTorch correct
both means unless told not to: PyTorch corrects after the largest is taken, Optax before.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.optimizer import Coordinatewise


class State(NamedTuple):
    """Running means of g and of g², and the largest mean square so far."""

    v: Float[Array, "*d"]
    s: Float[Array, "*d"]
    u: Float[Array, "*d"]


class AMSGrad(Coordinatewise):
    """Adam with rates that never increase.

    Book: 4.3.  Source: Reddi, Kale & Kumar (2018).
    """

    lr: float = knob(1e-3, 1e-8, 100.0, "log", "step size α")
    beta: float = knob(0.9, 0.0, 1.0, says="memory β of the mean")
    gamma: float = knob(0.999, 0.0, 1.0, says="memory γ of the square")
    eps: float = knob(1e-8, 0.0, 1.0, "log", "floor ε of the denominator")

    def init(self, theta: Float[Array, "*d"]) -> State:
        """No gradient seen."""
        return State(jnp.zeros_like(theta), jnp.zeros_like(theta), jnp.zeros_like(theta))

    def step(self, state: State, g: Float[Array, "*d"], theta: Float[Array, "*d"]) -> tuple[State, Float[Array, "*d"]]:
        """The two means, the largest, the update."""
        α, β, γ, ε = self.lr, self.beta, self.gamma, self.eps
        v = β * state.v + (1 - β) * g
        s = γ * state.s + (1 - γ) * g**2
        u = jnp.maximum(state.u, s)
        return State(v, s, u), -α * v / (jnp.sqrt(u) + ε)
