"""The one loop: runs any algorithm, `init(*start) -> state` and `step(state, input) -> (state, info)`.

A chunk of steps is one compiled program, `lax.while_loop` with a dynamic number of steps: one compilation serves every
chunk length, a chunk stops at the very step where a number stops being finite or `until` holds, and the chunk can be run
again to an earlier step, which is how the last good state is found without paying for it at every step. Where a step
holds a convolution and the device is a CPU (convolutions are some 60 times slower inside a compiled loop there), the
chunk is a Python loop over one compiled step instead, behind the same call. How steps are cut into chunks never changes
a result. A program is kept: a later call that differs in numbers only, not in shapes, functions or static fields, runs it
again without compiling.

Between chunks the loop shows progress, keeps the trace, checks for NaN and Inf, calls `between` (evaluation,
checkpoints), and answers Ctrl-C and SIGTERM.

Knobs with a leading axis (`Adam(lr=jnp.logspace(-4, -1, 64))`) or a batch of keys make the call a sweep: one compiled
program runs all lanes under `vmap`.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gradiens.core import chunk as chunks
from gradiens.core import sweep as sweeps
from gradiens.core.check import Mistake
from gradiens.core.progress import Bar
from gradiens.core.signals import Signals
from gradiens.core.trace import Trace

AIM_SECONDS = 0.4  # how long a chunk should take, so that progress moves and Ctrl-C is answered


class Seconds(NamedTuple):
    """Seconds spent compiling and running."""

    compile: float = 0.0
    run: float = 0.0


NOTHING = Seconds()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a run of the loop ended with.

    `trace` is the recorded pytree with a leading axis, one row for each step count in `at`. `stopped` is "steps" (all
    were done), "until", "nan", "between" (the callback asked for it) or "interrupted"; `says` tells it in words. In a
    sweep `diverged` holds, for each lane, the step that gave the first non-finite number, or -1.
    """

    state: Any
    steps: int
    trace: Any = None
    at: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0, np.int64))
    stopped: str = "steps"
    says: str = ""
    seconds: Seconds = NOTHING
    diverged: np.ndarray | None = None


def iterate(
    algorithm: Any,
    *start: Any,
    steps: int,
    key: Any = None,
    feed: Callable[[int, int], Any] | None = None,
    record: Callable[[Any, Any], Any] | None = None,
    keep: int | None = 1000,
    until: Callable[[Any, Any], Any] | None = None,
    between: Callable[[Any, int, dict[str, float]], bool | None] | None = None,
    every: int | None = None,
    resume: Outcome | None = None,
    start_axis: int | None = None,
    host: bool | None = None,
    name: str = "",
    quiet: bool | None = None,
) -> Outcome:
    """Run `algorithm` from `init(*start)` (or from `resume`) until `steps` steps are done in all.

    Step t gets as input `t`, or `fold_in(key, t)` when there is a key, or row t of what `feed(first, last)` returns
    (arrays whose leading axis is the steps first … last-1), or the pair (row, key) when there are both.
    `record(state, info)` says what the trace keeps (default: info); it is thinned to about `keep` rows (None: all).
    `until(state, info) -> bool` stops the run. `between(state, t, numbers)` is called after each chunk, chunks end at
    multiples of `every`, and a True return stops. `host` forces (True) or forbids (False) the loop on the host.
    """
    if steps < 1:
        raise Mistake("at least one step", steps)
    sweep = sweeps.find(algorithm, key, start_axis)
    stride = 1 if keep is None else -(-steps // max(keep, 1))
    record = record or _info
    size = chunks.room(min(steps, every or 2000, 20000))
    plan = chunks.Plan(algorithm, sweep, key, feed, until, record, stride, size)
    state = resume.state if resume else sweep.init(algorithm, *start)
    loop = _Loop(plan, chunks.compile(plan, state, host), state, resume)
    with Signals() as signals, Bar(name, steps, quiet, loop.t) as bar:
        while not loop.stopped and loop.t < steps:
            numbers = loop.advance(min(steps, (loop.t // every + 1) * every if every else steps))
            if not loop.stopped and between is not None and between(loop.state, loop.t, numbers):
                loop.stopped = "between"
            elif not loop.stopped and signals.caught and loop.t < steps:
                loop.stopped, loop.says = "interrupted", f"{signals.caught} at step {loop.t}"
            bar.show(loop.t, numbers)
    return loop.outcome()


def _info(state: Any, info: Any) -> Any:
    return info


class _Loop:
    """A run under way: the state after t steps, the trace so far, and why it stopped, if it has."""

    def __init__(self, plan: chunks.Plan, runner: chunks.Runner, state: Any, before: Outcome | None):
        self.plan, self.runner, self.state, self.before = plan, runner, state, before or Outcome(None, 0)
        self.t = self.before.steps
        self.trace, self.marks = Trace(before), chunks.Marks.none(plan.sweep.lanes)
        self.stopped = self.says = ""
        self.length, self.begun = 4, time.perf_counter()

    def advance(self, limit: int) -> dict[str, float]:
        """One chunk, to step `limit` at most; the numbers to watch."""
        sweep, first = self.plan.sweep, self.t
        last = min(first + self.length, first + self.plan.size, limit)
        good = chunks.copy(self.state)  # the program consumes its state; this one is for finding the last good step
        clock = time.perf_counter()
        out = self.runner(self.state, first, last, self.marks)
        spent = time.perf_counter() - clock
        lost = sweep.lost(out)
        if lost and not sweep.lanes:
            out, self.says = chunks.last_good(self.runner, good, first, int(out.t))
        self.t, self.state, self.marks = int(out.t), out.state, out.marks
        self.trace.add(out, self.plan.stride)
        self.length = max(1, min(2 * self.length, int((self.t - first) * AIM_SECONDS / max(spent, 1e-6)) + 1))
        if lost:
            self.stopped = "nan"
            self.says = self.says or f"every one of the {sweep.lanes} lanes has diverged by step {self.t}"
        elif self.plan.until is not None and sweep.settled(self.marks):
            self.stopped, self.says = "until", f"the condition held at step {self.t}"
        return sweep.numbers(out.info)

    def outcome(self) -> Outcome:
        """What the run ended with."""
        compiled, ran = self.before.seconds
        seconds = Seconds(compiled + self.runner.compile_seconds, ran + time.perf_counter() - self.begun)
        rows, at = self.trace.finish()
        diverged = np.asarray(self.marks.bad) if self.plan.sweep.lanes else None
        return Outcome(self.state, self.t, rows, at, self.stopped or "steps", self.says, seconds, diverged)
