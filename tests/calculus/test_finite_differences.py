"""Orders, steps and estimates of errors, where the derivative is known."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.calculus.finite_differences import ORDER, difference, estimate, numerical_jacobian, step_size
from gradiens.core.check import Mistake

# function, derivative; both take complex numbers
CASES = {
    "exp sin": (lambda x: np.exp(np.sin(x)), lambda x: np.cos(x) * np.exp(np.sin(x))),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "large": (lambda x: 1e8 + np.sin(50 * x), lambda x: 50 * np.cos(50 * x)),
    "reciprocal": (lambda x: 1 / (x + 0.1), lambda x: -1 / (x + 0.1) ** 2),
}


@pytest.mark.parametrize("scheme", ORDER)
@pytest.mark.parametrize("name", CASES)
def test_the_true_error_is_within_the_estimate(name, scheme):
    f, slope = CASES[name]
    for x in np.linspace(0.05, 3.0, 40):
        found = estimate(f, x, 1.0, scheme)
        assert abs(found.value - slope(x)) <= 3 * found.error + 1e-15 * abs(slope(x)), x
    assert abs(found.value - slope(x)) < 1e-3 * max(abs(slope(x)), abs(f(x)))


@pytest.mark.parametrize(("scheme", "order"), ORDER.items())
def test_formulas_on_a_cubic(scheme, order):
    """x³ at 2 with h = 1/2: 12 + 6h + h², 12 + h², 12 - h²."""
    expected = {"forward": 12 + 3 + 0.25, "central": 12.25, "complex": 11.75}[scheme]
    assert difference(lambda x: x**3, 2.0, 1.0, 0.5, scheme) == pytest.approx(expected, rel=1e-14)
    errors = [abs(difference(np.sin, 1.0, 1.0, h, scheme) - np.cos(1.0)) for h in (1e-2, 1e-3)]
    assert np.log10(errors[0] / errors[1]) == pytest.approx(order, abs=0.01)


def test_the_estimate_of_the_error_by_hand():
    """x³ at 2, h = 1/2: D(2h) - D(h) = 13 - 12.25, 11 - 11.75. Of 2²⁰ + x, exact in binary, rounding alone."""
    u = np.finfo(float).eps
    for scheme in ("central", "complex"):
        assert estimate(lambda x: x**3, 2.0, 1.0, scheme, 0.5).error == pytest.approx(0.75, rel=1e-12)
    found = estimate(lambda x: 2.0**20 + x, 1.0, 1.0, h=2.0**-10)
    assert found.value == 1.0
    assert found.error == pytest.approx(u * (2 * 2.0**20 + 2 + 2.0**-10) * 2.0**10, rel=1e-12)
    assert estimate(lambda x: 3.0 * x, 1.0, 1.0, "complex", 2.0**-30).error == pytest.approx(3 * u, rel=1e-12)
    assert estimate(lambda x: 2.0**20 + x, 1.0, 4.0, h=2.0**-4).error < u * 2.0**26
    assert difference(lambda x: x**2, 3.0, 4.0, 0.5, "complex") == pytest.approx(24.0, rel=1e-14)


def test_steps():
    u = np.finfo(float).eps
    assert step_size(0.3, 1.0, "forward") == pytest.approx(np.sqrt(u))
    assert step_size(np.asarray([0.1, 5000.0]), np.asarray([0.0, 1.0])) == pytest.approx(5000 * np.cbrt(u))
    assert step_size(np.asarray([0.1, 5000.0]), np.asarray([2.0, 0.0])) == pytest.approx(np.cbrt(u) / 2)


def test_double_precision_whatever_the_process_has():
    found = estimate(lambda x: jnp.exp(jnp.sin(x)), 0.3, 1.0)
    assert found.value == pytest.approx(np.cos(0.3) * np.exp(np.sin(0.3)), rel=1e-9)


def test_jacobian_and_direction():
    f = lambda x: np.asarray([x[0] * x[1], np.sin(x[1]), x[0]])  # noqa: E731
    x, d = np.asarray([0.7, -0.4]), np.asarray([2.0, 1.0])
    J = np.asarray([[x[1], x[0]], [0, np.cos(x[1])], [1, 0]])
    np.testing.assert_allclose(numerical_jacobian(f, x), J, atol=1e-9)
    np.testing.assert_allclose(numerical_jacobian(f, x, "forward", 1e-7), J, atol=1e-6)
    np.testing.assert_allclose(estimate(f, x, d).value, J @ d, atol=1e-8)


def test_bad_input():
    with pytest.raises(Mistake, match="'central'"):
        difference(np.sin, 1.0, 1.0, 0.1, "centrall")
    with pytest.raises(Mistake, match="h > 0"):
        difference(np.sin, 1.0, 1.0, 0.0)
    with pytest.raises(Mistake, match="direction"):
        estimate(np.sum, np.ones(2), np.zeros(2))
    with pytest.raises(Mistake, match="vector"):
        numerical_jacobian(np.sum, np.ones((2, 2)))
