"""Schedules: their values at the corners, against the formula, and against Optax."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gradiens.core.check import Mistake
from gradiens.optim.schedules import Constant, Cosine, OneCycle, WarmUp

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
    for schedule in (Constant(T), Cosine(T, 0.2), WarmUp(T, floor=0.1), OneCycle(T)):
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


def test_bad_numbers():
    with pytest.raises(Mistake, match="steps of at least 1"):
        Cosine(0)
    with pytest.raises(Mistake, match="floor between 0 and 1"):
        Cosine(10, -0.1)


def test_turning_a_knob_does_not_retrace():
    traces = []

    @jax.jit
    def factor(schedule, t):
        traces.append(t)
        return schedule(t)

    ends = [factor(WarmUp(100, share, floor), jnp.int32(100)) for share, floor in ((0.1, 0.2), (0.4, 0.3))]
    np.testing.assert_allclose(ends, [0.2, 0.3], rtol=1e-6)
    assert len(traces) == 1
