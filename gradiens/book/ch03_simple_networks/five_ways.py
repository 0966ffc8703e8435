"""MNIST five ways: linear and logistic classifiers, one-vs-rest and one-vs-one, and softmax.

The `config` of a section that uses this has the knobs `epochs`, `batch` and `rate`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.classical.classifiers.linear_classifier import fit_linear_classifier, largest, majority, pairs
from gradiens.core.iterate import iterate
from gradiens.core.module import Module
from gradiens.data.minibatch import Minibatches
from gradiens.data.sets.mnist import mnist
from gradiens.functions.activations import softplus
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.functions.metrics import accuracy
from gradiens.nn.dense import Dense
from gradiens.nn.regression import softmax_regression
from gradiens.optim.adam import Adam
from gradiens.optim.descent import Descent
from gradiens.train.training import Training

WAYS = ("linear one-vs-rest", "linear one-vs-one", "logistic one-vs-rest", "logistic one-vs-one", "softmax")


def _logistic_cost(network: Callable[[Array], Array], batch: tuple[Array, Array]) -> Float[Array, ""]:
    """Of P two-class scores s at once: Σ_p mean ln(1 + exp(-t s_p)), t = ±1; a target 0 leaves the row out of that
    mean."""
    x, target = batch
    t = target.astype(x.dtype)
    loss = jnp.abs(t) * softplus(-t * jax.vmap(network)(x))
    return jnp.sum(loss.sum(0) / jnp.maximum(jnp.abs(t).sum(0), 1))


def _softmax_cost(network: Callable[[Array], Array], batch: tuple[Array, Array]) -> Float[Array, ""]:
    x, y = batch
    return jnp.mean(jax.vmap(categorical_cross_entropy)(jax.vmap(network)(x), y))


class Digits(NamedTuple):
    """Training and test images as rows of numbers in [0, 1], and their classes."""

    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def digits(images: int) -> Digits:
    """The first `images` training images, and all test images."""
    data = mnist()
    flat = lambda pixels: pixels.reshape(len(pixels), -1).astype(np.float32) / np.float32(data.maximum)  # noqa: E731
    return Digits(
        flat(data.pixels[:images]),
        data.labels[:images].astype(np.int32),
        flat(data.test_pixels),
        np.asarray(data.test_labels),
    )


def linear(digits: Digits) -> np.ndarray:
    """Test accuracies of the two linear classifiers, which have a closed form."""
    fits = [fit_linear_classifier(digits.x, digits.y, 10, scheme) for scheme in ("one-vs-rest", "one-vs-one")]
    return np.array([accuracy(digits.y_test, fit.predict(digits.x_test)) for fit in fits])


def logistic(config: Any, digits: Digits, key: Array) -> np.ndarray:
    """Test accuracies of logistic one-vs-rest and one-vs-one and of softmax, by ADAM.

    One-vs-one is trained as one problem of 45 scores: each minibatch serves every pair with its rows of that pair.
    """
    y, x = digits.y, jnp.asarray(digits.x)
    rest = np.where(y[:, None] == np.arange(10), 1, -1).astype(np.int8)
    pair = np.stack([(y == a).astype(np.int8) - (y == b) for a, b in pairs(10)], axis=1)
    one, two, three = jax.random.split(key, 3)
    answers = (
        largest(_train(config, _logistic_cost, Dense.make(784, 10, one), x, rest, one)(digits.x_test)),
        majority(_train(config, _logistic_cost, Dense.make(784, 45, two), x, pair, two)(digits.x_test), 10),
        largest(_train(config, _softmax_cost, softmax_regression(784, 10, three), x, y, three)(digits.x_test)),
    )
    return np.array([accuracy(digits.y_test, answer) for answer in answers])


def _train(
    config: Any, cost: Callable[..., Array], network: Module, x: Array, target: np.ndarray, key: Array
) -> Callable[[np.ndarray], np.ndarray]:
    """The scores of `network` as trained by ADAM from weights N(0, 1), in the precision of x."""
    leaves, shape = jax.tree.flatten(network)
    drawn = [jax.random.normal(jax.random.fold_in(key, i), leaf.shape, x.dtype) for i, leaf in enumerate(leaves)]
    order = int(jax.random.randint(jax.random.fold_in(key, len(leaves)), (), 0, 2**31 - 1))
    batches = Minibatches(len(x), config.batch, order)
    training = Training(Descent(cost, Adam(config.rate)), x, jnp.asarray(target))
    steps = config.epochs * batches.steps_per_epoch
    trained = iterate(training, shape.unflatten(drawn), steps=steps, feed=batches, name="MNIST").state.theta
    return lambda rows: np.asarray(jax.jit(jax.vmap(trained))(rows))
