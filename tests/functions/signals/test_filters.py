"""Filters: against SciPy's, and what each is made for."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

from gradiens.core.check import Mistake
from gradiens.functions.signals.filters import (
    box_blur,
    edge_strength,
    gabor,
    gaussian,
    laplacian,
    moving_average,
    separated,
    sobel,
    vertical_edge,
)
from gradiens.functions.signals.sequences import cross_correlation

RNG = np.random.default_rng(2)
IMAGE = RNG.normal(size=(9, 8))
near = {"rtol": 1e-12, "atol": 1e-12}
inner = (slice(1, -1), slice(1, -1))


@pytest.mark.parametrize("axis", [0, 1])
def test_sobel_is_scipys(axis):
    expected = scipy.ndimage.sobel(IMAGE, axis)[inner]
    np.testing.assert_allclose(cross_correlation(sobel(axis), IMAGE, "valid"), expected, **near)


def test_laplacian_and_blur_are_scipys():
    np.testing.assert_allclose(
        cross_correlation(laplacian(), IMAGE, "valid"), scipy.ndimage.laplace(IMAGE)[inner], **near
    )
    np.testing.assert_allclose(
        cross_correlation(box_blur(3), IMAGE, "valid"), scipy.ndimage.uniform_filter(IMAGE, 3)[inner], **near
    )
    bell = scipy.ndimage.gaussian_filter(IMAGE, 0.8, truncate=1 / 0.8)[inner]
    np.testing.assert_allclose(cross_correlation(gaussian(3, 0.8), IMAGE, "valid"), bell, **near)


def test_edge_strength_is_the_length_of_sobels_gradient():
    across, down = (scipy.ndimage.sobel(IMAGE, axis)[inner] for axis in (1, 0))
    np.testing.assert_allclose(edge_strength(IMAGE), np.sqrt(across**2 + down**2), **near)


def test_sums():
    assert moving_average(4).tolist() == [0.25] * 4
    assert gaussian(5, 1.3).sum() == pytest.approx(1, rel=1e-12)
    assert vertical_edge().tolist() == [[0, -1, 1]] * 3
    assert vertical_edge().sum() == sobel().sum() == laplacian().sum() == 0


def test_gabor_by_its_formula():
    size, λ, θ, σ, γ, ψ = 5, 3.0, 0.4, 1.5, 0.7, 0.2
    got = gabor(size, λ, θ, σ, γ, ψ)
    for row in range(size):
        for column in range(size):
            x, y = column - 2, row - 2
            along, beside = x * np.cos(θ) + y * np.sin(θ), -x * np.sin(θ) + y * np.cos(θ)
            expected = np.exp(-(along**2 + γ**2 * beside**2) / (2 * σ**2)) * np.cos(2 * np.pi * along / λ + ψ)
            assert got[row, column] == pytest.approx(expected, rel=1e-12)


def test_gabor_answers_to_stripes_of_its_angle():
    stripes = np.cos(2 * np.pi * np.arange(21) / 6)[None, :].repeat(21, 0)  # the wave goes across
    answers = [np.abs(cross_correlation(gabor(9, 6.0, θ), stripes, "valid")).max() for θ in (0, np.pi / 4, np.pi / 2)]
    assert answers[0] > 3 * max(answers[1:])


@pytest.mark.parametrize("kernel", [sobel(0), vertical_edge(), box_blur(3), gaussian(5, 0.9), -sobel(1)])
def test_two_passes(kernel):
    column, row = separated(kernel)
    np.testing.assert_allclose(np.outer(column, row), kernel, **near)
    assert column[np.abs(column).argmax()] > 0
    assert np.linalg.norm(column) == pytest.approx(np.linalg.norm(row), rel=1e-12)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: separated(laplacian()), "a kernel of rank one, got singular values"),
        (lambda: gaussian(3, 0.0), "σ above 0, got 0"),
        (lambda: gabor(3, -1.0), "wavelength above 0"),
        (lambda: moving_average(0), "one place or more, got 0"),
        (lambda: sobel(2), "axis 0"),
    ],
)
def test_bad_input(call, says):
    with pytest.raises(Mistake, match=says):
        call()
