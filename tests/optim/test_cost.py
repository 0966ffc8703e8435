"""The cost and its derivatives, by SciPy's Rosenbrock function and by hand; the layout of a tree; costs that are none."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.cost import Composite, Layout, cost_of, half_squares
from gradiens.optim.problems.rosenbrock import Rosenbrock
from tests.optim.methods import plain, quadratic, rosen, rosen_der, rosen_hess, rosenbrock

THETA = np.array([-1.2, 0.7, 0.3])


def test_value_gradient_hessian(x64):
    for cost in (rosenbrock(3), plain(lambda t: Rosenbrock(3)(t), np.zeros(3))):
        theta, p = jnp.asarray(THETA), np.array([0.3, -1.0, 2.0])
        assert cost(theta) == pytest.approx(rosen(THETA))
        np.testing.assert_allclose(cost.grad(theta), rosen_der(THETA), rtol=1e-11)
        point = cost.at(theta)
        assert point.value == pytest.approx(rosen(THETA))
        np.testing.assert_allclose(point.g, rosen_der(THETA), rtol=1e-11)
        np.testing.assert_allclose(cost.hessian(theta), rosen_hess(THETA), rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(cost.product(theta, jnp.asarray(p)), rosen_hess(THETA) @ p, rtol=1e-10)


def test_the_curvature_of_a_plain_cost_is_its_hessian(x64):
    cost, A, _ = quadratic()
    np.testing.assert_allclose(cost.curvature(jnp.ones(4)), A, atol=1e-12)


def test_a_hessian_is_symmetric_to_the_bit(x64):
    H = np.asarray(rosenbrock(5).hessian(jnp.asarray(np.random.default_rng(0).normal(size=5))))
    np.testing.assert_array_equal(H, H.T)
    uneven = cost_of(lambda t: t[0] * t[1], jnp.ones(2), gradient=lambda t: jnp.stack([2 * t[1], t[0]]))
    np.testing.assert_allclose(uneven.hessian(jnp.ones(2)), [[0, 1.5], [1.5, 0]])  # of a Jacobian that is not


def test_given_derivatives_are_used(x64):
    """They are told apart by being wrong."""
    cost = cost_of(
        lambda t, c: c * jnp.sum(t["a"] ** 2), {"a": jnp.ones(2)}, (jnp.asarray(3.0),),
        gradient=lambda t, c: {"a": c * t["a"]}, hessian=lambda t, c: 7 * c * jnp.eye(2),
    )  # fmt: skip
    theta = jnp.asarray([1.0, 2.0])
    np.testing.assert_allclose(cost.grad(theta), [3.0, 6.0])
    assert cost.at(theta).value == 15.0
    np.testing.assert_allclose(cost.at(theta).g, [3.0, 6.0])
    np.testing.assert_allclose(cost.hessian(theta), 21 * np.eye(2))
    np.testing.assert_allclose(cost.product(theta, theta), [21.0, 42.0])


def outputs(theta, X):
    return jnp.tanh(X @ theta)


@pytest.mark.parametrize("rows", [2, 6])
def test_a_composite_cost(x64, rows):
    """G = Jᵀ diag(loss'') J with J = (1 - z²) X, for few outputs and for many."""
    X, theta, p = (np.random.default_rng(rows).normal(size=size) for size in ((rows, 3), 3, 3))
    loss = lambda z: jnp.sum(jax.nn.softplus(2 * z))  # noqa: E731
    cost = cost_of(outputs, jnp.zeros(3), (jnp.asarray(X),), loss=loss)
    assert isinstance(cost, Composite)
    z = np.tanh(X @ theta)
    J, s = (1 - z**2)[:, None] * X, 1 / (1 + np.exp(-2 * z))
    G = J.T @ np.diag(4 * s * (1 - s)) @ J
    at = jnp.asarray(theta)
    np.testing.assert_allclose(cost.outputs(at), z, rtol=1e-12)
    assert cost(at) == pytest.approx(np.sum(np.log(1 + np.exp(2 * z))))
    np.testing.assert_allclose(cost.grad(at), J.T @ (2 * s), rtol=1e-10)
    np.testing.assert_allclose(cost.jacobian(at), J, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(cost.gauss_newton_product(at, jnp.asarray(p)), G @ p, rtol=1e-9)
    np.testing.assert_allclose(cost.curvature(at), G, rtol=1e-9, atol=1e-12)


def test_half_squares():
    assert half_squares(jnp.asarray([3.0, 4.0])) == 12.5


def test_data_of_a_module_are_data_of_the_program(x64):
    traces = []

    class Bowl(eqx.Module):
        centre: jax.Array

        def __call__(self, theta):
            traces.append(0)
            return jnp.sum((theta - self.centre) ** 2)

    grad = jax.jit(lambda cost, theta: cost.grad(theta))
    for centre in (1.0, 2.0):
        cost = cost_of(Bowl(jnp.full(2, centre)), jnp.zeros(2))
        np.testing.assert_allclose(grad(cost, jnp.zeros(2)), -2 * centre * np.ones(2))
    assert len(traces) == 3  # the shape of each, and one program


def test_layout(x64):
    tree = {"W": jnp.arange(6.0).reshape(2, 3), "b": (jnp.asarray(7.0), jnp.asarray([8.0, 9.0], jnp.float32))}
    layout = Layout.of(tree)
    vector = layout.ravel(tree)
    np.testing.assert_array_equal(vector, [0, 1, 2, 3, 4, 5, 7, 8, 9])
    assert vector.dtype == jnp.float64
    back = layout.unravel(vector)
    assert jax.tree.structure(back) == jax.tree.structure(tree)
    for leaf, was in zip(jax.tree.leaves(back), jax.tree.leaves(tree), strict=True):
        assert leaf.dtype == was.dtype and leaf.shape == was.shape
        np.testing.assert_array_equal(leaf, was)
    assert [layout.name(i) for i in (0, 4, 5, 6, 7, 8)] == ["W[0, 0]", "W[1, 1]", "W[1, 2]", "b.0", "b.1[0]", "b.1[1]"]
    with pytest.raises(IndexError):
        layout.name(9)
    assert Layout.of(jnp.ones(3)).name(2) == "θ[2]" and Layout.of(1.5).name(0) == "θ"


@pytest.mark.parametrize(
    ("theta", "says"),
    [({}, "at least one parameter"), (jnp.zeros(0), "at least"), ({"n": jnp.arange(3)}, "int32 in n"), (3, "real")],
)
def test_starts_that_are_none(theta, says):
    with pytest.raises(Mistake, match=says):
        Layout.of(theta)


@pytest.mark.parametrize(
    ("f", "says"),
    [
        (lambda t: t, r"one number, got shape \(3,\)"),
        (lambda t: (t, t), "one number"),
        (lambda t: jnp.argmax(t), "a real cost"),
        (lambda t: 1.0 if t[0] > 0 else 2.0, "jnp.where"),
        (lambda t: np.sum(np.sin(t)), "jax.numpy"),
        (lambda t: t @ jnp.ones((4, 4)) @ t, "shapes"),
    ],
)
def test_costs_that_are_none(f, says):
    with pytest.raises(Mistake, match=says):
        cost_of(f, jnp.zeros(3))
