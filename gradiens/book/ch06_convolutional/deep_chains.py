"""Deep chains of dense layers, plain and with shortcuts: gradients before training, and training.

    plain      h ← relu(W h + b)          residual   h ← h + relu(W h + b)      in every layer that keeps the width

Both have the same weights. The layers that keep the width are stacked on a leading axis and applied one after the other: so a
program of one layer is compiled, and not of fifty.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.iterate import iterate
from gradiens.data.sets.digits import digits
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.nn.batched import on_batch
from gradiens.nn.chain import Chain
from gradiens.nn.dense import Dense
from gradiens.nn.residual import Residual
from gradiens.optim.adam import Adam
from gradiens.optim.descent import Descent
from gradiens.train.epochs import Epochs

NAMES = ("plain", "residual")
LAYERS, WIDTH = 50, 64  # of the chains whose gradients are measured
TRAINED_LAYERS, TRAINED_WIDTH = 20, 32
RATE, BATCH = 1e-3, 50


class Trained(NamedTuple):
    """The training loss after each epoch, and the share of the images read rightly in the end; by chain and seed."""

    losses: Float[np.ndarray, "2 S E"]
    accuracy: Float[np.ndarray, "2 S"]


class Deep(NamedTuple):
    """A layer to the width of the chain, the layers that keep it on a leading axis, and a layer to the outputs."""

    first: Chain
    inner: Any
    last: Dense


def gradient_norms(keys: Array) -> Float[np.ndarray, "2 S L"]:
    """‖∂(δ'f(x))/∂W_l‖ for each layer of chains with weights of variance 1/64, x drawn from N(0, I) and δ of length 1."""

    def norms(key: Array) -> Array:
        start, at, towards = jax.random.split(key, 3)
        x, δ = jax.random.normal(at, (WIDTH,)), jax.random.normal(towards, (WIDTH,))
        cost = lambda chain: δ / jnp.linalg.norm(δ) @ _through(chain, x[None])[0]  # noqa: E731
        plain = _inner(LAYERS, WIDTH, 1.0, start)
        return jnp.stack([_lengths(jax.grad(cost)(chain)) for chain in (plain, Residual(plain))])

    return np.asarray(jax.jit(jax.vmap(norms, out_axes=1))(keys))


def _lengths(g: Any) -> Float[Array, " L"]:
    """The norm of each layer's matrix."""
    (W,) = [leaf for leaf in jax.tree.leaves(g) if leaf.ndim == 3]
    return jnp.sqrt(jnp.sum(W**2, axis=(1, 2)))


def trained(keys: Array, epochs: int) -> Trained:
    """Both chains on the small digits, by seed: the same weights at the start, of variance 1/(3n), and the same order of the
    rows."""
    data = digits()
    x = jnp.asarray(data.pixels.reshape(len(data.pixels), -1) / data.maximum, jnp.float32)
    rows = x, jnp.asarray(data.labels, jnp.int32)
    plain = jax.jit(jax.vmap(lambda key: _deep(x.shape[1], len(data.classes), key)))(keys)
    plain = jax.tree.map(lambda leaf: leaf.astype(jnp.float32), plain)
    losses, accuracies = [], []
    for name, starts in zip(NAMES, (plain, plain._replace(inner=Residual(plain.inner))), strict=True):
        epoch = Epochs(Descent(_cost, Adam(RATE)), rows, BATCH, _judged, rows)
        outcome = iterate(epoch, starts, steps=epochs, key=keys, start_axis=0, keep=None, name=name)
        loss, accuracy = (np.asarray(seen).T for seen in outcome.trace)
        losses.append(loss)
        accuracies.append(accuracy[:, -1])
    return Trained(np.stack(losses), np.stack(accuracies))


def _deep(inputs: int, outputs: int, key: Array) -> Deep:
    """Twenty layers."""
    first, inner, last = jax.random.split(key, 3)
    spread = 1 / np.sqrt(3)
    chain = _inner(TRAINED_LAYERS - 2, TRAINED_WIDTH, spread, inner)
    start = Chain.make(_dense(inputs, TRAINED_WIDTH, spread, first), "relu")
    return Deep(start, chain, _dense(TRAINED_WIDTH, outputs, spread, last))


def _inner(layers: int, width: int, spread: float, key: Array) -> Chain:
    """Plain layers that keep the width, on a leading axis."""
    make = lambda key: Chain.make(_dense(width, width, spread, key), "relu")  # noqa: E731
    return jax.vmap(make)(jax.random.split(key, layers))


def _dense(n: int, m: int, spread: float, key: Array) -> Dense:
    """Weights N(0, spread/√n) for n inputs, biases 0."""
    return Dense(jax.random.normal(key, (m, n)) * spread / jnp.sqrt(n), jnp.zeros(m))


def _through(inner: Any, X: Float[Array, "B n"]) -> Float[Array, "B n"]:
    """One layer after the other on a batch."""
    return jax.lax.scan(lambda X, layer: (on_batch(layer, X)[0], None), X, inner)[0]


def _logits(network: Deep, X: Float[Array, "B n"]) -> Float[Array, "B K"]:
    return on_batch(network.last, _through(network.inner, on_batch(network.first, X)[0]))[0]


def _cost(network: Deep, rows: tuple[Array, Array]) -> Float[Array, ""]:
    x, y = rows
    return jnp.mean(jax.vmap(categorical_cross_entropy)(_logits(network, x), y))


def _judged(network: Deep, rows: tuple[Array, Array]) -> tuple[Array, Array]:
    z, y = _logits(network, rows[0]), rows[1]
    loss = jnp.mean(jax.vmap(categorical_cross_entropy)(z, y))
    return loss, jnp.mean(jnp.argmax(z, axis=1).astype(y.dtype) == y, dtype=jnp.float32)
