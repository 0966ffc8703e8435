"""One picture looked into: for a linear network every map is known; colours, two classes, standardised maps."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.data.image_input import ImagePreprocessing
from gradiens.data.target import Target
from gradiens.interpret.grad_cam import grad_cam
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import GlobalAverage, MaxPool
from gradiens.nn.dense import Dense
from gradiens.train.fitted import Fitted, load_model
from gradiens.train.inner import look
from gradiens.train.spec import make_spec

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (6, 7, 3)).astype(np.uint8)


def fitted(model, shape=(6, 7, 3), classes=3, **options):
    task = "classes" if classes > 2 else "binary"
    target = Target("kind", task, tuple("abcdefgh"[:classes]))
    return Fitted(model, make_spec(data="made"), ImagePreprocessing(shape, 255, target, **options))


@pytest.fixture(scope="module")
def linear():
    W = jnp.asarray(RNG.normal(size=(3, 126)), jnp.float32)
    return W, look(fitted(Dense(W, jnp.asarray([0.5, 0.0, -0.5], jnp.float32))), PIXELS, 2)


def test_the_maps_of_a_linear_network(linear):
    """Of class 2, although another may be predicted; colours: the largest saliency, the sum of the shares."""
    W, view = linear
    w, v = np.asarray(W)[2].reshape(6, 7, 3), PIXELS / 255
    np.testing.assert_allclose(view.saliency, np.abs(w).max(axis=2), rtol=1e-5)
    np.testing.assert_allclose(view.smooth, np.abs(w).max(axis=2), rtol=1e-5)
    np.testing.assert_allclose(view.integrated, (w * v).sum(axis=2), rtol=1e-4, atol=1e-5)
    assert view.gain == pytest.approx((w * v).sum(), rel=1e-4) and view.code == 2
    assert (view.window, view.occlusion.shape) == (3, (6, 7))
    around = (w * (v - 0.5))[1:4, 2:5].sum()  # the patch of 3 × 3 around the pixel (2, 3)
    assert view.occlusion[2, 3] == pytest.approx(around, rel=1e-3)


def test_what_a_linear_network_says_and_would_like_to_see(linear):
    W, view = linear
    z = np.asarray(W) @ (PIXELS / 255).ravel() + [0.5, 0, -0.5]
    np.testing.assert_allclose(view.probabilities, np.exp(z) / np.exp(z).sum(), rtol=1e-4)
    np.testing.assert_allclose(view.picture, np.moveaxis(PIXELS / 255, -1, 0), rtol=1e-6)
    np.testing.assert_allclose(view.filters, np.moveaxis(np.asarray(W).reshape(3, 6, 7, 3), -1, 1))
    assert view.cam is None and view.layers == ()
    w = np.moveaxis(np.asarray(W)[2].reshape(6, 7, 3), -1, 0)
    np.testing.assert_allclose(view.maximum[np.abs(w) > 0.1], (w > 0)[np.abs(w) > 0.1], atol=1e-5)  # within the box
    assert view.reached > 0.99


def test_a_network_of_standardised_maps():
    one, two = jax.random.split(jax.random.key(1))
    chain = Chain.make(
        Conv2d.make(3, 4, 3, one), "relu", MaxPool(2), Chain.make("relu"), GlobalAverage(), Dense.make(4, 3, two)
    )
    made = fitted(chain, channels_first=True, mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7))
    view = look(made, PIXELS)
    x = (np.moveaxis(PIXELS / 255, -1, 0) - np.reshape([0.1, 0.2, 0.3], (3, 1, 1))) / np.reshape(
        [0.5, 0.6, 0.7], (3, 1, 1)
    )
    x = jnp.asarray(x, jnp.float32)
    assert view.code == int(jnp.argmax(chain(x))) and view.cam is not None
    assert [(one.name, one.place, one.maps.shape) for one in view.layers] == [
        ("relu", 1, (4, 6, 7)), ("relu", 4, (4, 3, 3)),
    ]  # fmt: skip
    np.testing.assert_allclose(view.layers[0].maps, Chain(chain.blocks[:2])(x), rtol=1e-4, atol=1e-6)
    expected = grad_cam(Chain(chain.blocks[:2]), Chain(chain.blocks[2:]), x, view.code)
    np.testing.assert_allclose(view.cam.maps[0], expected, rtol=1e-3, atol=1e-6)
    np.testing.assert_array_equal(view.filters, chain.blocks[0].W)
    assert abs(view.integrated.sum() - view.gain) < 0.05 * max(1, abs(view.gain))


def test_two_classes_have_a_probability_each():
    W = jnp.asarray(RNG.normal(size=(1, 12)), jnp.float32)
    made = fitted(Dense(W, jnp.zeros(1, jnp.float32)), (3, 4), 2)
    pixels = RNG.integers(0, 256, (3, 4)).astype(np.uint8)
    view = look(made, pixels, 1)
    p = 1 / (1 + np.exp(-float((np.asarray(W)[0] * pixels.ravel() / 255).sum())))
    np.testing.assert_allclose(view.probabilities, [1 - p, p], rtol=1e-4)
    np.testing.assert_allclose(view.saliency, np.abs(np.asarray(W)[0].reshape(3, 4)) / 2, rtol=1e-5)


def test_bad_input(linear, tmp_path):
    made = fitted(Dense(linear[0], None))
    with pytest.raises(Mistake, match="images of shape"):
        look(made, PIXELS[:5])
    with pytest.raises(Mistake, match="a class from 0 to 2"):
        look(made, PIXELS, 3)
    from gradiens.train.fit import fit

    table = fit({"x": [0.0, 1.0] * 10, "y": ["a", "b"] * 10}, "y", tmp_path / "run", quiet=True, hidden=(), epochs=1)
    with pytest.raises(Mistake, match="a run on pictures, got one on the table"):
        look(load_model(tmp_path / "run"), PIXELS)
    assert table.task == "binary"
