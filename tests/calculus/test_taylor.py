"""Taylor models and remainders, and jets, against series known by heart and against each other."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.calculus.jets import Jet, jet_along
from gradiens.calculus.random_expression import RandomExpression
from gradiens.calculus.taylor import derivatives_along, expansion, integral_remainder, remainder, taylor_model
from gradiens.core.check import Failure, Mistake

X, D = np.asarray([0.3, -0.7]), np.asarray([0.2, 0.5])


def rosenbrock(t):
    return (1 - t[0]) ** 2 + 100 * (t[1] - t[0] ** 2) ** 2


def wave(x, xp=jnp):
    return xp.exp(xp.sin(x[0]) + x[1] ** 2)


def test_the_quadratic_model_of_rosenbrock(x64):
    (a, b), model = X, taylor_model(rosenbrock, X)
    g = np.asarray([-2 * (1 - a) - 400 * a * (b - a**2), 200 * (b - a**2)])
    H = np.asarray([[2 - 400 * (b - 3 * a**2), -400 * a], [-400 * a, 200]])
    np.testing.assert_allclose(model.g, g, rtol=1e-13)
    np.testing.assert_allclose(model.H, H, rtol=1e-13)
    assert float(model(X + D)) == pytest.approx(rosenbrock(X) + g @ D + D @ H @ D / 2, rel=1e-13)
    np.testing.assert_allclose(H @ model.newton_step(), -g, rtol=1e-11)
    linear = taylor_model(rosenbrock, X, 1)
    assert float(linear(X + D)) == pytest.approx(rosenbrock(X) + g @ D, rel=1e-13)
    with pytest.raises(Failure, match="singular"):
        linear.newton_step()


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_the_remainder_is_its_integral(x64, order):
    assert float(remainder(wave, X, D, order)) == pytest.approx(float(integral_remainder(wave, X, D, order)), rel=1e-10)
    terms = [1.7**j / math.factorial(j) for j in range(order + 1)]  # of eˣ at 0, x = 1.7
    assert float(expansion(jnp.exp, 0.0, 1.7, order)) == pytest.approx(sum(terms), rel=1e-14)


# coefficients of t⁰ … t⁵ at x = 0 along 1
KNOWN = {
    "1/(1-x)": (lambda x: 1 / (1 - x), [1, 1, 1, 1, 1, 1]),
    "exp": (np.exp, [1, 1, 1 / 2, 1 / 6, 1 / 24, 1 / 120]),
    "log(1+x)": (lambda x: np.log(1 + x), [0, 1, -1 / 2, 1 / 3, -1 / 4, 1 / 5]),
    "sin": (np.sin, [0, 1, 0, -1 / 6, 0, 1 / 120]),
    "cos": (np.cos, [1, 0, -1 / 2, 0, 1 / 24, 0]),
    "tanh": (np.tanh, [0, 1, 0, -1 / 3, 0, 2 / 15]),
    "sqrt(1+x)": (lambda x: np.sqrt(1 + x), [1, 1 / 2, -1 / 8, 1 / 16, -5 / 128, 7 / 256]),
    "(1+x)^-1.5": (lambda x: (1 + x) ** -1.5, [1, -3 / 2, 15 / 8, -35 / 16, 315 / 128, -693 / 256]),
    "1/(2-x)": (lambda x: 1 / (2 - x), [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64]),
    "log(2+x)": (lambda x: np.log(2 + x), [math.log(2), 1 / 2, -1 / 8, 1 / 24, -1 / 64, 1 / 160]),
    "sqrt(4+x)": (lambda x: np.sqrt(4 + x), [2, 1 / 4, -1 / 64, 1 / 512, -5 / 16384, 7 / 131072]),
    "sqrt(1+x+x²)": (lambda x: np.sqrt(1 + x + x * x), [1, 1 / 2, 3 / 8, -3 / 16, 3 / 128, 15 / 256]),
    "exp(x+x²)": (lambda x: np.exp(x + x * x), [1, 1, 3 / 2, 7 / 6, 25 / 24, 27 / 40]),
    "log(1-x²)": (lambda x: np.log(1 + x - x**2 - x), [0, 0, -1, 0, -1 / 2, 0]),
    "x³ and x²": (lambda x: x**3 - np.square(x) + -x, [0, -1, -1, 1, 0, 0]),
}


@pytest.mark.parametrize("name", KNOWN)
def test_series_known_by_heart(name):
    f, expected = KNOWN[name]
    derivatives = jet_along(f, 0.0, 1.0, 5)
    np.testing.assert_allclose(derivatives / [math.factorial(j) for j in range(6)], expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("seed", range(3))
def test_jets_are_nested_differentiation(x64, seed):
    f, rng = RandomExpression(seed + 20, operations=5), np.random.default_rng(seed)
    x, d = rng.normal(size=(2, 3))
    nested = jax.jit(lambda x, d: derivatives_along(lambda x: f(*x, xp=jnp), x, d, 4))(x, d)
    np.testing.assert_allclose(jet_along(lambda x: f(*x), x, d, 4), nested, rtol=1e-9, atol=1e-11)


def test_jets_of_matrices_and_vectors():
    A = np.random.default_rng(2).normal(size=(2, 2))
    f = lambda x: (x @ A @ x) * np.sum(A @ x)  # noqa: E731
    got = jet_along(f, X, D, 4)
    q = [X @ A @ X, X @ A @ D + D @ A @ X, D @ A @ D]
    s = [np.sum(A @ X), np.sum(A @ D)]
    c = [q[0] * s[0], q[1] * s[0] + q[0] * s[1], q[2] * s[0] + q[1] * s[1], q[2] * s[1], 0]
    np.testing.assert_allclose(got, [math.factorial(j) * c[j] for j in range(5)], rtol=1e-12, atol=1e-12)
    assert jet_along(lambda x: 3.0, X, D, 2).tolist() == [3.0, 0.0, 0.0]
    assert "Jet" in repr(Jet([1.0, 2.0]))


def test_bad_input():
    with pytest.raises(Mistake, match="1 or 2"):
        taylor_model(rosenbrock, X, 3)
    with pytest.raises(Mistake, match="vector"):
        taylor_model(jnp.sin, 1.0)
    with pytest.raises(Mistake, match="order"):
        derivatives_along(jnp.sin, 1.0, 1.0, -1)
    with pytest.raises(Mistake, match="order"):
        jet_along(np.sin, 1.0, 1.0, 0)
    with pytest.raises(Mistake, match="every order"):
        jet_along(np.abs, 1.0, 1.0, 2)
