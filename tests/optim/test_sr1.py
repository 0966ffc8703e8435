"""SR1 against its formula and its theorems."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from gradiens.optim.line_search.fixed import Fixed
from gradiens.optim.minimiser import UPHILL
from gradiens.optim.sr1 import SR1
from tests.optim.methods import START, end, quadratic, rosenbrock, walk
from tests.optim.test_bfgs import triples


def test_oracle(x64):
    """Nocedal & Wright (2006), (6.25): H' = H + (s - H y)(s - H y)ᵀ / (s - H y)ᵀ y."""
    for H, s, y in triples():
        expected = H + np.outer(s - H @ y, s - H @ y) / ((s - H @ y) @ y)
        got = np.asarray(SR1().mend(*map(jnp.asarray, (H, s, y))))
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())
        np.testing.assert_allclose(got @ y, s, atol=1e-9 * np.abs(got).max())


def test_after_d_independent_steps_on_a_quadratic_it_knows_the_inverse_hessian(x64):
    """Whatever the steps: here they are of a fixed length (Nocedal & Wright, theorem 6.1)."""
    cost, A, _ = quadratic(seed=2, d=4, kappa=8.0)
    path = walk(SR1(search=Fixed(0.3), scale=False), cost, np.array([1.0, -1.0, 2.0, 0.5]), 4)
    np.testing.assert_allclose(path[4][1].B, np.linalg.inv(A), atol=1e-7)


def test_the_first_step_only_scales(x64):
    """B = γ I with γ = sᵀy / yᵀy has u ⊥ y, so that the formula says nothing; the next step mends."""
    cost, _, _ = quadratic(seed=2, d=4, kappa=8.0)
    (_, first, _), (_, second, _) = walk(SR1(search=Fixed(0.3)), cost, np.array([1.0, -1.0, 2.0, 0.5]), 2)[1:]
    gamma = first.B[0, 0]
    np.testing.assert_allclose(first.B, gamma * np.eye(4), atol=1e-15)
    assert 1 / 8 < gamma < 1 and first.mended
    assert np.linalg.matrix_rank(np.asarray(second.B) - gamma * np.eye(4), tol=1e-10) == 1


def test_when_it_mends(x64):
    method = SR1(skip=0.1)
    B, y = jnp.eye(2), jnp.asarray([1.0, 0.0])
    of_u = lambda u: bool(method.tells(B, jnp.asarray(u) + y, y))  # noqa: E731 - u = s - B y
    assert of_u([0.2, 1.0]) and of_u([-0.2, 1.0])  # cosine ±0.196
    assert not of_u([0.05, 1.0]) and not of_u([0.0, 0.0]) and not of_u([0.0, 1.0])


def test_an_indefinite_matrix_is_left_for_the_gradient_and_told(x64):
    cost = rosenbrock()
    method = SR1()
    at = cost.at(jnp.asarray(START))
    memory = method.init(cost, at)._replace(B=-jnp.eye(2), mended=jnp.asarray(True))
    point, _, taken = method.step(cost, at, memory)
    assert taken.trouble == UPHILL and point.value < at.value


def test_rosenbrock(x64):
    state = end(SR1(), rosenbrock(), START)
    assert state.done and state.t <= 100
    np.testing.assert_allclose(state.point.theta, [1, 1], atol=1e-7)
