"""Style: Gram matrices by hand, what they do not see, and a picture that takes on stripes."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.functions.cropping import crop_and_resize
from gradiens.functions.style import Goal, content_cost, gram, roughness, style_cost
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.dense import Dense
from gradiens.train.style_transfer import Depths, transfer

RNG = np.random.default_rng(0)


def test_the_costs_by_hand(x64):
    F, P, A = RNG.normal(size=(3, 2, 3, 4))
    G = np.array([[np.sum(F[i] * F[j]) for j in range(2)] for i in range(2)]) / F.size
    np.testing.assert_allclose(gram(jnp.asarray(F)), G, rtol=1e-12)
    assert float(content_cost(F, P)) == pytest.approx(np.sum((F - P) ** 2) / 2 / F.size)
    H = np.einsum("ihw,jhw->ij", A, A) / A.size
    assert float(style_cost([jnp.asarray(F)] * 2, [H, 0 * H])) == pytest.approx(
        (np.sum((G - H) ** 2) + np.sum(G**2)) / 8
    )
    x = np.array([[[1.0, 3], [0, 7]]])
    assert float(roughness(jnp.asarray(x))) == pytest.approx((1 + 16) / 2 + (4 + 49) / 2)


def test_a_gram_matrix_does_not_see_places(x64):
    F = RNG.normal(size=(3, 4, 5))
    moved = RNG.permutation(F.reshape(3, -1), axis=1).reshape(3, 4, 5)
    np.testing.assert_allclose(gram(jnp.asarray(moved)), gram(jnp.asarray(F)), rtol=1e-12)


def test_a_picture_takes_on_the_style():
    one, two = jax.random.split(jax.random.key(0))
    network = Chain.make(
        Conv2d.make(1, 6, 3, one), "relu", Conv2d.make(6, 6, 3, two), "tanh", Dense(jnp.ones((1, 1)), None)
    )
    features = Depths(network, 2)
    i, j = np.indices((12, 12))
    stripes = ((i + j) // 2 % 2).astype(np.float32)[None]
    content = np.zeros((1, 12, 12), np.float32)
    content[0, 3:9, 3:9] = 1
    made, cost = transfer(features, content, stripes, 60, 0.05, (0.1, 100.0, 0.0), quiet=True)
    assert made.shape == (1, 12, 12) and made.min() >= 0 and made.max() <= 1 and len(cost) == 60
    assert cost[-1] < 0.3 * cost[0]
    goal = Goal.make(features, jnp.asarray(content), jnp.asarray(stripes))
    before, after = (float(style_cost(features(jnp.asarray(x)), goal.grams)) for x in (content, made))
    assert after < 0.5 * before


def test_features_that_are_none_are_told():
    with pytest.raises(Mistake, match="an activation behind it"):
        Depths(Chain.make("relu"))(jnp.zeros((1, 2, 2)))
    with pytest.raises(Mistake, match="one of them for the content"):
        Goal.make(lambda x: (x,), jnp.zeros((1, 2, 2)), jnp.zeros((1, 2, 2)), at=1)


def test_a_crop_of_whole_pixels_is_those_pixels(x64):
    x = jnp.asarray(RNG.normal(size=(2, 6, 7)))
    np.testing.assert_allclose(crop_and_resize(x, jnp.array([2.0, 1, 5, 4]), 3), x[:, 1:4, 2:5], rtol=1e-12)
    plane = jnp.asarray(np.add.outer(np.arange(6.0), 10 * np.arange(7.0)))[None]
    x, y = np.array([1.5, 2.5, 3.5, 4.5]), np.array([0.5, 1.5, 2.5, 3.5])  # the middles of pixels count as 0, 1, …
    found = crop_and_resize(plane, jnp.array([1.5, 0.5, 5.5, 4.5]), 4)[0]
    np.testing.assert_allclose(found, np.add.outer(y, 10 * x), rtol=1e-12)
    flat = crop_and_resize(jnp.ones((1, 4, 4)), jnp.array([-3.0, -3, 9, 9]), 5)
    np.testing.assert_allclose(flat, 1)
