"""Batch normalisation: each unit shifted and scaled to mean β and standard deviation γ over the batch.

    training    y = γ (x - m) / √(v + ε) + β,  m and v the batch's mean and variance (divided by B)
                μ' = ρ μ + (1-ρ) m,  σ²' = ρ σ² + (1-ρ) v
    inference   y = γ (x - μ) / √(σ² + ε) + β,  which one example determines alone

A unit is a number, or a map: x may be (n,) or (n, H, W), and the mean is then over the batch and the map.

Book: 5.6.  Source: Ioffe & Szegedy (2015); the running variance is the biased one.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module, buffer, knob
from gradiens.functions.batch_normal import batch_normal


class BatchNorm(Module):
    """Two trained numbers a unit (γ, β) and two running averages, which are not trained.

    Book: 5.6.  Source: Ioffe & Szegedy (2015).
    """

    gamma: Float[Array, " n"]
    beta: Float[Array, " n"]
    mean: Float[Array, " n"] = buffer()
    var: Float[Array, " n"] = buffer()
    eps: float = knob(1e-5, 0.0, 1.0, "log", "floor ε of the variance")
    memory: float = knob(0.9, 0.0, 1.0, says="memory ρ of the running averages")

    @classmethod
    def make(cls, n: int, eps: float = 1e-5, memory: float = 0.9) -> BatchNorm:
        """n units, as the identity (up to ε)."""
        return cls(jnp.ones(n), jnp.zeros(n), jnp.zeros(n), jnp.ones(n), eps, memory)

    @classmethod
    def example(cls, key: Array) -> tuple[BatchNorm, Array]:
        """A small layer and an input for it."""
        return cls.make(3), jax.random.normal(key, (3,))

    def __call__(self, x: Float[Array, "n *window"], key: Array | None = None) -> Float[Array, "n *window"]:
        """One example, by the running averages."""
        each = (slice(None), *[None] * (x.ndim - 1))  # one number for each map
        γ, β, ε = self.gamma[each], self.beta[each], self.eps
        return γ * (x - self.mean[each]) / jnp.sqrt(self.var[each] + ε) + β

    def on_batch(
        self, X: Float[Array, "B n *window"], key: Array | None = None
    ) -> tuple[Float[Array, "B n *window"], BatchNorm]:
        """A batch by its own mean and variance, and the layer with its running averages moved on.

        Raises `Mistake` for one number a unit: it has no variance.
        """
        if X.size == X.shape[1]:
            raise Mistake("more than one number a unit in a batch", f"shape {X.shape}", "take a larger batch")
        ρ = self.memory
        Y, m, v = batch_normal(X, self.gamma, self.beta, self.eps)
        m, v = jax.lax.stop_gradient((m, v))
        return Y, self._with(ρ * self.mean + (1 - ρ) * m, ρ * self.var + (1 - ρ) * v)

    @property
    def flops(self) -> int:
        """Six operations a unit: two differences or sums with x, ε, a root, a product, a quotient."""
        return 6 * self.gamma.size

    def _with(self, mean: Array, var: Array) -> BatchNorm:
        return BatchNorm(self.gamma, self.beta, mean, var, self.eps, self.memory)
