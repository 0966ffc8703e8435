"""What every optimizer of the catalogue must do."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.catalogue import members
from gradiens.core.iterate import iterate
from gradiens.core.module import knobs
from gradiens.optim.descent import Descent
from gradiens.optim.optax_bridge import from_optax, to_optax
from gradiens.optim.schedules import Cosine
from gradiens.optim.solution import solution

OPTIMIZERS = [entry.what for entry in members("optimizer").values()]
# Settings of a size that suits a start at a distance of 2: a step of Adagrad shrinks like 1/√t, one of Adadelta starts at √ε.
SUITED = {"Adagrad": {"lr": 0.5}, "Shampoo": {"lr": 0.5}, "Adadelta": {"lr": 1.0, "eps": 1e-3}}
each = pytest.mark.parametrize("kind", OPTIMIZERS, ids=lambda kind: kind.__name__)


def tree(dtype=jnp.float32, scale=1.0):
    rng = np.random.default_rng(1)
    return {
        "W": jnp.asarray(scale * rng.normal(size=(3, 2)), dtype),
        "none": None,
        "b": jnp.asarray(rng.normal(size=3), dtype),
    }


def three_steps(optimizer, theta, g):
    """On gradients along one line, of which the first is so long that every memory still shows after it."""
    state = optimizer.init_tree(theta)
    for factor in (40.0, -2.0, -4.0):
        state, update = optimizer.step_tree(state, jax.tree.map(lambda leaf, c=factor: c * leaf, g), theta)
        theta = jax.tree.map(jnp.add, theta, update)
    return theta


def test_there_are_some():
    first_order = (
        "SGD Momentum Nesterov Adagrad Adadelta RMSprop Adam Adamax Nadam AMSGrad AdamW Lion ScheduleFree Shampoo"
    )
    assert set(first_order.split()) <= {kind.__name__ for kind in OPTIMIZERS}


@each
def test_converges_on_a_convex_quadratic(kind):
    curvature, start = jnp.asarray([1.0, 3.0, 10.0]), jnp.asarray([1.0, -2.0, 0.5])
    cost = lambda theta, t: jnp.sum(curvature * theta**2) / 2  # noqa: E731
    method = kind(**SUITED.get(kind.__name__, {"lr": 0.05}))
    outcome = iterate(Descent(cost, method, Cosine(500)), start, steps=500, quiet=True)
    for theta in (outcome.state.theta, solution(outcome.state.optimizer, outcome.state.theta)):
        assert float(cost(theta, 0)) < 1e-4 * float(cost(start, 0))


@each
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
def test_keeps_structure_and_dtype(x64, kind, dtype):
    theta = tree(dtype)
    after = three_steps(kind(), theta, tree(dtype, 2.0))
    assert jax.tree.structure(after) == jax.tree.structure(theta)
    assert all(leaf.dtype == dtype for leaf in jax.tree.leaves(after))
    state = kind().init_tree(theta)
    later, _ = kind().step_tree(state, theta, theta)
    assert [leaf.dtype for leaf in jax.tree.leaves(later)] == [leaf.dtype for leaf in jax.tree.leaves(state)]


@each
def test_turning_a_knob_does_not_retrace_and_has_an_effect(x64, kind):
    traces = []

    @jax.jit
    def run(optimizer, theta, g):
        traces.append(optimizer)
        return three_steps(optimizer, theta, g)

    theta, g = tree(jnp.float64), tree(jnp.float64, 2.0)
    before = run(kind(), theta, g)
    floats = {name: knob for name, knob in knobs(kind).items() if isinstance(knob.default, float)}
    assert "lr" in floats
    for name, knob in floats.items():
        after = run(dataclasses.replace(kind(), **{name: 0.3 * knob.default + 1e-3}), theta, g)
        assert any(jax.tree.leaves(jax.tree.map(lambda a, b: bool(jnp.any(a != b)), before, after))), name
    assert len(traces) == 1


@each
def test_compiled_equals_eager(x64, kind):
    args = kind(), tree(jnp.float64), tree(jnp.float64, 2.0)
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12), jax.jit(three_steps)(*args), three_steps(*args)
    )


@each
def test_vmap_over_a_knob_equals_the_loop(x64, kind):
    lrs, theta, g = jnp.asarray([0.01, 0.1, 1.0]), tree(jnp.float64), tree(jnp.float64, 2.0)
    batch = jax.vmap(lambda lr: three_steps(kind(lr=lr), theta, g))(lrs)
    for i, lr in enumerate(lrs):
        one = three_steps(kind(lr=float(lr)), theta, g)
        jax.tree.map(lambda a, b, i=i: np.testing.assert_allclose(a[i], b, rtol=1e-12), batch, one)


@each
@pytest.mark.parametrize("size", [1e4, -1e4, 0.0])
def test_finite_at_extreme_gradients(kind, size):
    theta = tree()
    after = three_steps(kind(), theta, jax.tree.map(lambda leaf: jnp.full_like(leaf, size), theta))
    assert all(bool(jnp.all(jnp.isfinite(leaf))) for leaf in jax.tree.leaves(after))


@each
def test_no_leaf_of_the_state_appears_twice(kind):
    leaves = jax.tree.leaves(Descent(lambda theta, t: jnp.zeros(()), kind()).init(tree()))
    assert len({leaf.unsafe_buffer_pointer() for leaf in leaves}) == len(leaves)


@each
def test_as_an_optax_transformation(x64, kind):
    args = tree(jnp.float64), tree(jnp.float64, 2.0)
    there_and_back = three_steps(from_optax(to_optax(kind())), *args)
    jax.tree.map(np.testing.assert_array_equal, there_and_back, three_steps(kind(), *args))
