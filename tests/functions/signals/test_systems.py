"""Systems: known ones have the properties that they have, to rounding, and clearly lack the others."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from gradiens.core.check import Mistake
from gradiens.functions.signals.systems import (
    delay,
    impulse_response,
    invariance_error,
    linearity_error,
    response_error,
)

NUMERATOR, DENOMINATOR = np.array([0.5, -0.2]), np.array([1.0, -0.7, 0.3])
SYSTEMS = {  # system, whether linear, whether time-invariant
    "recursive filter": (lambda x: scipy.signal.lfilter(NUMERATOR, DENOMINATOR, x), True, True),
    "square": (lambda x: x**2, False, True),
    "t x": (lambda x: np.arange(len(x)) * x, True, False),
    "t x²": (lambda x: np.arange(len(x)) * x**2, False, False),
    "nothing": (lambda x: 0 * x, True, True),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_properties(name):
    system, linear, invariant = SYSTEMS[name]
    draw = lambda: (system, 12, np.random.default_rng(3))  # noqa: E731
    assert linearity_error(*draw()) < 1e-12 if linear else linearity_error(*draw()) > 0.1
    assert invariance_error(*draw()) < 1e-12 if invariant else invariance_error(*draw()) > 0.1
    assert response_error(*draw()) < 1e-12 if linear and invariant else response_error(*draw()) > 0.1


def test_the_impulse_response_of_a_recursion():
    h = impulse_response(SYSTEMS["recursive filter"][0], 6)
    expected = [0.5]  # h_t = 0.7 h_{t-1} - 0.3 h_{t-2} + the numerator, by hand
    expected += [0.7 * expected[0] - 0.2]
    for _ in range(4):
        expected.append(0.7 * expected[-1] - 0.3 * expected[-2])
    np.testing.assert_allclose(h, expected, rtol=1e-12)


def test_delay():
    np.testing.assert_array_equal(delay(np.array([1.0, 2.0, 3.0]), 1), [0, 1, 2])


def test_a_system_keeps_the_length():
    with pytest.raises(Mistake, match="answers 4 numbers with 4"):
        impulse_response(lambda x: x[:2], 4)
