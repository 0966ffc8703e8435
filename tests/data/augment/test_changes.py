"""Changes of pictures: transcriptions in NumPy, SciPy's interpolation, laws over many draws, identities."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import ndimage

from gradiens.core.check import Mistake
from gradiens.data.augment.colour import Brightness, Contrast, Noise, Saturation
from gradiens.data.augment.cutout import Cutout
from gradiens.data.augment.flip import Flip, FlipVertical
from gradiens.data.augment.shift import Crop, Shift
from gradiens.data.augment.warp import Rotate, Zoom, warp

KEY = jax.random.key(0)
warped = jax.jit(warp)
made = jax.jit(lambda step, x: step(KEY, x))  # knobs are traced: another value compiles nothing
B = 400
SHAPE = B, 3, 6, 7


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)


@pytest.mark.parametrize(("kind", "axis"), [(Flip, 3), (FlipVertical, 2)])
def test_about_half_of_the_pictures_are_flipped_and_twice_is_the_identity(x, kind, axis):
    out, mirrored = np.asarray(made(kind(), x)), np.flip(x, axis)
    flipped = (out == mirrored).all((1, 2, 3))
    assert np.array_equal(out[~flipped], x[~flipped])
    assert abs(flipped.mean() - 0.5) < 5 * 0.5 / np.sqrt(B)  # five standard deviations of the count
    np.testing.assert_array_equal(made(kind(1.0), made(kind(1.0), x)), x)
    np.testing.assert_array_equal(made(kind(0.0), x), x)


@pytest.mark.parametrize(("kind", "mode"), [(Shift, "edge"), (Crop, "constant")])
def test_a_shift_is_a_window_of_the_padded_picture_and_every_window_comes(x, kind, mode):
    p, out = 2, np.asarray(made(kind(2), x))
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode=mode)
    found = np.zeros((2 * p + 1, 2 * p + 1), int)
    for one, wide in zip(out, padded, strict=True):
        places = [(a, b) for a in range(5) for b in range(5) if np.array_equal(one, wide[:, a : a + 6, b : b + 7])]
        assert len(places) == 1
        found[places[0]] += 1
    assert ((found - B / 25) ** 2 / (B / 25)).sum() < 60  # χ² with 24 degrees of freedom: 1e-4 above 58.6
    np.testing.assert_array_equal(made(kind(0), x), x)


def test_a_shift_farther_than_the_picture_is_refused(x):
    with pytest.raises(Mistake, match="below the 6 pixels of a picture, got 6"):
        Crop(6)(KEY, x)


@pytest.mark.parametrize(("angle", "scale"), [(0.3, 1.0), (-1.2, 1.0), (0.0, 1.3), (2.0, 0.8)])
def test_turning_and_scaling_are_those_of_scipy(x, angle, scale, x64):
    one = x[:1].astype(np.float64)
    out = np.asarray(warped(jnp.asarray(one), jnp.array([angle]), jnp.array([scale])))[0]
    A = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) / scale
    c = np.array([2.5, 3.0])
    for channel, got in zip(one[0], out, strict=True):
        want = ndimage.affine_transform(channel, A, c - A @ c, order=1, mode="nearest")
        np.testing.assert_allclose(got, want, atol=1e-12)


def test_a_quarter_turn_is_counter_clockwise_and_four_are_the_identity(x, x64):
    square = jnp.asarray(x[:2, :, :, :6], jnp.float64)
    quarter = lambda x: warped(x, jnp.full(2, np.pi / 2), jnp.ones(2))  # noqa: E731
    np.testing.assert_allclose(quarter(square), np.rot90(square, axes=(2, 3)), atol=1e-12)
    np.testing.assert_allclose(quarter(quarter(quarter(quarter(square)))), square, atol=1e-12)


def test_a_single_row_of_pixels_is_scaled_too():
    out = warped(jnp.arange(5.0).reshape(1, 1, 1, 5), jnp.zeros(1), jnp.full(1, 2.0))
    np.testing.assert_allclose(out[0, 0, 0], [1, 1.5, 2, 2.5, 3])


@pytest.mark.parametrize(("kind", "low", "high"), [(Rotate(30.0), -30, 30), (Zoom(0.5), -np.log(1.5), np.log(1.5))])
def test_angles_and_scales_are_uniform_within_their_range(kind, low, high):
    """A ramp through the middle tells both: its slopes after the change are those of A."""
    i, j = np.mgrid[:5, :5] - 2.0
    ramps = np.broadcast_to(np.stack([i, j]), (B, 2, 5, 5)).astype(np.float32)
    out = np.asarray(made(kind, ramps))
    by_row, by_column = out[:, 0, 3, 2] - out[:, 0, 2, 2], out[:, 1, 3, 2] - out[:, 1, 2, 2]
    drawn = np.rad2deg(np.arctan2(by_column, by_row)) if isinstance(kind, Rotate) else -np.log(by_row)
    assert low <= drawn.min() and drawn.max() <= high
    u = np.sort((drawn - low) / (high - low))
    assert np.abs(u - (np.arange(B) + 0.5) / B).max() < 2.2 / np.sqrt(B)  # Kolmogorov: 1e-4


def test_brightness_contrast_and_saturation_by_hand(x):
    bright = np.asarray(made(Brightness(0.5), x)) - x
    δ = bright[:, 0, 0, 0]
    np.testing.assert_allclose(bright, np.broadcast_to(δ[:, None, None, None], SHAPE), atol=1e-6)
    assert abs(δ).max() <= 0.5 and δ.std() == pytest.approx(0.5 / np.sqrt(3), rel=0.15)
    out, m = np.asarray(made(Contrast(0.5), x)), x.mean((1, 2, 3), keepdims=True)
    f = (out - m)[:, :1, :1, :1] / (x - m)[:, :1, :1, :1]
    np.testing.assert_allclose(out, m + f * (x - m), atol=1e-4)
    assert f.min() + 1e-4 >= 0.5 and f.max() <= 1.5 + 1e-4 and f.std() == pytest.approx(0.5 / np.sqrt(3), rel=0.15)
    out, g = np.asarray(made(Saturation(0.5), x)), x.mean(1, keepdims=True)
    f = ((out - g) * (x - g)).sum((1, 2, 3)) / ((x - g) ** 2).sum((1, 2, 3))
    np.testing.assert_allclose(out, g + f[:, None, None, None] * (x - g), atol=1e-4)
    assert f.std() == pytest.approx(0.5 / np.sqrt(3), rel=0.15)


def test_grey_pictures_keep_their_grey_and_nothing_is_nothing(x):
    grey = x[:, :1]
    np.testing.assert_allclose(made(Saturation(1.0), grey), grey, atol=1e-6)
    for kind in (Brightness, Contrast, Saturation):
        np.testing.assert_allclose(made(kind(0.0), x), x, atol=1e-6)


def test_noise_has_its_deviation(x):
    ε = (np.asarray(made(Noise(0.3), x)) - x) / 0.3
    n = ε.size
    assert abs(ε.mean()) < 5 / np.sqrt(n) and abs(ε.var() - 1) < 5 * np.sqrt(2 / n)


@pytest.mark.parametrize("size", [3, 4])
def test_cutout_is_a_square_cut_off_at_the_edges(size):
    """The oracle of the paper's code: y1 = clip(y - size // 2, 0, H), y2 = clip(y + size // 2, 0, H), odd sizes whole."""
    ones = np.ones(SHAPE, np.float32)
    out = np.asarray(made(Cutout(size), ones))
    want = {}
    for y in range(6):
        for x in range(7):
            mask = np.ones((6, 7), np.float32)
            top, left = y - size // 2, x - size // 2
            mask[max(top, 0) : max(top + size, 0), max(left, 0) : max(left + size, 0)] = 0
            want[mask.tobytes()] = y, x
    seen = {want[one.tobytes()] for one in out[:, 0]}
    assert len(seen) == 42  # every middle comes
    assert np.array_equal(out[:, 0], out[:, 1]) and np.array_equal(out[:, 0], out[:, 2])
