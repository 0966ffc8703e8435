"""The algorithm around the methods: when it ends, what it counts, and optimizers of single gradients as methods."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gradiens.core.iterate import iterate
from gradiens.optim.adam import Adam
from gradiens.optim.cost import cost_of
from gradiens.optim.minimiser import FINE, STUCK, TOLD, Counts, FirstOrder, Minimise, Minimiser, Taken, as_minimiser
from gradiens.optim.newton import Newton
from gradiens.optim.sgd import SGD
from tests.optim.methods import START, end, plain, quadratic, rosen, rosen_der, rosenbrock


class Moving(Minimiser):
    """θ' = θ + move, whatever the cost."""

    move: float = 0.0
    trouble: int = FINE

    def step(self, cost, point, memory):
        return cost.at(point.theta + self.move), memory, Taken(0.5, Counts(2, 1, 3, 4), self.trouble)


def flat():
    return plain(lambda t: 3.0 + 0 * jnp.sum(t) + jnp.sum(t - t), np.zeros(2))


def states(method, cost, theta, steps, **settings):
    problem = Minimise(cost, method, **settings)
    state, infos = problem.init(jnp.asarray(theta)), []
    for _ in range(steps):
        state, info = problem.step(state, None)
        infos.append(info)
    return state, infos


def test_the_start(x64):
    problem = Minimise(rosenbrock(), Newton(), 1e-6)
    state = problem.init(jnp.asarray(START))
    assert state.t == 0 and not state.done and state.counts == (1, 1, 0, 0) and state.idle == 0
    assert problem.init(jnp.ones(2)).done
    assert Minimise(rosenbrock(), Newton(), 500.0).init(jnp.asarray(START)).done  # max |g| is 215.6


def test_a_step_is_told_and_counted(x64):
    state, (info, second) = states(Moving(0.5), rosenbrock(), START, 2)
    theta = START + 0.5
    assert info.value == pytest.approx(rosen(theta)) and info.residual == pytest.approx(np.abs(rosen_der(theta)).max())
    assert info.length == pytest.approx(np.sqrt(0.5)) and info.alpha == 0.5 and info.trouble == FINE
    assert second.value == pytest.approx(rosen(theta + 0.5))
    assert state.t == 2 and state.counts == (5, 3, 6, 8) and not state.done
    assert Counts(1, 2, 3, 4) + Counts(5, 6, 7, 8) == (6, 8, 10, 12)


def test_it_ends_at_the_tolerance_and_not_before(x64):
    state, infos = states(Newton(), rosenbrock(), [1.2, 1.2], 6, tolerance=1e-6)
    residuals = np.array([float(info.residual) for info in infos])
    assert state.done and residuals[-1] <= 1e-6
    first = int(np.argmax(residuals <= 1e-6)) + 1
    assert not states(Newton(), rosenbrock(), [1.2, 1.2], first - 1, tolerance=1e-6)[0].done
    assert end(Newton(), rosenbrock(), [1.2, 1.2], 1e-6).t == first


def test_it_ends_below_the_floor(x64):
    cost = plain(lambda t: jnp.sum(t), np.zeros(2))
    assert states(Moving(-1.0), cost, [0.0, 0.0], 3, floor=-5.0)[0].done  # at -6
    assert not states(Moving(-1.0), cost, [0.0, 0.0], 2, floor=-5.0)[0].done


def test_it_ends_when_nothing_is_gained_for_a_while(x64):
    settings = {"tolerance": 1e-9, "patience": 4}
    cost = plain(lambda t: 3 + 0.5 * jnp.sum(t), np.zeros(2))  # it does not move: neither value nor residual change
    assert states(Moving(0.0), cost, [1.0, 1.0], 4, **settings)[0].done
    assert not states(Moving(0.0), cost, [1.0, 1.0], 3, **settings)[0].done
    assert not states(Moving(-0.1), cost, [1.0, 1.0], 9, **settings)[0].done  # the value changes
    hidden = plain(lambda t: 1e12 + jnp.sum(t**2), np.zeros(2))  # only the gradient tells of the gain
    assert not states(FirstOrder(SGD(lr=0.1)), hidden, [1e-3, 1e-3], 9, **settings)[0].done
    assert states(Moving(1e-5), hidden, [1e-3, 1e-3], 9, **settings)[0].done  # it grows


def test_it_ends_when_a_method_is_stuck(x64):
    assert states(Moving(0.1, STUCK), rosenbrock(), START, 1)[0].done
    assert set(TOLD) == {1, 2, 3, 4} and all(TOLD.values())


def test_the_loop_runs_it(x64):
    out = iterate(
        Minimise(rosenbrock(), Newton(), 1e-8), jnp.asarray(START), steps=50, until=lambda s, _: s.done, quiet=True
    )
    assert out.stopped == "until" and out.steps == 6 and float(out.trace.residual[-1]) <= 1e-8


def tree_cost():
    def f(theta):
        return jnp.sum(theta["W"] ** 2 * jnp.asarray([[1.0, 2.0], [3.0, 4.0]])) + jnp.sum((theta["b"] - 1) ** 2)

    theta = {"W": jnp.asarray([[1.0, -2.0], [0.5, 3.0]]), "b": jnp.asarray([2.0])}
    return cost_of(f, theta), theta, f


@pytest.mark.parametrize("optimizer", [Adam(lr=0.1, beta=0.5, gamma=0.7, eps=0.1), optax.adam(0.1, 0.5, 0.7, 0.1)])
def test_an_optimizer_is_a_method_on_the_tree_of_the_parameters(x64, optimizer):
    cost, theta, f = tree_cost()
    method = as_minimiser(optimizer)
    point = cost.at(cost.layout.ravel(theta))
    memory = method.init(cost, point)
    peer = optax.adam(0.1, 0.5, 0.7, 0.1)
    state = peer.init(theta)
    for _ in range(5):
        with jax.numpy_dtype_promotion("standard"):
            point, memory, taken = method.step(cost, point, memory)
            update, state = peer.update(jax.grad(f)(theta), state, theta)
        theta = optax.apply_updates(theta, update)
        np.testing.assert_allclose(point.theta, cost.layout.ravel(theta), rtol=1e-10)
        assert point.value == pytest.approx(float(f(theta))) and taken == Taken(1.0, Counts(1, 1))


def test_the_base(x64):
    cost, A, b = quadratic()
    at = cost.at(jnp.ones(4))
    method = Minimiser()
    assert method.init(cost, at) == () and method.shown(cost, at) == at.value
    assert method.residual(cost, at) == pytest.approx(np.abs(A @ np.ones(4) - b).max())
    assert as_minimiser(method) is method
    with pytest.raises(NotImplementedError):
        method.step(cost, at, ())
