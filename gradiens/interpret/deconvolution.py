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

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake, known
from gradiens.functions.activations import relu
from gradiens.interpret.layers import forward
from gradiens.interpret.score import floating, present

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

    `network` ends at the layer that is looked at. The rule is for relu that are layers of their own, with no other field than
    `activation`; one that a layer applies within itself, as an MLP does, keeps its derivative. Raises `Mistake` for an unknown
    rule, one other than "derivative" for a network without a relu layer, a unit that is not there, and an input that is not
    of floating-point numbers.

    Book: 6.7.  Source: Zeiler & Fergus (2014), section 2.1; Springenberg et al. (2015).
    """
    back = RULES[known("rule", rule, RULES)]
    floating(x)
    met: list[Any] = []

    def run(layer: Any, x: Array) -> Array:
        if _is_relu(layer):
            met.append(layer)
            return _relu(back)(x)
        return forward(layer, x, run) if hasattr(layer, "forward") else layer(x)

    y, pull = jax.vjp(lambda x: forward(network, x, run), x)
    if not met and rule != "derivative":
        raise Mistake(
            "a network with relu layers, which the rule is for", type(network).__name__, "or rule='derivative'"
        )
    if not present(unit, y.shape[0]):
        raise Mistake(f"a unit from 0 to {y.shape[0] - 1}", unit)
    mine = y[unit]
    largest = jnp.arange(mine.size).reshape(mine.shape) == jnp.argmax(mine)
    return pull(jnp.zeros_like(y).at[unit].set(jnp.where(largest, mine, 0)))[0]


def _is_relu(layer: Any) -> bool:
    """Is it nothing but relu?"""
    fields = dataclasses.fields(layer) if dataclasses.is_dataclass(layer) else ()
    return [field.name for field in fields] == ["activation"] and layer.activation is relu  # pyright: ignore


def _relu(back: Rule) -> Callable[[Array], Array]:
    """relu with `back` in the place of its derivative."""

    @jax.custom_vjp
    def f(z: Array) -> Array:
        return relu(z)

    f.defvjp(lambda z: (relu(z), z), lambda z, ε: (back(z, ε),))
    return f
