"""Autoencoders: the formulas by hand, the linear one is PCA, the costs against oracles."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.core.module import count
from gradiens.nn.autoencoders.autoencoder import Autoencoder
from gradiens.nn.autoencoders.autoencoder_costs import contractive, denoising, reconstruction, sparse, sparse_kl
from gradiens.nn.autoencoders.tied_autoencoder import TiedAutoencoder
from gradiens.nn.dense import Dense

rng = np.random.default_rng(3)
X = rng.normal(size=(7, 4))
sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731


def loud(sizes, functions, depth):
    draw = lambda *shape: jnp.asarray(rng.normal(size=shape))  # noqa: E731
    return Autoencoder(tuple(Dense(draw(m, n), draw(m)) for n, m in itertools.pairwise(sizes)), functions, depth)


@pytest.fixture
def deep(x64):
    return loud((4, 3, 2, 3, 4), ("tanh", "sigmoid", "relu", "identity"), 2)


def test_oracle(deep):
    W, b = [np.asarray(l.W) for l in deep.layers], [np.asarray(l.b) for l in deep.layers]  # noqa: E741
    for x in X:
        z = sigmoid(W[1] @ np.tanh(W[0] @ x + b[0]) + b[1])
        x_hat = W[3] @ np.maximum(W[2] @ z + b[2], 0) + b[3]
        np.testing.assert_allclose(deep.encode(jnp.asarray(x)), z, rtol=1e-12)
        np.testing.assert_allclose(deep(jnp.asarray(x)), x_hat, rtol=1e-12)
        np.testing.assert_allclose(deep.decode(jnp.asarray(z)), x_hat, rtol=1e-12)


@pytest.mark.parametrize(
    ("sizes", "depth"),
    [((784, 30, 784), 1), ((784, 50, 10, 50, 784), 2), ((2, 8, 1, 8, 2), 2), ((9, 3, 5, 3, 9), 1), ((4, 6, 3, 4), 2)],
)
def test_the_code_is_the_narrowest_layer(sizes, depth):
    model = Autoencoder.make(sizes, jax.random.key(0))
    assert model.depth == depth and model.encode(jnp.zeros(sizes[0])).shape == (min(sizes),)
    assert count(model) == sum(m * (n + 1) for n, m in itertools.pairwise(sizes))


def test_activations_of_code_and_output():
    names = lambda model: [f.__name__ for f in model.activations]  # noqa: E731
    key = jax.random.key(0)
    assert names(Autoencoder.make((9, 5, 2, 5, 9), key, "relu", "sigmoid", "identity")) == [
        "relu", "identity", "relu", "sigmoid",
    ]  # fmt: skip
    assert names(Autoencoder.make((9, 2, 9), key)) == ["tanh", "identity"]


def test_tied_is_the_shallow_one_with_the_transpose(x64):
    tied = TiedAutoencoder(*(jnp.asarray(rng.normal(size=s)) for s in ((2, 4), (2,), (4,))), "tanh", "sigmoid")
    free = Autoencoder((Dense(tied.W, tied.b), Dense(tied.W.T, tied.c)), ("tanh", "sigmoid"), 1)
    np.testing.assert_allclose(jax.vmap(tied)(jnp.asarray(X)), jax.vmap(free)(jnp.asarray(X)), rtol=1e-13)
    assert count(tied) == 2 * 4 + 2 + 4


def test_costs(deep):
    x, W, b = jnp.asarray(X), np.asarray(deep.layers[1].W), np.asarray(deep.layers[1].b)
    x_hat, z = np.asarray(jax.vmap(deep)(x)), np.asarray(jax.vmap(deep.encode)(x))
    plain = np.sum((x_hat - X) ** 2) / X.size
    np.testing.assert_allclose(reconstruction(deep, x), plain, rtol=1e-12)
    np.testing.assert_allclose(sparse(deep, x, 0.3), plain + 0.3 * np.abs(z).sum() / 7, rtol=1e-12)
    r = z.mean(0)
    kl = sum(0.2 * np.log(0.2 / q) + 0.8 * np.log(0.8 / (1 - q)) for q in r)
    np.testing.assert_allclose(sparse_kl(deep, x, 0.3, 0.2), plain + 0.3 * kl, rtol=1e-12)
    a = np.tanh(X @ np.asarray(deep.layers[0].W).T + np.asarray(deep.layers[0].b))
    inner = (1 - a**2)[:, :, None] * np.asarray(deep.layers[0].W)[None]  # ∂a/∂x
    s = sigmoid(a @ W.T + b)
    J = np.einsum("nm,mh,nhd->nmd", s * (1 - s), W, inner)
    np.testing.assert_allclose(contractive(deep, x, 0.3), plain + 0.3 * np.sum(J**2) / 7, rtol=1e-11)


def test_denoising_is_judged_by_the_clean_rows(deep):
    x, key = jnp.asarray(X), jax.random.key(5)
    noisy = x + 0.4 * jax.random.normal(key, x.shape)
    expected = np.mean((np.asarray(jax.vmap(deep)(noisy)) - X) ** 2)
    np.testing.assert_allclose(denoising(deep, x, key, 0.4), expected, rtol=1e-12)
    np.testing.assert_allclose(denoising(deep, x, key, 0.0), reconstruction(deep, x), rtol=1e-14)
    assert denoising(deep, x, key, 0.4) != denoising(deep, x, jax.random.key(6), 0.4)


def test_the_linear_one_at_the_components_has_the_least_residual(x64):
    """Baldi and Hornik: the principal components are a minimum, its value the variance left out."""
    x = X - X.mean(0)
    _, s, vt = np.linalg.svd(x, full_matrices=False)
    W = jnp.asarray(vt[:2])
    best = TiedAutoencoder(W, jnp.zeros(2), jnp.zeros(4), "identity", "identity")
    np.testing.assert_allclose(reconstruction(best, jnp.asarray(x)) * x.size, np.sum(s[2:] ** 2), rtol=1e-12)
    g = jax.grad(reconstruction)(best, jnp.asarray(x))
    np.testing.assert_allclose(g.W, 0, atol=1e-13)


def test_bad_input():
    key = jax.random.key(0)
    with pytest.raises(Mistake, match=r"sizes \(D, …, code, …, D\)"):
        Autoencoder.make((4, 2, 5), key)
    with pytest.raises(Mistake, match="at least one layer between"):
        Autoencoder.make((4, 4), key)
    with pytest.raises(Mistake, match="did you mean 'tanh'"):
        Autoencoder.make((4, 2, 4), key, "tan")
    with pytest.raises(Mistake, match="at least one input"):
        TiedAutoencoder.make(4, 0, key)
