"""Digits drawn again from short codes: by principal components and by autoencoders, clean and from noisy pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.classical.unsupervised.pca import fit_pca
from gradiens.core.iterate import iterate
from gradiens.data.minibatch import Minibatches
from gradiens.data.sets.mnist import mnist
from gradiens.nn.autoencoders.autoencoder import Autoencoder
from gradiens.nn.autoencoders.autoencoder_costs import denoising, reconstruction
from gradiens.optim.adam import Adam
from gradiens.optim.descent import Descent

SHALLOW, DEEP, FLAT = (784, 30, 784), (784, 50, 10, 50, 784), (784, 50, 2, 50, 784)
COMPONENTS = (2, 10, 30)
NINE = 9  # test digits drawn again
CODES = 2000  # test digits whose codes are drawn
SEEDS = 5  # of the denoising network
WAYS = 9  # steps from one digit to another
CHUNK = 50  # steps fed at a time


class Pictures(NamedTuple):
    """Rows of pixels in [0, 1], single precision."""

    x: Float[np.ndarray, "N 784"]
    y: Int[np.ndarray, "N"]
    x_test: Float[np.ndarray, "M 784"]
    y_test: Int[np.ndarray, "M"]


class Redrawn(NamedTuple):
    """Mean squared errors a pixel, and what is drawn."""

    train_pca: Float[np.ndarray, "3"]  # by COMPONENTS
    test_pca: Float[np.ndarray, "3"]
    test: Float[np.ndarray, "3"]  # of SHALLOW, DEEP and FLAT
    drawn: Float[np.ndarray, "4 9 784"]  # nine test digits; by 30 components, SHALLOW, DEEP
    codes: Float[np.ndarray, "2 C 2"]  # of test digits: two components, two units
    labels: Int[np.ndarray, "C"]


class Between(NamedTuple):
    """From one training "3" to another: decoded mixtures of the codes, mixtures of the pixels, both reconstructions."""

    decoded: Float[np.ndarray, "9 784"]
    pixels: Float[np.ndarray, "9 784"]
    ends: Float[np.ndarray, "2 784"]  # of A (λ = 1) and B (λ = 0)


class Denoised(NamedTuple):
    """By seed the test error of the noisy pictures and of what is drawn of them; and a few pictures."""

    noisy: Float[np.ndarray, "5"]
    drawn: Float[np.ndarray, "5"]
    pictures: Float[np.ndarray, "3 6 784"]  # clean, noisy, drawn


def pictures(images: int) -> Pictures:
    """The first training images, and all test images."""
    data = mnist()
    flat = lambda pixels: pixels.reshape(len(pixels), -1).astype(np.float32) / np.float32(data.maximum)  # noqa: E731
    return Pictures(
        flat(data.pixels[:images]), data.labels[:images], flat(data.test_pixels), np.asarray(data.test_labels)
    )


def network(sizes: tuple[int, ...], key: Array, code: str = "tanh") -> Autoencoder:
    """Glorot's start, tanh between, a sigmoid at the end, in single precision."""
    model = Autoencoder.make(sizes, key, "tanh", "sigmoid", code)
    return jax.tree.map(lambda leaf: np.asarray(leaf, np.float32), model)


def clean(model: Autoencoder, given: tuple[Array, Array]) -> Array:
    """The cost of a minibatch, drawn again."""
    return reconstruction(model, given[0])


def noisy(noise: float) -> Callable[[Autoencoder, tuple[Array, Array]], Array]:
    """The cost of a minibatch with N(0, noise) added, fresh at every step."""
    return lambda model, given: denoising(model, *given, jnp.float32(noise))


def trained(
    models: list[Autoencoder], cost: Callable[..., Array], x: np.ndarray, config: Any, key: Array
) -> Autoencoder:
    """All models, side by side, by ADAM on the same minibatches; their leaves have a leading axis."""
    stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *models)  # by NumPy: nothing to compile
    batches = Minibatches(len(x), config.batch, int(jax.random.randint(key, (), 0, 2**31 - 1)))
    outcome = iterate(
        Descent(cost, Adam(config.rate)),
        stacked,
        steps=config.epochs * batches.steps_per_epoch,
        key=jax.random.split(key, len(models)),
        feed=lambda first, last: x[batches(first, last)],
        start_axis=0,
        every=CHUNK,
        keep=10,
        name="autoencoder",
    )
    return outcome.state.theta


