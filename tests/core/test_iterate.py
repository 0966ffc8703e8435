"""The one loop: every promise of its docstring."""

from __future__ import annotations

import os
import signal
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array

from gradiens.core.check import Mistake
from gradiens.core.iterate import iterate
from gradiens.core.module import Module, knob


class Info(NamedTuple):
    loss: Array


class Descent(Module):
    """x' = x - α x: gradient descent on ½‖x‖²."""

    lr: float = knob(0.1, 0.0, 10.0)

    def init(self, x):
        return x

    def step(self, x, _):
        return x - self.lr * x, Info(0.5 * jnp.sum(x**2))


class Walk(Module):
    """A random walk whose step sees a row and a key."""

    scale: float = knob(1.0, 0.0, 10.0)

    def init(self):
        return jnp.zeros(())

    def step(self, x, given):
        row, key = given
        return x + self.scale * jax.random.normal(key, dtype=x.dtype) + row.sum(), Info(x)


def rows(first, last):
    return np.arange(first, last, dtype=np.float32)[:, None] * np.ones((1, 3), np.float32)


@pytest.mark.parametrize("host", [False, True])
def test_steps_are_the_formula(host):
    out = iterate(Descent(lr=0.5), jnp.float32([8.0, 4.0]), steps=3, host=host)
    np.testing.assert_array_equal(out.state, [1.0, 0.5])
    np.testing.assert_array_equal(out.trace.loss, [40.0, 10.0, 2.5])
    np.testing.assert_array_equal(out.at, [1, 2, 3])
    assert (out.steps, out.stopped) == (3, "steps")


def test_the_device_loop_and_the_host_loop_agree():
    both = [iterate(Walk(), steps=50, key=jax.random.key(3), feed=rows, host=host) for host in (False, True)]
    np.testing.assert_array_equal(both[0].trace.loss, both[1].trace.loss)
    assert both[0].state == both[1].state


def test_resuming_anywhere_ends_bit_for_bit_where_the_whole_run_ends():
    whole = iterate(Walk(), steps=40, key=jax.random.key(0), feed=rows, keep=None)
    for cut in (1, 7, 39):
        part = iterate(Walk(), steps=cut, key=jax.random.key(0), feed=rows, keep=None)
        again = iterate(Walk(), steps=40, key=jax.random.key(0), feed=rows, keep=None, resume=part)
        assert again.state == whole.state
        np.testing.assert_array_equal(again.trace.loss, whole.trace.loss)
        np.testing.assert_array_equal(again.at, whole.at)


def test_one_compilation_serves_all_chunks_and_all_knob_values():
    traced = []

    class Counted(Descent):
        def step(self, x, t):
            traced.append(1)
            return super().step(x, t)

    iterate(Counted(), jnp.ones(2), steps=5000)
    # make_jaxpr for the shapes, then one trace of the program, which also asks for shapes: no more, however many chunks.
    assert len(traced) <= 4


def test_the_callers_start_survives_donation():
    start = jnp.ones(3)
    iterate(Descent(), start, steps=5)
    np.testing.assert_array_equal(start, np.ones(3))


def test_the_trace_is_thinned_and_ends_with_the_last_step():
    out = iterate(Descent(lr=0.01), jnp.ones(1), steps=1003, keep=10)
    np.testing.assert_array_equal(out.at, [*range(101, 1003, 101), 1003])
    whole = iterate(Descent(lr=0.01), jnp.ones(1), steps=1003, keep=None)
    np.testing.assert_array_equal(out.trace.loss, whole.trace.loss[out.at - 1])


def test_record_chooses_what_the_trace_keeps():
    out = iterate(Descent(lr=0.5), jnp.float32([4.0]), steps=2, record=lambda x, info: {"x": x})
    np.testing.assert_array_equal(out.trace["x"], [[2.0], [1.0]])


@pytest.mark.parametrize("host", [False, True])
def test_until_stops_at_the_very_step(host):
    out = iterate(Descent(lr=0.5), jnp.float32([8.0]), steps=100, until=lambda x, info: jnp.all(x <= 1.0), host=host)
    assert (out.steps, out.stopped) == (3, "until")
    np.testing.assert_array_equal(out.state, [1.0])


@pytest.mark.parametrize("host", [False, True])
def test_a_number_that_is_not_finite_stops_the_run_names_it_and_keeps_the_last_good_state(host):
    out = iterate(Descent(lr=3.0), jnp.ones(3), steps=1000, host=host, keep=None)
    assert out.stopped == "nan"
    assert "loss is not finite at step 65" in out.says
    # x doubles each step: ½ 3 4⁶⁴ overflows float32, ½ 3 4⁶³ = 1.28e38 does not.
    np.testing.assert_array_equal(out.state, np.full(3, 2.0**64, np.float32))
    assert out.steps == 64
    assert np.isfinite(out.trace.loss).all() and len(out.trace.loss) == 64


def test_a_state_that_turns_bad_without_a_word_in_the_info_is_found_too():
    class Silent(Module):
        def init(self):
            return jnp.float32(2.0)

        def step(self, x, t):
            return jnp.where(t == 37, jnp.nan, x), Info(jnp.float32(0.0))

    out = iterate(Silent(), steps=100)
    assert (out.stopped, out.steps) == ("nan", 37)
    assert out.state == 2.0


