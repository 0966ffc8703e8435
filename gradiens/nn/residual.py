"""A residual block: what a branch makes of x is added to x.

    y = x + F(x)

With F = 0 it is the identity, and its Jacobian is I + J_F: through a chain of such blocks a gradient always has a short way.

Book: 6.6.  Source: He et al. (2016), equation 1.
"""

from __future__ import annotations

from typing import Any

import jax
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.nn.batched import Composite, Run
from gradiens.nn.chain import Chain
from gradiens.nn.dense import Dense


class Residual(Composite):
    """x + F(x) for a layer or a chain F that keeps the shape of x; else a `Mistake`.

    Book: 6.6.  Source: He et al. (2016).
    """

    branch: Any

    @classmethod
    def example(cls, key: Array) -> tuple[Residual, Array]:
        """A small block and an input for it."""
        return cls(Chain.make(Dense.make(3, 3, key), "tanh")), jax.random.normal(key, (3,))

    def forward(self, x: Float[Array, "*shape"], run: Run) -> Any:
        """The output for x."""
        F = run(self.branch, x)
        if F.shape != x.shape:
            raise Mistake(f"a branch that keeps the shape {x.shape}", F.shape)
        return x + F
