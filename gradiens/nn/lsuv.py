"""Layer-sequential unit variance: weights scaled, layer by layer, until every layer's outputs have variance 1 on given data.

    for l = 1, …, L:   Z = W[l] a[l-1] + b[l],   W[l]' = W[l] / √(Var Z),   b[l]' = b[l] / √(Var Z)

The variance is over all examples and units. No assumption on the inputs or on the activation is needed, where Glorot's and He's
starts assume independence and a linear or a relu layer: the data themselves tell the scale.

Book: 5.5.  Source: Mishkin & Matas (2016), Algorithm 1; one division is exact for layers that are affine in W and b together.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Failure, Mistake
from gradiens.nn.batched import Composite, on_batch
from gradiens.nn.half_precision import HalfPrecision
from gradiens.nn.initialisers import orthogonal

KIND = ""  # of a whole model and of data: no initialiser of one weight


def lsuv(model: Any, X: Float[Array, "B ..."], key: Array | None = None) -> Any:
    """`model` (an `MLP`, a `Chain` or another `Composite`) with every affine layer scaled on the batch X.

    With a key the weights are drawn orthogonal first, as in the source; without one the model's own are scaled.
    Raises `Failure` where the outputs of a layer do not vary over X.

    Book: 5.5.  Source: Mishkin & Matas (2016).
    """
    if not isinstance(model, Composite):
        raise Mistake("a network of layers: an MLP, a Chain or another Composite", type(model).__name__)
    scaled, stds = _walk(model, X, key)
    if not stds:
        raise Mistake("a network with weights", "none")
    for number, std in enumerate(np.asarray(jnp.stack(stds)), start=1):
        if not (np.isfinite(std) and std > 0):
            raise Failure(
                f"the outputs of layer {number} do not vary over the batch", "start from weights that are not 0"
            )
    return scaled


@eqx.filter_jit
def _walk(model: Any, X: Array, key: Array | None) -> tuple[Any, list[Array]]:
    """The model scaled, and what each layer was divided by."""
    run = _Scaling(key)
    run(model, X)
    return run.scaled(model), run.stds


class _Scaling:
    """Each layer on the batch, scaled where it is affine; it remembers what became of it."""

    def __init__(self, key: Array | None):
        self.key, self.seen, self.stds = key, {}, []

    def __call__(self, layer: Any, X: Array) -> Array:
        if isinstance(layer, HalfPrecision):  # its network has the weights
            return self(layer.network, X)
        if isinstance(layer, Composite):
            return layer.forward(X, self)
        if getattr(layer, "W", None) is None:
            return on_batch(layer, X)[0]
        if id(layer) not in self.seen:  # a layer that is used twice is scaled at its first use
            self.seen[id(layer)] = layer, self._scaled(layer, X)
        return on_batch(self.seen[id(layer)][1], X)[0]

    def _scaled(self, layer: Any, X: Array) -> Any:
        if self.key is not None:
            W = orthogonal(jax.random.fold_in(self.key, len(self.seen)), layer.W.shape).astype(layer.W.dtype)
            layer = eqx.tree_at(lambda layer: layer.W, layer, W)
        self.stds.append(std := jnp.std(on_batch(layer, X)[0]))
        return jax.tree.map(lambda leaf: leaf / std, layer)

    def scaled(self, model: Any) -> Any:
        """The model with the scaled layers in their places."""
        known = lambda node: id(node) in self.seen  # noqa: E731
        return jax.tree.map(lambda node: self.seen[id(node)][1] if known(node) else node, model, is_leaf=known)
