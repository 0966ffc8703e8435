"""What the layers of a network give for one example, and the network opened at one of them.

A network is a sequence of functions, or anything with a method `forward(x, run)` that calls `run(layer, x)` for each of its
layers; a layer that has such a method itself is looked into as well.

Book: 6.7.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.interpret.grad_cam import class_map
from gradiens.interpret.score import score_of

Run = Callable[[Any, Array], Array]


class Seen(NamedTuple):
    """One layer, what it got and what it gave."""

    layer: Any
    input: Array
    output: Array


def forward(network: Any, x: Array, run: Run) -> Array:
    """The network's output, every layer applied by `run`."""
    inner = getattr(network, "forward", None)
    if inner is not None:
        return inner(x, run)
    if not isinstance(network, Sequence) or not network:
        raise Mistake("a sequence of layers, or a network with forward(x, run)", type(network).__name__)
    for layer in network:
        x = run(layer, x)
    return x


def feature_maps(network: Any, x: Float[Array, "*n"]) -> list[Seen]:
    """Every layer with its input and output, in the order in which they end; the inner layers of one come before it.

    Raises `Mistake` for what has no layers.

    Book: 6.7.
    """
    found: list[Seen] = []

    def run(layer: Any, x: Array) -> Array:
        y = forward(layer, x, run) if hasattr(layer, "forward") else layer(x)
        found.append(Seen(layer, x, y))
        return y

    forward(network, x, run)
    return found


def opened(network: Any, place: int) -> Callable[[Array, Array], tuple[Array, Array]]:
    """(x, e) ↦ the network's output when e is added to the output of layer `place` of `feature_maps`, and that output.

    The derivative in e at 0 is that in the layer's output, wherever the layer stands.
    """

    def f(x: Array, e: Array) -> tuple[Array, Array]:
        at: list[Array] = []
        count = 0

        def run(layer: Any, x: Array) -> Array:
            nonlocal count
            y = forward(layer, x, run) if hasattr(layer, "forward") else layer(x)
            if count == place:
                at.append(y)
                y = y + e
            count += 1
            return y

        return forward(network, x, run), at[0]

    return f


def grad_cam_at(network: Any, place: int, x: Float[Array, "*n"], c: int | Array | None = None) -> Float[Array, "H W"]:
    """Grad-CAM of layer `place` of `feature_maps`, also where the network is no composition of two parts.

    Book: 6.7.  Source: Selvaraju et al. (2017).
    """
    seen = feature_maps(network, x)
    if not 0 <= place < len(seen) or seen[place].output.ndim != 3:
        raise Mistake("the place of a layer that gives maps", place, f"the network has {len(seen)} layers")
    e = jax.numpy.zeros_like(seen[place].output)
    f = opened(network, place)
    A = f(x, e)[1]
    return class_map(A, jax.grad(score_of(lambda e: f(x, e)[0], c))(e))
