"""NADAM: Adam with Nesterov momentum: the mean of the step to come, made with the present gradient.

    t' = t + 1
    v' = β v + (1 - β) g
    s' = γ s + (1 - γ) g²,  ŝ = s' / (1 - γ^(t'))
    v̂ = β v' / (1 - β^(t' + 1)) + (1 - β) g / (1 - β^(t'))
    θ' = θ - α v̂ / (√ŝ + ε)

Book: 4.4.  Source: Dozat (2016), Algorithm 2, with a constant β and without its factor γ of ŝ, which is Optax's form. PyTorch
lets β grow, μₜ = β (1 - 0.96^(t ψ) / 2), inside v̂ only: the same as ψ → ∞.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.optim.adam import Adam, State


class Nadam(Adam):
    """Adam that looks ahead. The first step is (1 + β/(1+β)) α a coordinate when ε = 0.

    Book: 4.4.  Source: Dozat (2016).
    """

    def step(self, state: State, g: Float[Array, "*d"], theta: Float[Array, "*d"]) -> tuple[State, Float[Array, "*d"]]:
        """The two means, their corrections, the update."""
        α, β, γ, ε = self.lr, self.beta, self.gamma, self.eps
        t = state.t + 1
        n = t.astype(g.dtype)
        v = β * state.v + (1 - β) * g
        s = γ * state.s + (1 - γ) * g**2
        s_hat = s / (1 - γ**n)
        v_hat = β * v / (1 - β ** (n + 1)) + (1 - β) * g / (1 - β**n)
        return State(t, v, s), -α * v_hat / (jnp.sqrt(s_hat) + ε)
