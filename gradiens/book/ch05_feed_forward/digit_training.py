"""Networks that read the digits of MNIST, many of them trained at once, one a lane.

Pictures are rows of 784 numbers in [0, 1]; all in single precision.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.core.iterate import iterate
from gradiens.core.module import join, parts
from gradiens.data.sets.mnist import mnist
from gradiens.functions.activations import identity
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.optim.descent import Descent
from gradiens.train.epochs import Epochs
from gradiens.train.training import Cost

Rows = tuple[Float[Array, "N 784"], Int[Array, " N"]]
ONCE = {"xla_backend_optimization_level": 0}  # for a program that is run once, and takes longer to compile than to run


def digits(*sizes: int) -> list[Rows]:
    """Parts of the training pictures, one behind the other."""
    data, ends = mnist(), np.cumsum((0, *sizes))
    x, y = _rows(data.pixels[: ends[-1]], data.labels[: ends[-1]])
    return [(x[a:b], y[a:b]) for a, b in pairwise(ends)]


def unseen_digits(count: int = 10_000) -> Rows:
    """The first test pictures."""
    data = mnist()
    return _rows(np.asarray(data.test_pixels)[:count], np.asarray(data.test_labels)[:count])


def _rows(pixels: np.ndarray, labels: np.ndarray) -> Rows:
    x = np.asarray(pixels).reshape(len(pixels), -1).astype(np.float32) / np.float32(255)
    return jnp.asarray(x), jnp.asarray(np.asarray(labels), jnp.int32)


def seeds(key: Array, count: int) -> Array:
    """A key for each of the seeds 0, 1, …"""
    return jax.vmap(lambda seed: jax.random.fold_in(key, seed))(jnp.arange(count))


def stacked(make: Callable[[Array], Any], keys: Array) -> Any:
    """The network that `make` gives for each key, on a leading axis, in single precision; numbers that are no arrays stay."""
    once = eqx.filter_jit(eqx.filter_vmap(make), compiler_options=ONCE)  # pyright: ignore[reportCallIssue]
    return single(once(keys))


def lane(networks: Any, i: int, dtype: Any = jnp.float32) -> Any:
    """One of the networks, in single precision or another."""
    return jax.tree.map(lambda a: a[i].astype(dtype) if eqx.is_array(a) else a, networks)


def each(f: Callable[[Any, Any], Any], networks: Any, given: Any) -> Any:
    """f(network, given) of each network."""
    return jax.block_until_ready(eqx.filter_jit(eqx.filter_vmap(f, in_axes=(eqx.if_array(0), None)))(networks, given))


def single(tree: Any) -> Any:
    """Its arrays of numbers in single precision."""
    return jax.tree.map(lambda a: a.astype(jnp.float32) if isinstance(a, jax.Array) else a, tree)


def train(
    networks: Any,
    optimizer: Any,
    rows: Rows,
    epochs: int,
    batch: int,
    keys: Array,
    measure: Callable[[Any, Any], Any],
    given: Any,
    penalty: Callable[[Any], Array] | None = None,
    costs: bool = False,
    rule: Callable[[Epochs], Any] | None = None,
    augment: Callable[..., Any] | None = None,
) -> tuple[Any, Any]:
    """`(trained networks, what was measured)`: each lane by cross-entropy on `rows`, in orders and with noise of its key.

    After each epoch `measure(network, given)` is told; with `costs` beside it the mean cost of the minibatches. What was
    measured has a leading axis of epochs, then one of lanes. `rule` makes another algorithm of the epochs,
    `augment` (as that of `Cost`) other pictures of a minibatch.
    """
    theta, buffers, rest = parts(networks)
    cost = Cost(identity, categorical_cross_entropy, rest, augment, penalty)
    algorithm = Epochs(Descent(cost, optimizer, aux=True), rows, batch, _Seen(measure, cost), given, costs)
    done = iterate(
        rule(algorithm) if rule else algorithm,
        theta,
        buffers,
        steps=epochs,
        key=keys,
        start_axis=0,
        keep=None,
        name=f"{len(keys)} networks",
    )
    state = done.state[0] if rule else done.state
    return join(state.theta, state.buffers, rest), jax.tree.map(np.asarray, done.trace)


@dataclasses.dataclass(frozen=True)
class _Seen:
    """`measure` of a network in its parts. Two are equal where they measure the same: then one program serves both."""

    measure: Callable[[Any, Any], Any]
    cost: Cost

    def __call__(self, trained: Any, given: Any) -> Any:
        """What is measured of the network with these trained parts."""
        return self.measure(join(*trained, self.cost.rest), given)


def judge(network: Any, rows: Rows) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """The mean cross-entropy and the share of pictures read rightly, at inference."""
    x, y = rows
    z = jax.vmap(network)(x)
    cost = jnp.mean(jax.vmap(categorical_cross_entropy)(z, y))
    return cost, jnp.mean((jnp.argmax(z, axis=-1).astype(y.dtype) == y).astype(jnp.float32))


def judge_all(network: Any, parts: Any) -> Any:
    """`judge` on each part of a tuple."""
    return tuple(judge(network, rows) for rows in parts)
