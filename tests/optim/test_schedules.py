"""Schedules: their values at the corners, against the formula, and against Optax."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.schedules import (
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Polynomial,
    RobbinsMonro,
    StepDecay,
    WarmUp,
)

T = 200


def curve(schedule, last: int = T) -> np.ndarray:
    return np.asarray(jax.vmap(schedule)(jnp.arange(last + 1)))


def test_constant(x64):
    assert np.all(curve(Constant(T)) == 1)


def test_cosine_is_that_of_optax(x64):
    with jax.numpy_dtype_promotion("standard"):
        peer = np.asarray([optax.cosine_decay_schedule(1.0, T, alpha=0.2)(t) for t in range(T + 1)])
    np.testing.assert_allclose(curve(Cosine(T, 0.2)), peer, rtol=1e-12)


def test_cosine_formula(x64):
    t = np.arange(T + 1)
    np.testing.assert_allclose(curve(Cosine(T, 0.2)), 0.2 + 0.8 * (1 + np.cos(np.pi * t / T)) / 2, rtol=1e-12)


def test_past_the_end_nothing_changes(x64):
    late = (RobbinsMonro(T, 5.0), Exponential(T, 0.9), Polynomial(T, 0.1, 2.0), StepDecay(T, 0.3, 0.3))
    for schedule in (Constant(T), Cosine(T, 0.2), WarmUp(T, floor=0.1), OneCycle(T), *late):
        after = curve(schedule, 2 * T)[T:]
        np.testing.assert_array_equal(after, after[0])


def test_warm_up(x64):
    """(t+1)/(m+1) up to 1 at t = m = 50, then a cosine over the other 150."""
    t, found = np.arange(T + 1), curve(WarmUp(T, 0.25, 0.1))
    np.testing.assert_allclose(found[:51], (t[:51] + 1) / 51, rtol=1e-12)
    np.testing.assert_allclose(found[50:], 0.1 + 0.9 * (1 + np.cos(np.pi * (t[50:] - 50) / 150)) / 2, rtol=1e-12)


def test_warm_up_of_no_steps_is_the_cosine(x64):
    np.testing.assert_allclose(curve(WarmUp(T, 0.0, 0.1)), curve(Cosine(T, 0.1)), rtol=1e-12)


def test_one_cycle_is_that_of_optax(x64):
    """Optax goes from peak/div_factor up, and down to peak/(div_factor · final_div_factor); its cosines are the same."""
    with jax.numpy_dtype_promotion("standard"):
        schedule = optax.cosine_onecycle_schedule(T, 1.0, pct_start=0.3, div_factor=20.0, final_div_factor=50.0)
        peer = np.asarray([schedule(t) for t in range(T + 1)])
    np.testing.assert_allclose(curve(OneCycle(T, 0.3, 1 / 20, 1 / 1000)), peer, rtol=1e-12)


@pytest.mark.parametrize("p", [0.6, 1.0, 2.0])
def test_power_of_time(x64, p):
    t = np.arange(T + 1)
    np.testing.assert_allclose(curve(RobbinsMonro(T, 7.0, p)), (7.0 / (7.0 + t)) ** p, rtol=1e-12)


def test_conditions_of_robbins_and_monro(x64):
    """With p = 1 the first N factors sum to at least τ log(1 + N/τ), their squares to at most 1 + τ."""
    found = curve(RobbinsMonro(100_000, 7.0), 99_999)
    N = np.arange(1, 100_001)
    assert np.all(np.cumsum(found) >= 7 * np.log(1 + N / 7)) and np.all(np.cumsum(found**2) <= 8)


def test_exponential_is_that_of_optax(x64):
    with jax.numpy_dtype_promotion("standard"):
        peer = np.asarray([optax.exponential_decay(1.0, 1, 0.97)(t) for t in range(T + 1)])
    np.testing.assert_allclose(curve(Exponential(T, 0.97)), peer, rtol=1e-12)
    np.testing.assert_allclose(curve(Exponential(T, 0.97)), 0.97 ** np.arange(T + 1), rtol=1e-12)


def test_polynomial_is_that_of_optax(x64):
    schedule = optax.polynomial_schedule(1.0, 0.2, 3.0, T)
    with jax.numpy_dtype_promotion("standard"):
        peer = np.asarray([schedule(t) for t in range(T + 1)])
    np.testing.assert_allclose(curve(Polynomial(T, 0.2, 3.0)), peer, rtol=1e-12)
    np.testing.assert_allclose(curve(Polynomial(T)), 1 - np.arange(T + 1) / T, atol=1e-15)


def test_step_decay_is_that_of_optax(x64):
    schedule = optax.piecewise_constant_schedule(1.0, {50: 0.3, 100: 0.3, 150: 0.3, 200: 0.3})
    with jax.numpy_dtype_promotion("standard"):
        peer = np.asarray([schedule(t) for t in range(T + 1)])
    np.testing.assert_allclose(curve(StepDecay(T, 0.3, 0.25)), peer, rtol=1e-12)
    assert curve(StepDecay(T, 0.3, 0.25))[[0, 49, 50, 200]] == pytest.approx([1, 1, 0.3, 0.3**4])


def test_bad_numbers():
    with pytest.raises(Mistake, match="steps of at least 1"):
        Cosine(0)
    with pytest.raises(Mistake, match="floor between 0 and 1"):
        Cosine(10, -0.1)
    with pytest.raises(Mistake, match="delay of at least 1e-06"):
        RobbinsMonro(10, 0.0)
    with pytest.raises(Mistake, match="gamma between 0 and 1"):
        Exponential(10, 1.1)


def test_turning_a_knob_does_not_retrace():
    traces = []

    @jax.jit
    def factor(schedule, t):
        traces.append(t)
        return schedule(t)

    ends = [factor(WarmUp(100, share, floor), jnp.int32(100)) for share, floor in ((0.1, 0.2), (0.4, 0.3))]
    np.testing.assert_allclose(ends, [0.2, 0.3], rtol=1e-6)
    assert len(traces) == 1
