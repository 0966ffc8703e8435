"""Where the parameters to evaluate are read from."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import optax

from gradiens.optim.adam import Adam
from gradiens.optim.averaging import averaged
from gradiens.optim.optax_bridge import as_optimizer
from gradiens.optim.schedule_free import ScheduleFree
from gradiens.optim.sgd import SGD
from gradiens.optim.solution import solution

THETA = {"W": jnp.ones((2, 3)), "none": None, "b": jnp.zeros(2)}
G = {"W": jnp.full((2, 3), 0.5), "none": None, "b": jnp.ones(2)}


def after_two_steps(method):
    state = method.init_tree(THETA)
    for _ in range(2):
        state, _ = method.step_tree(state, G, THETA)
    return state


def test_most_methods_have_theta():
    for method in (SGD(0.1), Adam(0.1), as_optimizer(optax.adam(0.1))):
        assert solution(after_two_steps(method), THETA) is THETA


def test_schedule_free_and_averaged_have_their_mean():
    state = after_two_steps(ScheduleFree(0.1))
    found = solution(state, THETA)
    assert found["none"] is None
    np.testing.assert_array_equal(found["W"], state[0].x)
    np.testing.assert_array_equal(found["b"], state[1].x)
    state = after_two_steps(averaged(SGD(0.1)))
    assert solution(state, THETA) is state.x
    np.testing.assert_allclose(state.x["W"], 1.0)


def test_before_any_step_it_is_the_start():
    for method in (ScheduleFree(), averaged(SGD(0.1))):
        np.testing.assert_array_equal(solution(method.init_tree(THETA), THETA)["W"], THETA["W"])
