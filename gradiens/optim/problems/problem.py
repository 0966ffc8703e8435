"""A problem: a cost C(θ) with a start, and with what is known of its minima.

    C(θ) = loss(z(θ)),   z the outputs (residuals, margins)        for a `CompositeProblem`
    C(θ) = Σᵢ rᵢ(θ)²                                               for a `LeastSquares`
    C(θ) = (1/N) Σᵢ Cᵢ(θ)                                          for every one, by its `terms`

What is known is given in double precision whatever the precision of the run. `cost()` is the problem as the methods take it,
and its numbers are data of the program: another condition number recompiles nothing.

Book: 4.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.module import Module
from gradiens.optim.cost import Cost, cost_of

Box = tuple[tuple[float, float], ...]


class Problem(Module):
    """Base of all problems: a function of one vector θ ∈ ℝᵈ."""

    def __call__(self, theta: Float[Array, "d"]) -> Float[Array, ""]:
        """C(θ)."""
        raise NotImplementedError

    @property
    def box(self) -> Box:
        """(low, high) of each coordinate: where it is drawn, and where random starts come from."""
        raise NotImplementedError

    def usual(self) -> Float[np.ndarray, "d"]:
        """The start that is usual for it."""
        raise NotImplementedError

    def minimisers(self) -> Float[np.ndarray, "k d"]:
        """The known local minimisers, the lowest first."""
        raise NotImplementedError

    @property
    def least(self) -> float:
        """The minimum, min C."""
        return 0.0

    @property
    def dimension(self) -> int:
        """d."""
        return len(self.box)

    def start(self, key: Array | None = None) -> Float[Array, "d"]:
        """The usual start; with a key one drawn evenly from the box."""
        if key is None:
            return jnp.asarray(self.usual(), jnp.result_type(float))
        low, high = jnp.asarray(self.box, jnp.result_type(float)).T
        return low + (high - low) * jax.random.uniform(key, low.shape)

    def terms(self, theta: Float[Array, "d"]) -> Float[Array, "N"]:
        """The Cᵢ(θ) whose mean is C(θ): one alone, unless the cost is that of examples."""
        return jnp.reshape(self(theta), (1,))

    def smoothness(self) -> float | None:
        """L with ‖∇C(a) - ∇C(b)‖ ≤ L ‖a - b‖ everywhere; None where there is none."""
        return None

    def strong_convexity(self) -> float | None:
        """μ > 0 with C(θ) - μ ‖θ‖²/2 convex; None where there is none."""
        return None

    def cost(self) -> Cost:
        """The problem as the methods take it."""
        return cost_of(_value, self.usual().astype(jnp.result_type(float)), (self,))


class CompositeProblem(Problem):
    """Base of the problems with outputs that a convex loss judges: those of Gauss-Newton and the natural gradient."""

    def outputs(self, theta: Float[Array, "d"]) -> Float[Array, "n"]:
        """z(θ)."""
        raise NotImplementedError

    @property
    def loss(self) -> Callable[[Any], Any]:
        """The loss of z, a function that may be compared."""
        raise NotImplementedError

    def __call__(self, theta: Float[Array, "d"]) -> Float[Array, ""]:
        """loss(z(θ))."""
        return self.loss(self.outputs(theta))

    def cost(self) -> Cost:
        """The problem as the methods take it, its outputs known."""
        return cost_of(_outputs, self.usual().astype(jnp.result_type(float)), (self,), loss=self.loss)


class LeastSquares(CompositeProblem):
    """Base of the problems whose cost is the sum of squared residuals."""

    def residuals(self, theta: Float[Array, "d"]) -> Float[Array, "n"]:
        """r(θ)."""
        raise NotImplementedError

    def outputs(self, theta: Float[Array, "d"]) -> Float[Array, "n"]:
        """r(θ)."""
        return self.residuals(theta)

    @property
    def loss(self) -> Callable[[Any], Any]:
        """Σ rᵢ²."""
        return squares


def squares(r: Float[Array, "n"]) -> Float[Array, ""]:
    """Σ rᵢ²."""
    return jnp.sum(r**2)


def like(values: Any, theta: Array) -> Array:
    """Numbers of a problem in the precision of θ."""
    return jnp.asarray(values, theta.dtype)


def _value(theta: Array, problem: Problem) -> Array:
    return problem(theta)


def _outputs(theta: Array, problem: CompositeProblem) -> Array:
    return problem.outputs(theta)
