"""Dual numbers and the tape equal JAX on random expressions, and each other on everything else they can do."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.calculus.dual import Dual, forward_derivative, forward_gradient
from gradiens.calculus.overloading import total
from gradiens.calculus.random_expression import RandomExpression
from gradiens.calculus.reverse import record, reverse_gradient, reverse_hessian_vector
from gradiens.core.check import Mistake

A, B = np.random.default_rng(0).normal(size=(2, 3, 3))
X, Y = np.random.default_rng(1).uniform(0.5, 1.5, size=(2, 3))


@pytest.mark.parametrize("seed", range(12))
def test_random_expressions_against_jax(x64, seed):
    shape = () if seed % 2 else (2, 3)
    f, rng = RandomExpression(seed, operations=8), np.random.default_rng(seed)
    x, v = tuple(rng.normal(size=(3, *shape))), tuple(rng.normal(size=(3, *shape)))
    grad = jax.grad(lambda point: f(*point, xp=jnp))
    expected, pushed = jax.jvp(grad, (tuple(map(jnp.asarray, x)),), (tuple(map(jnp.asarray, v)),))
    forward, reverse, product = forward_gradient(f, *x), reverse_gradient(f, *x), reverse_hessian_vector(f, x, v)
    assert forward.passes == 3 * int(np.prod(shape))
    assert forward.value == pytest.approx(float(f(*x)), rel=1e-14) == reverse.value
    along = forward_derivative(f, x, v)[1]
    assert along == pytest.approx(sum(float(np.sum(g * d)) for g, d in zip(expected, v)), rel=1e-11, abs=1e-13)
    for i in range(3):
        np.testing.assert_allclose(forward.gradient[i], expected[i], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(reverse.gradient[i], expected[i], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(product[i], pushed[i], rtol=1e-11, atol=1e-13)


def network(W, V, b, x):
    """Products, transposes, slices, broadcasting: what a network is made of."""
    return np.sum((V.T @ np.tanh(W @ x + b))[1:] ** 2) + 3.0 / x[0] + (x @ x) * b[0]


OTHERS = {
    "network": (network, (A, B, Y, X)),
    "vector times matrix": (lambda x, W: (x @ W) @ x, (X, A)),
    "matrix times matrix": (lambda W, V: np.sum((W @ V) * A), (A, B)),
    "a number and an array": (lambda s, x: np.sum(s * x + x / s - s), (np.asarray(0.7), X)),
    "powers": (lambda x: np.sum(x**3 + x**-1.5 + 2.0**x + x**x), (X,)),
    "one entry twice": (lambda x: x[np.asarray([0, 0, 2])].sum() * x[0] ** 2, (X,)),
    "kinks": (lambda x: np.sum(np.abs(x - 1.0) + np.maximum(x, 0.9 * x**2)), (X,)),
    "constants on the left": (lambda x: np.sum(A @ x) - 2.0 * (1.0 - x[1]) + (A[0] - x)[2], (X,)),
    "roots and logarithms": (lambda x: np.sum(np.sqrt(x) * np.log(x) - np.square(x) + np.cos(x)), (X,)),
    "sum as one node": (lambda x: total(x[0], x[1] * x[2], 2.0, np.sin(x[0])), (X,)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_everything_else_against_central_differences(name):
    f, x = OTHERS[name]
    forward, reverse = forward_gradient(f, *x), reverse_gradient(f, *x)
    for i, part in enumerate(x):
        np.testing.assert_allclose(forward.gradient[i], reverse.gradient[i], rtol=1e-12, atol=1e-13)
        for index in np.ndindex(part.shape):
            e = np.zeros(part.shape)
            e[index] = 1e-6
            up, down = ([*x[:i], part + s * e, *x[i + 1 :]] for s in (1, -1))
            slope = (f(*up) - f(*down)) / 2e-6
            assert reverse.gradient[i][index] == pytest.approx(float(slope), rel=1e-7, abs=1e-8)
    v = tuple(np.ones_like(part) for part in x)
    if name != "kinks":
        up, down = (reverse_gradient(f, *(p + s * 1e-5 * d for p, d in zip(x, v))).gradient for s in (1, -1))
        for got, a, b in zip(reverse_hessian_vector(f, x, v), up, down):
            np.testing.assert_allclose(got, (a - b) / 2e-5, rtol=1e-6, atol=1e-7)


def test_the_pass_can_be_stepped_and_shows_each_partial_derivative():
    tape = record(lambda x, y: x * y + np.sin(x), 2.0, 3.0, names=("x", "y"), output="z")
    visits = list(tape.backward())
    assert [visit.node.name for visit in visits] == ["z", "a2", "a1", "y", "x"]
    product = visits[2]
    assert product.node.form == "x · y" and float(product.adjoint) == 1.0
    assert [(e.parent.name, float(e.partial), float(c)) for e, c in product.carried] == [("x", 3, 3), ("y", 2, 2)]
    assert float(visits[-1].adjoint) == pytest.approx(3 + np.cos(2.0)) and float(visits[-2].adjoint) == 2.0
    first = next(tape.backward())
    assert first.node is tape.output and float(first.adjoint) == 1.0
    assert repr(tape.nodes[2]) == "a1 = x · y = 6.0"


def test_an_adjoint_is_the_sum_over_the_children():
    tape = record(RandomExpression(3, operations=20), 0.3, -0.8, 1.1)
    adjoints = tape.adjoints()
    for node in tape.nodes[:-1]:
        parts = [edge.partial * adjoints[child.index] for child, edge in tape.children(node)]
        assert adjoints[node.index] == pytest.approx(sum(parts), rel=1e-13)


def test_operations_by_hand():
    """x y + sin x: three operations; back: 2 + 2 for the product, 1 + 2 for the sine, 2 for the addition."""
    tape = record(lambda x, y: x * y + np.sin(x), 2.0, 3.0)
    assert (tape.operations, tape.reverse_operations) == (3, 9)
    tape = record(lambda W, x: np.sum(W @ x), np.ones((4, 3)), np.ones(3))
    assert (tape.operations, tape.reverse_operations) == (4 * 5 + 4, 2 * 2 * 12 + 4)


def test_a_sum_of_several_terms_is_one_node():
    """x + y + x y: one product, two additions; back: 2 + 2 for the product, one addition to each of three terms."""
    tape = record(lambda x, y: total(x, y, x * y), 2.0, 3.0, names=("x", "y"))
    assert (tape.operations, tape.reverse_operations, tape.output.form) == (3, 7, "x + y + a1")


def test_what_is_computed_in_vain_and_an_input_returned():
    def f(x, y):
        z = x * y
        np.exp(z)
        return z

    assert len(record(f, 2.0, 3.0).nodes) == 3
    assert reverse_gradient(lambda x, y: y, 2.0, 3.0).gradient == (0.0, 1.0)
    assert len(record(lambda x: total(x, x), 1.0).nodes) == 2


def test_comparisons_steer_and_are_not_differentiated():
    f = lambda x: x**2 if x > 1 else -x  # noqa: E731
    assert reverse_gradient(f, 3.0).gradient[0] == 6.0 and forward_gradient(f, 0.5).gradient[0] == -1.0


def test_bad_input():
    for make in (lambda u: Dual(u, 1.0), lambda u: record(np.sum, u).inputs[0]):
        u = make(np.ones(2))
        with pytest.raises(Mistake, match=r"np\.arctan"):
            np.arctan(u)
        with pytest.raises(Mistake, match=r"np\.mean"):
            np.mean(u)
        with pytest.raises(Mistake, match="exponent"):
            u ** np.ones(2)
    with pytest.raises(Mistake, match=r"shape \(2,\)"):
        record(lambda x: x * 2.0, np.ones(2))
    with pytest.raises(Mistake, match="constant"):
        record(lambda x: 3.0, 1.0)
    with pytest.raises(TypeError):
        len(Dual(1.0))
    assert [float(part.value) for part in Dual(np.asarray([1.0, 2.0]))] == [1.0, 2.0]
    assert "Dual" in repr(Dual(1.0, 2.0))
