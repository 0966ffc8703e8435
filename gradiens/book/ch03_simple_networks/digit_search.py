"""A search over the settings of softmax regression on small digits: every setting and every fold in one sweep.

A lane is one setting on one fold. All lanes of a batch size descend side by side, each on the minibatches of its own
training rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.core.iterate import iterate
from gradiens.core.module import Module, knob
from gradiens.data.folds import Fold, stratified_k_fold
from gradiens.data.minibatch import Minibatches
from gradiens.evaluation.selection import choose
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.functions.metrics import accuracy, log_loss
from gradiens.nn.regression import softmax_regression
from gradiens.optim.descent import Descent
from gradiens.optim.range_test import RangeTest, range_test
from gradiens.optim.sgd import SGD

Settings = Sequence[dict[str, Any]]  # each with rate, batch, l2


class Lane(Module):
    """Stochastic gradient descent on the mean cross-entropy and (λ/2)‖W‖², on the minibatches of one fold."""

    x: Float[Array, "N D"]
    y: Int[Array, " N"]
    rate: float = knob(0.1, 1e-8, 100.0, "log", "step size α")
    l2: float = knob(0.0, 0.0, 100.0, says="penalty λ")
    fold: float = knob(0.0, 0.0, 1e6, says="which of the folds")

    def init(self, network: Any) -> Any:
        """The descent's state at the network."""
        return self._descent().init(network)

    def step(self, state: Any, rows: Int[Array, "F B"]) -> tuple[Any, Any]:
        """One step on the minibatch of this fold."""
        own = rows[jnp.asarray(self.fold, jnp.int32)]
        return self._descent().step(state, (self.x[own], self.y[own]))

    def _descent(self) -> Descent:
        def cost(network: Any, batch: tuple[Array, Array]) -> Float[Array, ""]:
            x, y = batch
            W = network.layers[0].W
            loss = jnp.mean(jax.vmap(categorical_cross_entropy)(jax.vmap(network)(x), y))
            return loss + jnp.asarray(self.l2, W.dtype) / 2 * jnp.sum(W**2)

        return Descent(cost, SGD(self.rate))


class Search(NamedTuple):
    """Validation losses, which setting they choose, and the test accuracy of every setting refitted on all other rows."""

    losses: Float[np.ndarray, "S k"]
    chosen: int
    test: Float[np.ndarray, " S"]


def search(x: np.ndarray, y: np.ndarray, parts: Fold, settings: Settings, folds: int, epochs: int, seed: int) -> Search:
    """Of `parts`, the rows to learn from and the test rows: cross-validate every setting on the first, refit, test."""
    rest, test = parts
    cut = [(rest[train], rest[val]) for train, val in stratified_k_fold(y[rest], folds, seed)]
    losses, final = np.empty((len(settings), folds)), np.empty(len(settings))
    for batch in sorted({setting["batch"] for setting in settings}):
        here = [s for s, setting in enumerate(settings) if setting["batch"] == batch]
        those = [settings[s] for s in here]
        found = _train(x, y, cut, those, batch, epochs, seed)
        for i, (_, val) in enumerate(cut):
            losses[here, i] = [log_loss(y[val], p) for p in _probabilities(found[i], x[val])]
        refitted = _train(x, y, [(rest, test)], those, batch, epochs, seed)[0]
        final[here] = [accuracy(y[test], p.argmax(1)) for p in _probabilities(refitted, x[test])]
    return Search(losses, choose(losses), final)


def tested_rates(x: np.ndarray, y: np.ndarray, rows: np.ndarray, batch: int, seed: int) -> RangeTest:
    """The range test of softmax regression on these rows: two hundred minibatches, steps from 1e-3 to 100."""
    inputs, labels, feed = jnp.asarray(x), jnp.asarray(y), Minibatches(len(rows), batch, seed)
    network = _network(x, y)

    def loss(network: Any, own: Array) -> Float[Array, ""]:
        return jnp.mean(jax.vmap(categorical_cross_entropy)(jax.vmap(network)(inputs[own]), labels[own]))

    of_rows = lambda first, last: rows[feed(first, last)].astype(np.int32)  # noqa: E731
    return range_test(loss, network, SGD(), 1e-3, 100.0, feed=of_rows)


def _network(x: np.ndarray, y: np.ndarray) -> Any:
    network = softmax_regression(x.shape[1], int(y.max()) + 1, jax.random.key(0))
    return jax.tree.map(lambda leaf: leaf.astype(x.dtype), network)


class Weights(NamedTuple):
    """Of the lanes of one fold, one for each setting."""

    W: Float[np.ndarray, "L K D"]
    b: Float[np.ndarray, "L K"]


def _train(
    x: np.ndarray, y: np.ndarray, cut: Sequence[Fold], settings: Settings, batch: int, epochs: int, seed: int
) -> list[Weights]:
    """The weights by fold after so many epochs, all lanes at once."""
    feeds = [Minibatches(len(train), batch, seed) for train, _ in cut]

    def rows(first: int, last: int) -> np.ndarray:
        return np.stack([train[feed(first, last)] for (train, _), feed in zip(cut, feeds, strict=True)], 1).astype(
            np.int32
        )

    folds, lanes = len(cut), len(settings)
    rate, l2 = (np.tile([setting[name] for setting in settings], folds).astype(x.dtype) for name in ("rate", "l2"))
    of_fold = np.repeat(np.arange(folds), lanes).astype(x.dtype)
    lane = Lane(jnp.asarray(x), jnp.asarray(y), *map(jnp.asarray, (rate, l2, of_fold)))  # pyright: ignore
    network = _network(x, y)
    steps = epochs * max(feed.steps_per_epoch for feed in feeds)
    layer = iterate(lane, network, steps=steps, feed=rows, keep=0, quiet=True).state.theta.layers[0]
    W, b = (np.asarray(leaf, np.float64).reshape(folds, lanes, *leaf.shape[1:]) for leaf in (layer.W, layer.b))
    return [Weights(*pair) for pair in zip(W, b, strict=True)]


def _probabilities(weights: Weights, x: np.ndarray) -> Float[np.ndarray, "L N K"]:
    z = np.einsum("nd,lkd->lnk", x, weights.W, optimize=True) + weights.b[:, None]
    p = np.exp(z - z.max(2, keepdims=True))
    return p / p.sum(2, keepdims=True)
