"""Initialisers: the variances they promise. 60,000 numbers give a variance to 0.6 %; the margin is 3 %, on three seeds."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.catalogue import members
from gradiens.core.check import Mistake
from gradiens.nn import initialisers as I

SHAPE = (200, 300)  # 300 in, 200 out


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("draw", "variance"),
    [
        (I.he, 2 / 300),
        (I.glorot, 2 / 500),
        (I.glorot_normal, 2 / 500),
        (I.lecun, 1 / 300),
        (I.orthogonal, 1 / 300),
        (lambda key, shape: I.normal(key, shape, 0.3), 0.09),
        (I.normal, 1.0),
    ],
)
def test_mean_and_variance(seed, draw, variance):
    w = np.asarray(draw(jax.random.key(seed), SHAPE), np.float64)
    assert w.shape == SHAPE
    assert np.var(w) == pytest.approx(variance, rel=0.03)
    assert abs(np.mean(w)) < 5 * np.sqrt(variance / w.size)


def test_glorot_is_uniform():
    w = I.glorot(jax.random.key(0), SHAPE)
    r = np.sqrt(6 / 500)
    assert 0.999 * r < float(jnp.max(w)) <= r
    assert -r <= float(jnp.min(w)) < -0.999 * r


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (6, 2, 3, 3), (4, 1, 2)])
def test_orthogonal_rows_or_columns(x64, shape):
    """Whichever are fewer; of a filter, as a matrix with one row a unit. The determinant takes both signs."""
    W = np.asarray(I.orthogonal(jax.random.key(1), shape)).reshape(shape[0], -1)
    fewer = W @ W.T if shape[0] <= W.shape[1] else W.T @ W
    np.testing.assert_allclose(fewer, np.eye(len(fewer)), atol=1e-14)


def test_orthogonal_is_uniform(x64):
    """Of the rotations and reflections of the plane, Haar's measure: the first entry has mean 0 and mean square ½ (an
    arcsine law, standard errors 0.016 and 0.008 of 2,000), and half of them turn the plane over."""
    drawn = jax.vmap(lambda key: I.orthogonal(key, (2, 2)))(jax.random.split(jax.random.key(0), 2000))
    first = np.asarray(drawn[:, 0, 0])
    assert abs(first.mean()) < 4 * 0.016 and abs((first**2).mean() - 0.5) < 4 * 0.008
    assert abs((np.linalg.det(drawn) > 0).mean() - 0.5) < 4 * 0.0112


def test_orthogonal_wants_a_matrix():
    with pytest.raises(Mistake, match=r"a matrix or a filter"):
        I.orthogonal(jax.random.key(0), (3,))


def test_named():
    """One table: every initialiser of the catalogue, by its name."""
    assert all(I.named(name) is entry.what for name, entry in members("initialiser").items())
    assert I.named(I.he) is I.he
    with pytest.raises(Mistake, match="did you mean 'orthogonal'"):
        I.named("ortogonal")


def test_uniform_by_the_fan_in():
    W = I.fan_in_uniform(jax.random.key(0), (100, 4, 5, 5))
    assert float(jnp.abs(W).max()) <= 0.1
    assert float(jnp.mean(W**2)) == pytest.approx(0.01 / 3, rel=0.05)


def test_zeros():
    assert jnp.all(I.zeros(jax.random.key(0), SHAPE) == 0)


def test_fans_of_a_filter():
    """A filter of 3 x 3 over 4 channels sees 36 inputs."""
    assert I.fans((8, 4, 3, 3)) == (36, 72)


def test_he_keeps_the_signal_of_relu_layers():
    """E[a²] after 20 layers of width 500 is within a factor 5 of what it was, on three seeds; half the variance leaves 2⁻²⁰."""
    for seed in range(3):
        keys = jax.random.split(jax.random.key(seed), 21)
        a = jax.random.normal(keys[0], (500,))
        for key in keys[1:]:
            a = jnp.maximum(I.he(key, (500, 500)) @ a, 0)
        assert 0.2 < float(jnp.mean(a**2)) < 5
