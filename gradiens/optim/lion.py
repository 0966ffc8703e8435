"""LION: every coordinate moves by α, in the direction of the sign of an interpolated mean; the parameters decay by themselves.

    θ' = θ - α (sign(β v + (1 - β) g) + λ θ)
    v' = γ v + (1 - γ) g

The mean that gives the direction forgets faster (β) than the mean that is kept (γ). One running mean of memory, half of
Adam's; the step does not shrink near a minimum, so α has to.

Book: 4.3.  Source: Chen et al. (2023), Program 1; their β1, β2 are β, γ here. Optax has this form.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.optimizer import Coordinatewise


class State(NamedTuple):
    """The running mean of g."""

    v: Float[Array, "*d"]


class Lion(Coordinatewise):
    """Sign of a mean of gradients. Without decay each coordinate's step is α, or 0 where the mean is.

    Book: 4.3.  Source: Chen et al. (2023).
    """

    lr: float = knob(1e-4, 1e-8, 100.0, "log", "step size α")
    beta: float = knob(0.9, 0.0, 1.0, says="memory β of the direction")
    gamma: float = knob(0.99, 0.0, 1.0, says="memory γ of the mean")
    decay: float = knob(0.0, 0.0, 10.0, says="decay λ of the parameters")

    def init(self, theta: Float[Array, "*d"]) -> State:
        """No gradient seen."""
        return State(jnp.zeros_like(theta))

    def step(self, state: State, g: Float[Array, "*d"], theta: Float[Array, "*d"]) -> tuple[State, Float[Array, "*d"]]:
        """The direction, the decay, the mean."""
        α, β, γ, λ = self.lr, self.beta, self.gamma, self.decay
        update = -α * (jnp.sign(β * state.v + (1 - β) * g) + λ * theta)
        v = γ * state.v + (1 - γ) * g
        return State(v), update
