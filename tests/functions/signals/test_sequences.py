"""Convolution of sequences and images: against SciPy, and what the algebra promises."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import scipy.signal

from gradiens.core.check import Mistake
from gradiens.functions.signals.sequences import (
    circular_convolution,
    cross_correlation,
    discrete_convolution,
    fft_convolution,
    law_of_sum,
)

RNG = np.random.default_rng(0)
SHAPES = [((4,), (7,)), ((7,), (4,)), ((1,), (5,)), ((2, 3), (5, 4)), ((3, 2, 2), (4, 3, 5))]
near = {"rtol": 1e-12, "atol": 1e-12}


@pytest.mark.parametrize(("m", "n"), SHAPES)
def test_the_parts_are_scipys(m, n):
    a, b = RNG.normal(size=m), RNG.normal(size=n)
    np.testing.assert_allclose(discrete_convolution(a, b), scipy.signal.convolve(a, b), **near)
    np.testing.assert_allclose(fft_convolution(a, b), scipy.signal.convolve(a, b), **near)
    np.testing.assert_allclose(cross_correlation(a, b), scipy.signal.correlate(b, a), **near)
    np.testing.assert_allclose(discrete_convolution(a, b, "same"), scipy.signal.convolve(b, a, "same"), **near)
    if all(k <= length for k, length in zip(m, n)):
        np.testing.assert_allclose(discrete_convolution(a, b, "valid"), scipy.signal.convolve(b, a, "valid"), **near)
        np.testing.assert_allclose(cross_correlation(a, b, "valid"), scipy.signal.correlate(b, a, "valid"), **near)


def test_by_hand():
    np.testing.assert_array_equal(discrete_convolution(np.array([1, 2]), np.array([3, 4, 5])), [3, 10, 13, 10])
    np.testing.assert_array_equal(cross_correlation(np.array([1, 2]), np.array([3, 4, 5])), [6, 11, 14, 5])
    np.testing.assert_array_equal(circular_convolution(np.array([1, 2, 0]), np.array([3, 4, 5])), [13, 10, 13])


@pytest.mark.parametrize("shape", [(6,), (4, 3)])
def test_circular_convolution_is_a_product_of_transforms(shape):
    a, b = RNG.normal(size=(2, *shape))
    expected = np.fft.ifftn(np.fft.fftn(a) * np.fft.fftn(b)).real
    np.testing.assert_allclose(circular_convolution(a, b), expected, **near)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_dice_are_counted(count):
    law = law_of_sum(np.full(6, 1 / 6), count)
    faces = [sum(throw) for throw in product(range(6), repeat=count)]
    expected = [float(Fraction(faces.count(total), 6**count)) for total in range(5 * count + 1)]
    np.testing.assert_allclose(law, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: discrete_convolution(np.ones(3), np.ones((3, 3))), "two arrays of one rank that hold numbers"),
        (lambda: discrete_convolution(np.ones(0), np.ones(3)), "hold numbers"),
        (lambda: discrete_convolution(np.ones(4), np.ones(3), "valid"), r"fits into shape \(3,\), got shape \(4,\)"),
        (lambda: cross_correlation(np.ones(2), np.ones(3), "whole"), "known part"),
        (lambda: circular_convolution(np.ones(2), np.ones(3)), "two periods of one length"),
        (lambda: law_of_sum(np.array([0.5, 0.6]), 2), "probabilities that sum to 1"),
        (lambda: law_of_sum(np.array([0.5, 0.5]), 0), "one summand or more, got 0"),
    ],
)
def test_bad_input(call, says):
    with pytest.raises(Mistake, match=says):
        call()
