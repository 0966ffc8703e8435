"""Activation maximisation: it rises at every step, and ends where calculus says."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.interpret.activation_maximum import ActivationMaximum, maximise

W = np.array([3.0, -4.0, 1.0])


def test_a_linear_unit_is_maximised_at_w_over_two_lambda(x64):
    x, outcome = maximise(lambda x: W @ x, jnp.zeros(3), 400, penalty=0.25)
    np.testing.assert_allclose(x, W / 0.5, rtol=1e-6)
    assert outcome.trace.value[-1] == pytest.approx(W @ W / (4 * 0.25), rel=1e-12)


def test_it_rises_at_every_step_by_the_promised_share_and_ends_when_it_cannot(x64):
    f = lambda x: x[0] * x[1] + x[2] - jnp.sum(x**4)  # noqa: E731
    _, outcome = maximise(f, jnp.array([0.1, -0.2, 0.3]), 500, penalty=0.1, rate=100.0)
    before, after = np.asarray(outcome.trace.before), np.asarray(outcome.trace.value)
    assert np.all(after[:-1] > before[:-1]) and np.array_equal(before[1:], after[:-1])
    assert outcome.stopped == "until" and after[-1] == before[-1]


def test_the_first_trial_that_rises_enough_is_taken(x64):
    """φ = -x²/2 from x = 1 (λ = ½, no unit): trials α = 8, 4, 2, 1; 2 gives x' = -1 and no rise, 1 gives x' = 0."""
    one = ActivationMaximum(lambda x: 0 * x[0], penalty=0.5, rate=4.0, slope=0.1)
    state, info = jax.jit(one.step)(one.init(jnp.ones(1)))
    assert state.x.tolist() == [0.0] and float(state.rate) == 1 and (float(info.before), float(info.value)) == (-0.5, 0)


def test_the_share_of_the_rise_is_asked_for(x64):
    """φ = -x²/2 from 1 with α = 1.9: it rises, from -½ to -0.405, but 0.095 < ½ · 1.9 · 1; so α is halved."""
    one = ActivationMaximum(lambda x: 0 * x[0], penalty=0.5, rate=0.95, slope=0.5)
    state, _ = jax.jit(one.step)(one.init(jnp.ones(1)))
    assert float(state.rate) == pytest.approx(0.95) and float(state.x[0]) == pytest.approx(0.05)


def test_it_stays_in_the_box_and_ends_in_its_corner(x64):
    x, _ = maximise(lambda x: W @ x, jnp.full(3, 0.5), 50, penalty=1e-6, low=0.0, high=1.0)
    np.testing.assert_allclose(x, [1, 0, 1], atol=1e-12)


def test_where_nothing_rises_the_input_stays(x64):
    x, outcome = maximise(lambda x: 0 * x[0], jnp.zeros(2), 5)
    assert x.tolist() == [0.0, 0.0] and outcome.steps == 1


def test_bad_knobs_are_refused():
    with pytest.raises(Mistake, match="penalty"):
        ActivationMaximum(jnp.sum, penalty=-1.0)


@pytest.mark.parametrize(("steepness", "trials"), [(1e6, 16), (1e5, 4), (10.0, 4)])
def test_a_step_too_long_at_the_start_is_followed_by_shorter_ones(x64, steepness, trials):
    """-s ‖x - 1‖² is at its maximum at 1, whatever the first step; a step that raises nothing leaves x."""
    x, outcome = maximise(lambda x: -steepness * jnp.sum((x - 1) ** 2), jnp.zeros(2), 500, penalty=0.0, trials=trials)
    before, after = np.asarray(outcome.trace.before), np.asarray(outcome.trace.value)
    assert after[0] == before[0] and np.all(after >= before) and np.array_equal(before[1:], after[:-1])
    assert outcome.stopped == "until"
    np.testing.assert_allclose(x, [1, 1], rtol=1e-7)


def test_it_ends_at_a_kink_where_the_derivative_does_not_vanish(x64):
    x, outcome = maximise(lambda x: -jnp.abs(x[0] - 0.3) - 2, jnp.zeros(1), 500, penalty=0.0)
    assert outcome.stopped == "until" and float(x[0]) == pytest.approx(0.3, abs=1e-12)


def test_a_start_outside_the_box_begins_at_its_border(x64):
    x, outcome = maximise(lambda x: -jnp.sum(x**2), jnp.array([0.0, 3.0]), 20, low=0.2, high=1.0)
    assert x.tolist() == [0.2, 0.2]
    assert float(outcome.trace.before[0]) == pytest.approx(-(1 + 0.01) * (0.2**2 + 1))


def test_whole_numbers_are_refused():
    with pytest.raises(Mistake, match="floating-point numbers, got uint8"):
        maximise(jnp.sum, jnp.ones(2, jnp.uint8))
