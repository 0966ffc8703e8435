"""Style transfer: the picture is what is trained, the network is held fixed.

    x' = x - step of (α content(x) + β style(x) + γ roughness(x)),     x begins as the content picture

A picture with the things of one and the strokes of another: maps deep in the network say what is there, Gram matrices of maps
at all depths say how it is painted.

Book: 6.8.  Source: Gatys et al. (2016), section 2.3; by ADAM instead of L-BFGS.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Failure, Mistake
from gradiens.core.iterate import iterate
from gradiens.core.module import Module
from gradiens.functions.style import Features, Goal, Maps
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.optim.adam import Adam
from gradiens.optim.descent import Descent

KIND = "training"

Pixels = Float[Array, "C H W"] | Float[np.ndarray, "C H W"]


@dataclasses.dataclass(frozen=True)
class Depths:
    """The maps that come out of each activation behind a convolution of a chain, from the first to the `last`-th."""

    network: Chain
    last: int = 3

    def __call__(self, x: Maps) -> tuple[Maps, ...]:
        """The maps of one picture."""
        found, fresh = [], False
        for block in self.network.blocks:
            x = block(x)
            if isinstance(block, Conv2d):
                fresh = True
            elif fresh:
                found.append(x)
                fresh = False
            if len(found) == self.last:
                break
        if not found:
            raise Mistake("a chain with a convolution and an activation behind it", "none")
        return tuple(found)


class Painting(Module):
    """`step(x, t)`: one step of the descent on the pixels of x towards the goal."""

    descent: Descent
    goal: Goal

    def init(self, x: Maps) -> Any:
        """No step taken from the picture x."""
        return self.descent.init(x)

    def step(self, state: Any, t: Any) -> tuple[Any, Any]:
        """Cost, gradient in the pixels, update."""
        return self.descent.step(state, self.goal)


def transfer(
    features: Features,
    content: Pixels,
    style: Pixels,
    steps: int = 200,
    lr: float = 0.02,
    weights: tuple[float, float, float] = (1.0, 1e3, 0.1),
    at: int = -1,
    quiet: bool | None = None,
) -> tuple[Float[np.ndarray, "C H W"], Float[np.ndarray, " steps"]]:
    """The made picture, within the range of the content's and the style's pixels, and the cost of every step.

    `features(x)` are the maps of a fixed network, `weights` α, β and γ, `at` the depth of the content. The style may have
    another size than the content. Raises `Failure` where the cost stops being finite.

    Book: 6.8.  Source: Gatys et al. (2016), section 2.3.
    """
    x, other = jnp.asarray(content), jnp.asarray(style)
    goal = jax.jit(lambda x, other: Goal.make(features, x, other, at, weights))(x, other)
    painting = Painting(Descent(_Cost(features), Adam(lr)), goal)
    outcome = iterate(painting, x, steps=steps, record=_loss, keep=None, name="style", quiet=quiet)
    if outcome.stopped == "nan":
        raise Failure(f"the picture diverged: {outcome.says}", "try a smaller step size")
    low, high = (f([f(np.asarray(pixels)) for pixels in (content, style)]) for f in (np.min, np.max))
    return np.clip(np.asarray(outcome.state.theta), low, high), np.asarray(outcome.trace)


@dataclasses.dataclass(frozen=True, eq=False)
class _Cost:
    features: Features

    def __call__(self, x: Maps, goal: Goal) -> Float[Array, ""]:
        return goal.cost(self.features, x)


def _loss(state: Any, info: Any) -> Array:
    return info.loss
