"""One network with many activations: 784-64-64-10 on MNIST, all activations trained side by side on the same minibatches.

The cost of them all is the sum of their costs, so that each gets its own gradient, and ADAM treats every number by itself.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch05_feed_forward.digit_training import ONCE, Rows, digits, each, judge, seeds, single, unseen_digits
from gradiens.core.iterate import iterate
from gradiens.functions.activations import Activation, leaky_relu, named
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.nn.chain import Chain
from gradiens.nn.dense import Dense
from gradiens.nn.gated import Gated
from gradiens.nn.maxout import Maxout
from gradiens.nn.mlp import MLP
from gradiens.nn.prelu import PReLU
from gradiens.optim.adam import Adam
from gradiens.optim.descent import Descent
from gradiens.train.epochs import Epochs
from gradiens.train.layer_statistics import layer_statistics
from gradiens.train.training import batch_cost

SIZES = (784, 64, 64, 10)
BATCH, RATE, FAST = 100, 1e-3, 1e-1
WATCHED = 1000  # training images on which the cost is watched

FUNCTIONS: dict[str, Activation] = {
    **{name: named(name) for name in ("step", "sign", "sigmoid", "tanh", "relu")},
    "leaky relu 0.05": functools.partial(leaky_relu, alpha=0.05),
    "leaky relu 0.1": functools.partial(leaky_relu, alpha=0.1),
    **{name: named(name) for name in ("elu", "selu", "softplus", "gelu", "silu")},
}
TRAINED = ("step", "sign", "sigmoid", "tanh", "relu", "leaky relu 0.05", "leaky relu 0.1", "elu", "softplus", "prelu")
EVERY = (*TRAINED, "selu", "gelu", "silu", "maxout", "gated")  # of the long run


class Trained(NamedTuple):
    """By activation (TRAINED, or EVERY), epoch and seed: the cost of the first training images. By activation and seed: test
    accuracy. Of relu by rate (RATE, FAST) and seed: the share of hidden units that are 0 on all training images. Of the step
    and of σ, first seed, the norm of the gradient at the start, layer by layer; and the share of hidden σ and tanh units that
    saturate."""

    cost: Float[np.ndarray, "A E S"]
    accuracy: Float[np.ndarray, "A S"]
    dead: Float[np.ndarray, "2 S"]
    gradient: Float[np.ndarray, "2 3"]
    saturated: Float[np.ndarray, "2 S"]


def network(name: str, key: Array) -> Any:
    """784-64-64-10 with that activation, He's start; but for maxout and the gated unit the weights are the same for all."""
    if name in ("maxout", "gated"):
        kind, (one, two, three) = Maxout if name == "maxout" else Gated, jax.random.split(key, 3)
        hidden = kind.make(784, 64, one, init="he"), kind.make(64, 64, two, init="he")
        return Chain.make(*hidden, Dense.make(64, 10, three))
    if name == "prelu":
        one, two, three = MLP.make(SIZES, key, init="he").layers
        return Chain.make(one, PReLU.make(64), two, PReLU.make(64), three)
    return MLP.make(SIZES, key, FUNCTIONS[name], "he")


def trained(names: tuple[str, ...], images: int, config: Any, count: int, key: Array) -> Trained:
    """`count` seeds of each of these activations, and of relu at the fast rate."""
    (rows,), keys, test = digits(images), seeds(key, count), unseen_digits(config.unseen)
    start, cost = _train(names, RATE, config.epochs, rows, keys)
    fast, _ = _train(("relu",), FAST, config.epochs, rows, keys)
    told = functools.partial(each, lambda network, rows: layer_statistics(network, categorical_cross_entropy, *rows))
    relu, sigmoid, tanh = (start[names.index(name)] for name in ("relu", "sigmoid", "tanh"))
    first = [single(network(name, keys[0])) for name in ("step", "sigmoid")]
    slope = jax.jit(lambda one, x, y: layer_statistics(one, categorical_cross_entropy, x, y).gradient)
    gradient = [slope(one, rows[0][:BATCH], rows[1][:BATCH]) for one in first]
    right = each(lambda networks, test: [judge(one, test)[1] for one in networks], start, test)
    return Trained(
        cost=cost,
        accuracy=np.stack(right),
        dead=np.stack([np.mean(told(some, rows).dead[:, :2], axis=1) for some in (relu, fast[0])]),
        gradient=np.stack(gradient),
        saturated=np.stack([np.mean(told(some, rows).saturated[:, :2], axis=1) for some in (sigmoid, tanh)]),
    )


def _train(
    names: tuple[str, ...], rate: float, epochs: int, rows: Rows, keys: Array
) -> tuple[tuple[Any, ...], Float[np.ndarray, "A E S"]]:
    """The trained networks, seeds on a leading axis, and the costs after each epoch."""
    make = jax.jit(jax.vmap(lambda key: tuple(network(name, key) for name in names)), compiler_options=ONCE)
    algorithm = Epochs(Descent(_total, Adam(rate)), rows, BATCH, _each, (rows[0][:WATCHED], rows[1][:WATCHED]))
    done = iterate(
        algorithm, single(make(keys)), steps=epochs, key=keys, start_axis=0, keep=None, name=f"{len(names)} activations"
    )
    return done.state.theta, np.moveaxis(np.asarray(done.trace), (0, 1, 2), (1, 2, 0))


def _total(networks: tuple[Any, ...], rows: Rows) -> Array:
    costs = [batch_cost(categorical_cross_entropy, one, *rows)[0] for one in networks]
    return sum(costs[1:], costs[0])


def _each(networks: tuple[Any, ...], rows: Rows) -> Float[Array, " A"]:
    return jnp.stack([judge(one, rows)[0] for one in networks])
