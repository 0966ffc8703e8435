"""A network on one example, and on a batch as it trains, from one description.

    f(x)                     one example, by the running averages, without noise
    infer(f, X)              the same for each example of a batch
    on_batch(f, X, key)      a batch, by its own averages, with noise by the key; and f with its running averages moved on

A layer that does to a batch what it does to its examples needs nothing; where it has a faster way for many at once, that is its
`on_batch`, and it says `ALIKE`. Batch normalisation and dropout have an `on_batch` that is another thing. A network of layers
states what it does once, in `forward`, and calls every layer through `run`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
from jaxtyping import Array

from gradiens.core.module import Module

Run = Callable[[Any, Any], Any]


def on_batch(layer: Any, X: Any, key: Array | None = None) -> tuple[Any, Any]:
    """`(Y, layer')`: the batch X through `layer` as it trains, and the layer with its running averages moved on.

    Without a key there is no noise.
    """
    own = getattr(layer, "on_batch", None)
    return own(X, key) if own else (jax.vmap(layer)(X), layer)


def infer(layer: Any, X: Any) -> Any:
    """Y of f(x) for each example x of the batch X: no averages of the batch, no noise."""
    if isinstance(layer, Composite):
        return layer.forward(X, infer)
    return layer.on_batch(X)[0] if getattr(layer, "ALIKE", False) else jax.vmap(layer)(X)


class Composite(Module):
    """A network of layers: `forward` says what it does to x, one example or a batch, with `run(layer, x)` for each layer.

    What stands between the layers must be right for both: sums, activations, axes counted from the end.
    """

    def forward(self, x: Any, run: Run) -> Any:
        """The output for x."""
        raise NotImplementedError

    def __call__(self, x: Any, key: Array | None = None) -> Any:
        """One example; without a key there is no noise."""
        return self.forward(x, _Single(key))

    def on_batch(self, X: Any, key: Array | None = None) -> tuple[Any, Any]:
        """A batch as it trains, and the network with its running averages moved on."""
        run = _Batch(key)
        Y = self.forward(X, run)
        return Y, run.moved(self)


class _Single:
    """Each layer on one example, with a key of its own."""

    def __init__(self, key: Array | None):
        self.key, self.calls = key, 0

    def __call__(self, layer: Any, x: Any) -> Any:
        self.calls += 1
        return layer(x) if self.key is None else layer(x, key=jax.random.fold_in(self.key, self.calls))


class _Batch:
    """Each layer on a batch, with a key of its own; it remembers what became of them."""

    def __init__(self, key: Array | None):
        self.key, self.calls, self.seen = key, 0, {}

    def __call__(self, layer: Any, X: Any) -> Any:
        self.calls += 1
        now = self.seen.get(id(layer), (layer, layer))[1]  # a layer that is called again goes on from where it came
        Y, after = on_batch(now, X, None if self.key is None else jax.random.fold_in(self.key, self.calls))
        if after is not now:
            self.seen[id(layer)] = layer, after  # the layer too: its id must stay its own
        return Y

    def moved(self, network: Any) -> Any:
        """The network with what became of its layers in their places."""
        return jax.tree.map(
            lambda node: self.seen[id(node)][1] if id(node) in self.seen else node,
            network,
            is_leaf=lambda node: id(node) in self.seen,
        )
