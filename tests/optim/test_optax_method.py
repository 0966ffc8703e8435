"""Every method for whole vectors takes the same steps as an Optax transformation in a loop that is not ours."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gradiens.core.catalogue import members
from gradiens.core.check import Mistake
from gradiens.core.iterate import iterate
from gradiens.optim.cost import cost_of, half_squares
from gradiens.optim.minimiser import Minimise
from gradiens.optim.optax_method import method_to_optax

METHODS = {name: entry.what for name, entry in members("minimiser").items() if name != "secant"}
TREE = {"a": np.array([0.3, -0.2]), "b": np.array([[0.5]])}
STEPS = 3


def residuals(theta):
    x = jnp.concatenate([theta["a"], theta["b"].ravel()])
    return jnp.stack([x[0] - 1, 2 * (x[1] - x[0] ** 2), x[2] * x[0] + 1, x[2]])


def cost(theta):
    return half_squares(residuals(theta))


@pytest.mark.parametrize("name", METHODS)
def test_the_same_steps(x64, name):
    method = METHODS[name]()
    if name in ("gauss_newton", "levenberg_marquardt", "natural_gradient"):
        f, loss = residuals, half_squares
    else:
        f, loss = cost, None
    start = jax.tree.map(jnp.asarray, TREE)
    theirs = method_to_optax(method, f, loss)

    @jax.jit
    def step(params, state):
        update, state = theirs.update(jax.grad(cost)(params), state, params)
        return optax.apply_updates(params, update), state

    params, state = start, theirs.init(start)
    for _ in range(STEPS):
        params, state = step(params, state)
    problem = cost_of(f, start, loss=loss)
    ours = iterate(Minimise(problem, method, 0.0), problem.layout.ravel(start), steps=STEPS, quiet=True)
    np.testing.assert_allclose(problem.layout.ravel(params), ours.state.point.theta, rtol=1e-9, atol=1e-12)
    assert not np.allclose(problem.layout.ravel(params), problem.layout.ravel(start))


def test_it_needs_the_parameters():
    made = method_to_optax("bfgs", cost)
    start = jax.tree.map(jnp.float32, TREE)
    with pytest.raises(Mistake, match="parameters"):
        made.update(start, made.init(start))