def test_swept_knobs_run_as_lanes_of_one_program_and_each_lane_is_its_own_run():
    rates = jnp.float32([0.1, 0.5, 3.0])
    out = iterate(Descent(lr=rates), jnp.ones(2), steps=100)
    assert out.trace.loss.shape == (100, 3)
    np.testing.assert_array_equal(out.diverged, [-1, -1, 64])
    for lane in (0, 1):
        alone = iterate(Descent(lr=float(rates[lane])), jnp.ones(2), steps=100)
        np.testing.assert_allclose(out.state[lane], alone.state, rtol=1e-5)


def test_swept_keys_give_each_lane_the_run_of_its_key():
    keys = jax.random.split(jax.random.key(1), 4)
    out = iterate(Walk(), steps=20, key=keys, feed=rows)
    for lane in range(4):
        assert out.state[lane] == pytest.approx(
            float(iterate(Walk(), steps=20, key=keys[lane], feed=rows).state), rel=1e-6
        )


def test_until_freezes_a_lane_and_ends_when_every_lane_is_settled():
    out = iterate(
        Descent(lr=jnp.float32([0.5, 0.25, 3.0])), jnp.float32([8.0]), steps=500, until=lambda x, info: x[0] <= 1.0
    )
    assert out.stopped == "until"
    np.testing.assert_allclose(out.state[:2, 0], [1.0, 8 * 0.75**8], rtol=1e-6)


def test_lanes_of_unequal_length_are_a_mistake():
    with pytest.raises(Mistake, match="one length"):
        iterate(Descent(lr=jnp.ones(3)), jnp.ones(2), steps=2, key=jax.random.split(jax.random.key(0), 4))


def test_no_steps_and_a_step_that_changes_its_states_shape_are_mistakes():
    class Growing(Module):
        def init(self):
            return jnp.ones(2)

        def step(self, x, t):
            return jnp.concatenate([x, x]), Info(x[0])

    with pytest.raises(Mistake, match="at least one step"):
        iterate(Descent(), jnp.ones(2), steps=0)
    with pytest.raises(Mistake, match=r"float32\[2\]"):
        iterate(Growing(), steps=3)


def test_between_sees_every_multiple_of_every_and_can_stop():
    seen = []

    def between(state, t, numbers):
        seen.append(t)
        assert numbers["loss"] >= 0
        return t == 30

    out = iterate(Descent(), jnp.ones(1), steps=100, every=10, between=between)
    assert {10, 20, 30} <= set(seen)
    assert max(seen) == 30 == out.steps
    assert out.stopped == "between"


def test_convolutions_run_on_the_host_loop_on_a_cpu():
    class Blur(Module):
        def init(self):
            return jnp.ones((1, 1, 8))

        def step(self, x, t):
            y = jax.lax.conv(x, jnp.ones((1, 1, 3)) / 3, (1,), "SAME")
            return y, Info(y.sum())

    from gradiens.core import chunk

    made = []
    original = chunk._Host.__init__

    def spy(self, *args):
        made.append("host")
        original(self, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunk._Host, "__init__", spy)
        iterate(Blur(), steps=2)
        assert made == (["host"] if jax.default_backend() == "cpu" else [])
        made.clear()
        iterate(Descent(), jnp.ones(1), steps=2)
        assert made == []


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")])
def test_a_signal_stops_between_chunks_and_the_run_can_be_resumed_to_the_same_end(number, name):
    whole = iterate(Walk(), steps=3000, key=jax.random.key(0), feed=rows)

    def send(state, t, numbers):
        if not sent and t >= 100:
            sent.append(t)
            os.kill(os.getpid(), number)

    sent: list[int] = []
    cut = iterate(Walk(), steps=3000, key=jax.random.key(0), feed=rows, between=send, every=5)
    assert cut.stopped == "interrupted" and name in cut.says and 100 <= cut.steps < 3000
    assert iterate(Walk(), steps=3000, key=jax.random.key(0), feed=rows, resume=cut).state == whole.state


class Counted(Descent):
    """Says when it is traced."""

    seen: tuple = ()

    def step(self, x, t):
        TRACES.append(x.shape)
        return super().step(x, t)


TRACES: list = []


def test_the_program_of_an_earlier_call_is_used_again():
    """For another knob and another start of the same shape; not for another shape, another record, another class."""
    start = jnp.float32([8.0, 4.0])
    runs = [iterate(Counted(lr), start, steps=3) for lr in (0.5, 0.25)]
    assert len(TRACES) == 1
    assert runs[1].seconds.compile < runs[0].seconds.compile / 3
    np.testing.assert_array_equal(runs[0].state, [1.0, 0.5])
    np.testing.assert_array_equal(runs[1].state, start * 0.75**3)
    iterate(Counted(0.5), jnp.float32([1.0, 2.0, 3.0]), steps=3)
    iterate(Counted(0.5), start, steps=3, record=lambda state, info: state)
    iterate(Counted(jnp.asarray([0.5, 0.25])), start, steps=3)
    assert len(TRACES) == 4


def test_a_run_leaves_none_of_its_data_in_the_kept_program():
    import gc
    import weakref

    class Data:
        def __call__(self, first, last):
            return rows(first, last)

    feed = Data()
    gone = weakref.ref(feed)
    iterate(Walk(), steps=3, key=jax.random.key(0), feed=feed)
    del feed
    gc.collect()
    assert gone() is None


def test_what_a_sweep_starts_from_is_still_there_afterwards():
    starts = jnp.arange(6.0).reshape(3, 2)
    iterate(Descent(lr=jnp.array([0.1, 0.2, 0.3])), starts, steps=2, start_axis=0, quiet=True)
    assert starts.tolist() == [[0, 1], [2, 3], [4, 5]]