def lane(model: Autoencoder, i: int) -> Autoencoder:
    """One of the models side by side."""
    return jax.tree.map(lambda leaf: jnp.asarray(np.asarray(leaf)[i]), model)


@jax.jit
def draw(model: Autoencoder, x: Array) -> Array:
    """Each row drawn again."""
    return jax.vmap(model)(x)


def error(drawn: Array | np.ndarray, x: np.ndarray) -> float:
    """The mean squared error a pixel."""
    return float(np.mean((np.asarray(drawn) - x) ** 2, dtype=np.float64))


def redraw(data: Pictures, config: Any, key: Array) -> tuple[Redrawn, Autoencoder]:
    """Components and three networks; and the deep one."""
    keys = jax.random.split(key, 3)
    sizes = ((SHALLOW, "tanh"), (DEEP, "identity"), (FLAT, "identity"))
    models = [
        lane(trained([network(size, k, code)], clean, data.x, config, k), 0)
        for (size, code), k in zip(sizes, keys, strict=True)
    ]
    whole = fit_pca(data.x, max(COMPONENTS))
    by_pca = lambda m, x: whole.transform(x)[:, :m] @ whole.components[:m] + whole.mean  # noqa: E731
    nine, some = data.x_test[:NINE], data.x_test[:CODES]
    drawn = [nine, by_pca(30, nine), *(np.asarray(draw(model, nine)) for model in models[:2])]
    found = Redrawn(
        train_pca=np.array([error(by_pca(m, data.x), data.x) for m in COMPONENTS]),
        test_pca=np.array([error(by_pca(m, data.x_test), data.x_test) for m in COMPONENTS]),
        test=np.array([error(draw(model, data.x_test), data.x_test) for model in models]),
        drawn=np.stack(drawn),
        codes=np.stack([whole.transform(some)[:, :2], np.asarray(jax.vmap(models[2].encode)(jnp.asarray(some)))]),
        labels=data.y_test[:CODES],
    )
    return found, models[1]


def interpolate(data: Pictures, model: Autoencoder) -> Between:
    """The 1st and the 10th training "3": λ z_A + (1-λ) z_B decoded, λ from 1 to 0, and the same mixture of the pixels."""
    at = np.flatnonzero(data.y == 3)[[0, 9]]
    a, b = data.x[at]
    λ = np.linspace(1, 0, WAYS, dtype=np.float32)[:, None]
    z = jax.vmap(model.encode)(jnp.stack([a, b]))
    return Between(
        decoded=np.asarray(jax.vmap(model.decode)(jnp.asarray(λ) * z[:1] + jnp.asarray(1 - λ) * z[1:])),
        pixels=λ * a[None] + (1 - λ) * b[None],
        ends=np.asarray(draw(model, jnp.stack([a, b]))),
    )


def denoise(data: Pictures, config: Any, key: Array) -> Denoised:
    """The shallow network on noisy pictures, five seeds side by side."""
    start, order, test = jax.random.split(key, 3)
    models = [network(SHALLOW, k) for k in jax.random.split(start, SEEDS)]
    found = trained(models, noisy(config.noise), data.x, config, order)
    before, after, shown = [], [], None
    for i, k in enumerate(jax.random.split(test, SEEDS)):
        spoilt = data.x_test + np.float32(config.noise) * np.asarray(
            jax.random.normal(k, data.x_test.shape, np.float32)
        )
        drawn = np.asarray(draw(lane(found, i), spoilt))
        before.append(error(spoilt, data.x_test))
        after.append(error(drawn, data.x_test))
        shown = np.stack([data.x_test[:6], spoilt[:6], drawn[:6]]) if shown is None else shown
    return Denoised(np.array(before), np.array(after), np.asarray(shown))


def deep_against_components(data: Pictures, config: Any, seeds: int, key: Array) -> np.ndarray:
    """Test errors: of ten components, and of the deep network with ten units by seed."""
    models = [network(DEEP, k, "identity") for k in jax.random.split(key, seeds)]
    found = trained(models, clean, data.x, config, key)
    pca = fit_pca(data.x, 10)
    ours = [error(draw(lane(found, i), data.x_test), data.x_test) for i in range(seeds)]
    return np.array([error(pca.predict(data.x_test), data.x_test), *ours])
