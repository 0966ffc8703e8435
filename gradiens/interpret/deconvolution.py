"""Deconvolution view: a feature map carried back to the pixels, with a rule of its own where the network has a relu.

    derivative     δ = [z > 0] ⊙ ε
    deconvolution  δ = relu(ε)
    guided         δ = [z > 0] ⊙ relu(ε)

ε is what comes back from above, z what the relu got on the way up; through every other layer goes its derivative, so a
convolution is transposed and max pooling sends each number to the place of its maximum. The start is the largest number of
one map, all others 0.

Book: 6.7.  Source: Zeiler & Fergus (2014), section 2.1; Springenberg et al. (2015), figure 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake, known
from gradiens.functions.activations import relu
from gradiens.interpret.layers import forward

Rule = Callable[[Array, Array], Array]

RULES: dict[str, Rule] = {
    "derivative": lambda z, ε: jnp.where(z > 0, ε, 0),
    "deconvolution": lambda z, ε: relu(ε),
    "guided": lambda z, ε: jnp.where(z > 0, relu(ε), 0),
}


def deconvolved(
    network: Any, x: Float[Array, "*n"], unit: int | Array, rule: str = "deconvolution"
) -> Float[Array, "*n"]:
    """The view of map (or number) `unit` of the network's output, shaped like x.

    `network` ends at the layer that is looked at; its relu are layers of their own, with the field `activation`. Raises
    `Mistake` for an unknown rule, or a unit that is not there.

    Book: 6.7.  Source: Zeiler & Fergus (2014), section 2.1; Springenberg et al. (2015).
    """
    back = RULES[known("rule", rule, RULES)]
    y, pull = jax.vjp(lambda x: forward(network, x, lambda layer, x: _run(layer, x, back)), x)
    if isinstance(unit, int) and not 0 <= unit < y.shape[0]:
        raise Mistake(f"a unit from 0 to {y.shape[0] - 1}", unit)
    mine = y[unit]
    largest = jnp.arange(mine.size).reshape(mine.shape) == jnp.argmax(mine)
    return pull(jnp.zeros_like(y).at[unit].set(jnp.where(largest, mine, 0)))[0]


def _run(layer: Any, x: Array, back: Rule) -> Array:
    if getattr(layer, "activation", None) is relu and not hasattr(layer, "layers"):
        return _relu(back)(x)
    if hasattr(layer, "forward"):
        return forward(layer, x, lambda layer, x: _run(layer, x, back))
    return layer(x)


def _relu(back: Rule) -> Callable[[Array], Array]:
    """relu with `back` in the place of its derivative."""

    @jax.custom_vjp
    def f(z: Array) -> Array:
        return relu(z)

    f.defvjp(lambda z: (relu(z), z), lambda z, ε: (back(z, ε),))
    return f
