"""The joint head and the Siamese network: what they are made of, and that a few steps teach them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.module import count
from gradiens.data.canvases import make_canvases, triplets
from gradiens.data.windows import cut_windows
from gradiens.functions.boxes import iou
from gradiens.functions.comparison_losses import triplet
from gradiens.functions.detection_cost import class_and_box
from gradiens.nn.pictures.box_head import BoxHead
from gradiens.nn.pictures.siamese import Siamese
from gradiens.optim.adam import Adam
from gradiens.train.train_network import train_network

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)


def shapes():
    """A bar, a square and a frame, of random brightness."""
    made = np.zeros((30, 8, 8), np.float32)
    for i, one in enumerate(made):
        one[1:7, (3, 2, 1)[i % 3] : (5, 6, 7)[i % 3]] = RNG.uniform(0.6, 1)
        if i % 3 == 2:
            one[3:5, 3:5] = 0
    return made, np.arange(30) % 3


SHAPES, LABELS = shapes()


def test_the_parameters_of_the_network_for_canvases():
    network = jax.eval_shape(lambda key: BoxHead.make(10, key), KEY)
    sizes = [(1, 8, 9), (8, 16, 9), (16, 16, 9), (16 * 36, 64, 1), (64, 10, 1), (64, 4, 1)]
    assert sum(leaf.size for leaf in jax.tree.leaves(network)) == sum(o * (i * k + 1) for i, o, k in sizes)


def test_the_cost_of_class_and_box_by_hand(x64):
    out = RNG.normal(size=6)
    target = np.array([1, 0.1, 0.2, 0.5, 0.9])
    ce = np.log(np.exp(out[:2]).sum()) - out[1]
    assert float(class_and_box(jnp.asarray(out), target, 3.0)) == pytest.approx(
        ce + 3 * np.mean(np.abs(out[2:] - target[1:])), rel=1e-12
    )
    assert float(class_and_box(jnp.asarray(out), np.array([1.0, 0, 0, 0, 0]), 3.0)) == pytest.approx(ce, rel=1e-12)


def test_the_joint_head_learns_where_and_what():
    made, fresh = (make_canvases(SHAPES, LABELS, n, s, 16) for n, s in ((320, 0), (60, 1)))
    network = jax.jit(lambda key: BoxHead.make(3, key, (1, 16, 16), (8, 8), 32))(KEY)
    y = np.concatenate([made.classes, made.boxes[:, 0] / 16], axis=1).astype(np.float32)
    network, _ = train_network(network, made.x, y, class_and_box, Adam(0.005), 12, 40, quiet=True)
    overlap, k = jax.jit(jax.vmap(lambda x, box: (iou(16 * network(x)[-4:], box), jnp.argmax(network(x)[:-4]))))(
        fresh.x, fresh.boxes[:, 0]
    )
    assert np.mean(overlap) > 0.5 and np.mean(np.asarray(k) == fresh.classes[:, 0]) > 0.5


def test_a_siamese_network_is_one_network(x64):
    network = jax.jit(lambda key: Siamese.make(4, key, (1, 8, 8), (2,)))(KEY)
    X = RNG.normal(size=(3, 2, 1, 8, 8))
    found, single, raw = jax.jit(
        lambda X: (network.on_batch(X)[0], jax.vmap(network)(X), jax.vmap(jax.vmap(network.embed))(X))
    )(X)
    np.testing.assert_allclose(found, single, rtol=1e-12)
    np.testing.assert_allclose(found, raw / np.linalg.norm(raw, axis=-1, keepdims=True), rtol=1e-10)
    assert count(network) == 2 * 10 + 4 * (32 + 1)


def test_triplets_teach_it_to_keep_classes_apart():
    network = jax.jit(lambda key: Siamese.make(4, key, (1, 8, 8), (4,)))(KEY)
    noisy = SHAPES + RNG.normal(0, 0.2, SHAPES.shape).astype(np.float32)
    chosen = triplets(LABELS, 300, 0)
    cost = lambda e, y: triplet(e[0], e[1], e[2], 0.5)  # noqa: E731
    network, outcome = train_network(
        network, noisy[chosen][:, :, None], np.zeros(300), cost, Adam(0.01), 4, 30, quiet=True
    )
    assert outcome.trace[-5:].mean() < 0.3 * outcome.trace[:5].mean()


def test_windows_say_what_is_in_them():
    canvases = make_canvases(SHAPES, LABELS, 40, 2, 24, (1, 2))
    x, y = cut_windows(canvases, 3, 12, near=2, empty=3, seed=0, padding=4)
    things = y[:, 0] < 3
    assert x.shape[1:] == (1, 12, 12) and things.sum() == np.sum(canvases.classes >= 0) and 0 < (~things).sum() < 120
    assert not y[~things, 1:].any()
    for picture, (k, *box) in zip(x[things, 0], y[things], strict=True):
        left, top, right, bottom = np.rint(np.multiply(box, 12)).astype(int)
        assert abs((left + right) / 2 - 6) <= 3 and abs((top + bottom) / 2 - 6) <= 3
        inside = picture[top:bottom, left:right]
        assert inside.shape in {1: [(6, 4)], 0: [(6, 2)], 2: [(6, 6)]}[int(k)] and np.mean(inside > 0.5) > 0.8
