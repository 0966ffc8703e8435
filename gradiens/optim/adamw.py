"""ADAMW: Adam, and the parameters shrink by themselves, not through the gradient.

    t' = t + 1
    v' = β v + (1 - β) g,   v̂ = v' / (1 - β^(t'))
    s' = γ s + (1 - γ) g²,  ŝ = s' / (1 - γ^(t'))
    θ' = θ - α v̂ / (√ŝ + ε) - α λ θ

Under gradient descent this is an L2 penalty; under Adam it is not, because a penalty's gradient would be divided by √ŝ.

Book: 4.3, 5.7.  Source: Loshchilov & Hutter (2019), Algorithm 2, with λ scaled by α as in PyTorch and Optax.
"""

from __future__ import annotations

from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.adam import Adam, State


class AdamW(Adam):
    """Adam with decoupled weight decay, on all parameters; λ = 0 is Adam.

    Book: 4.3, 5.7.  Source: Loshchilov & Hutter (2019).
    """

    decay: float = knob(0.01, 0.0, 10.0, says="decay λ of the parameters")

    def step(self, state: State, g: Float[Array, "*d"], theta: Float[Array, "*d"]) -> tuple[State, Float[Array, "*d"]]:
        """Adam's update, and the decay."""
        α, λ = self.lr, self.decay
        state, update = super().step(state, g, theta)
        return state, update - α * λ * theta
