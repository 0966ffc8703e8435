"""The mean over views: by hand, with its views written out."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.ndimage
import scipy.special

from gradiens.core.check import Mistake
from gradiens.nn.batched import on_batch
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.pool import Flatten
from gradiens.nn.dense import Dense
from gradiens.nn.over_views import OverViews

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shift", [0, 1])
def test_the_mean_of_probabilities(x64, shift):
    network = Chain.make(Flatten(), Dense.make(24, 3, jax.random.key(0)))
    X = RNG.normal(size=(2, 2, 3, 4))
    mirrored = [X, X[..., ::-1]]
    moves = [(0, 0), *((shift, 0), (-shift, 0), (0, shift), (0, -shift))][: 5 if shift else 1]
    views = [scipy.ndimage.shift(one, (0, 0, *move), order=0) for one in mirrored for move in moves]
    W = np.asarray(network.blocks[1].W)
    p = np.mean([scipy.special.softmax(view.reshape(2, -1) @ W.T, axis=1) for view in views], axis=0)
    Y = on_batch(OverViews(network, shift), jnp.asarray(X))[0]
    np.testing.assert_allclose(Y, np.log(p), rtol=1e-10)
    np.testing.assert_allclose(OverViews(network, shift)(jnp.asarray(X[0])), Y[0], rtol=1e-12)
    assert len(views) == len(OverViews(network, shift).views(jnp.asarray(X)))


def test_the_mirror_image_gets_the_same_answer(x64):
    network = OverViews(Chain.make(Flatten(), Dense.make(12, 3, jax.random.key(0))))
    x = jnp.asarray(RNG.normal(size=(1, 3, 4)))
    np.testing.assert_allclose(network(x[..., ::-1]), network(x), rtol=1e-12)


def test_bad_input():
    with pytest.raises(Mistake, match="a shift of at least 0 pixels, got -1"):
        OverViews(Chain.make("relu"), -1)
