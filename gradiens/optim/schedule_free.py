"""SCHEDULE-FREE ADAMW: no schedule of the step size; the mean of all iterates takes its place.

    t' = t + 1
    s' = γ s + (1 - γ) g²,  ŝ = s' / (1 - γ^(t'))
    z' = z - α (g / (√ŝ + ε) + λ θ)
    x' = x + (z' - x) / t'
    θ' = (1 - β) z' + β x'

Three sequences: z takes the steps, x is its mean and the solution (`optim.solution` reads it from the state), and the gradient
is taken at θ between the two. β = 0 is Polyak's averaging, β = 1 averages gradients at the mean. Leave the schedule constant.

Book: 4.2.  Source: Defazio et al. (2024), "The Road Less Scheduled", without warm-up, in the form of the authors' code and of
Optax: ŝ is corrected and all z weigh the same. Algorithm 1 of the paper puts the correction into the step size, and with
it into the weights of the mean.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from gradiens.core.module import knob
from gradiens.optim.optimizer import Coordinatewise


class State(NamedTuple):
    """Steps taken, running mean of g², the iterate that takes the steps, the mean of its values."""

    t: Int[Array, ""]
    s: Float[Array, "*d"]
    z: Float[Array, "*d"]
    x: Float[Array, "*d"]


class ScheduleFree(Coordinatewise):
    """AdamW whose momentum is an interpolation and whose schedule is an average.

    Book: 4.2.  Source: Defazio et al. (2024).
    """

    lr: float = knob(2.5e-3, 1e-8, 100.0, "log", "step size α")
    beta: float = knob(0.9, 0.0, 1.0, says="share β of the mean in the point of the gradient")
    gamma: float = knob(0.999, 0.0, 0.999999, says="memory γ of the square")
    eps: float = knob(1e-8, 0.0, 1.0, "log", "floor ε of the denominator")
    decay: float = knob(0.0, 0.0, 10.0, says="decay λ of the parameters")

    def init(self, theta: Float[Array, "*d"]) -> State:
        """All three sequences are at the start."""
        return State(jnp.int32(0), jnp.zeros_like(theta), jnp.copy(theta), jnp.copy(theta))

    def step(self, state: State, g: Float[Array, "*d"], theta: Float[Array, "*d"]) -> tuple[State, Float[Array, "*d"]]:
        """The mean square, the step, the mean of the iterates, the point of the next gradient."""
        α, β, γ, ε, λ = self.lr, self.beta, self.gamma, self.eps, self.decay
        t = state.t + 1
        n = t.astype(g.dtype)
        s = γ * state.s + (1 - γ) * g**2
        s_hat = s / (1 - γ**n)
        z = state.z - α * (g / (jnp.sqrt(s_hat) + ε) + λ * theta)
        x = state.x + (z - state.x) / n
        between = (1 - β) * z + β * x
        return State(t, s, z, x), between - theta
