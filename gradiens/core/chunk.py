"""A chunk of steps as one compiled program, on the device or on the host, behind one call: `runner(state, first, last)`."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from copy import copy as shallow
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from gradiens.core.check import Mistake
from gradiens.core.compiler import CONVOLUTIONS, options
from gradiens.core.module import named_leaves
from gradiens.core.sweep import Sweep, finite


def room(n: int) -> int:
    """`n` rounded up to three significant bits, at most a fourth more: near sizes then share a shape, and a program."""
    unit = 1 << max(int(n).bit_length() - 3, 0)
    return -(-n // unit) * unit


class Marks(NamedTuple):
    """By lane: the step that gave the first non-finite number (or -1), and whether `until` has held."""

    bad: Any
    hit: Any

    @classmethod
    def none(cls, lanes: int) -> Marks:
        """Nothing has happened yet."""
        shape = (lanes,) if lanes else ()
        return cls(np.full(shape, -1, np.int32), np.full(shape, False))


class Out(NamedTuple):
    """A chunk's end: step count, state, the last info, the trace's rows, the marks, the step it began with, and whether
    every number of the state is finite.
    """

    t: Any
    state: Any
    info: Any
    rows: Any
    marks: Marks
    first: Any
    sound: Any


@dataclasses.dataclass(frozen=True)
class Plan:
    """All that a compiled chunk depends on."""

    algorithm: Any
    sweep: Sweep
    key: Any
    feed: Callable[[int, int], Any] | None
    until: Callable[[Any, Any], Any] | None
    record: Callable[[Any, Any], Any]
    stride: int
    size: int

    @property
    def slots(self) -> int:
        """Rows of the trace that one chunk can touch."""
        return self.size // self.stride + 2

    def rows(self, first: int, last: int) -> Any:
        """The fed inputs of steps first … last-1, padded to the size of a chunk: one shape, one compilation."""
        if self.feed is None:
            return None
        last = max(last, first + 1)  # a chunk of no steps still has the shape of one
        short = self.size - (last - first)
        pad = lambda a: np.concatenate([a, np.repeat(a[-1:], short, axis=0)]) if short else a  # noqa: E731
        return jax.tree.map(lambda a: pad(np.asarray(a)), self.feed(first, last))

    def step(self, algorithm: Any, state: Any, key: Any, row: Any, t: Any) -> tuple[Any, Any]:
        """Step t."""
        lanes = self.sweep.key
        fold = jax.random.fold_in if lanes is None else jax.vmap(jax.random.fold_in, in_axes=(0, None))
        at = None if key is None else fold(key, t)
        if self.feed is None:
            return self.sweep.step(algorithm, state, *((t, None) if at is None else (at, lanes)))
        if at is None:
            return self.sweep.step(algorithm, state, row, None)
        return self.sweep.step(algorithm, state, (row, at), (None, lanes))

    def record_rows(self, state: Any, info: Any) -> Any:
        """What the trace keeps of a step, for every lane."""
        return (jax.vmap(self.record) if self.sweep.lanes else self.record)(state, info)

    def turn(self, algorithm: Any, state: Any, key: Any, row: Any, t: Any, marks: Marks) -> tuple[Any, Any, Any, Marks]:
        """Step t with what the loop keeps of it: `(state, info, row of the trace, marks)`."""
        new, info = self.step(algorithm, state, key, row, t)
        bad, hit = marks
        held = jnp.zeros_like(hit)
        if self.until is not None:
            held = (jax.vmap(self.until) if self.sweep.lanes else self.until)(new, info)
        if self.until is not None and self.sweep.lanes:  # a lane that is done waits for the others
            new = jax.tree.map(lambda old, new: _freeze(hit, old, new), state, new)
        bad = jnp.where((bad < 0) & ~self.finite(info), t, bad)
        return new, info, self.record_rows(new, info), Marks(bad, hit | held)

    def finite(self, tree: Any) -> Any:
        """By lane: is every number of `tree` finite."""
        lanes = self.sweep.lanes
        ok = jnp.full((lanes,) if lanes else (), True)
        for x in jax.tree.leaves(tree):
            if jnp.issubdtype(x.dtype, jnp.inexact):
                ok &= jnp.all(jnp.isfinite(x), axis=tuple(range(1 if lanes else 0, x.ndim)))
        return ok


def _freeze(stop: Any, old: Any, new: Any) -> Any:
    return jnp.where(stop.reshape(stop.shape + (1,) * (new.ndim - stop.ndim)), old, new)


class Runner(Protocol):
    """A compiled chunk: from `state`, which it consumes, steps first … last-1."""

    compile_seconds: float

    def again(self, plan: Plan | None) -> Any:
        """The same program for another plan of the same form (None: kept for later)."""
        ...

    def __call__(self, state: Any, first: int, last: int, marks: Marks) -> Out:
        """Run the chunk."""
        ...


def compile(plan: Plan, state: Any, host: bool | None) -> Runner:
    """The chunk's program, compiled for the shapes of `state`; the very program of an earlier call, where all that it
    depends on is the same."""
    clock = time.perf_counter()
    row = jax.tree.map(lambda a: a[0], plan.rows(0, 1))
    key = _key(plan, state, row, host)
    held = _PROGRAMS.pop(key, None) if key is not None else None
    runner = held.again(plan) if held is not None else _compiled(plan, state, row, host)
    if key is not None:
        _PROGRAMS[key] = runner.again(None)  # the newest last; without the data of the run
        while len(_PROGRAMS) > PROGRAMS:
            _PROGRAMS.pop(next(iter(_PROGRAMS)))
    runner.compile_seconds = time.perf_counter() - clock
    return runner


PROGRAMS = 32  # compiled programs that a process keeps
_PROGRAMS: dict[Any, Any] = {}
SETTINGS = ("jax_enable_x64", "jax_numpy_dtype_promotion", "jax_numpy_rank_promotion", "jax_default_matmul_precision")


def _key(plan: Plan, state: Any, row: Any, host: bool | None) -> Any:
    """All that the program depends on, or None where that cannot be compared (a static field that has no hash)."""
    values = (plan.algorithm, state, plan.key, row)
    shapes = tuple(_aval(leaf) for leaf in jax.tree.leaves(values))
    settings = tuple(getattr(jax.config, name) for name in SETTINGS)
    parts = plan.sweep.signature(), plan.feed is None, plan.until, plan.record, plan.stride, plan.size, host, settings
    key = jax.tree.structure(values), shapes, *parts
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _aval(leaf: Any) -> Any:
    kind = getattr(leaf, "dtype", type(leaf))
    return np.shape(leaf), kind, getattr(leaf, "weak_type", False), getattr(leaf, "sharding", None)


def _compiled(plan: Plan, state: Any, row: Any, host: bool | None) -> Runner:
    marks = Marks.none(plan.sweep.lanes)
    turn = jax.jit(plan.turn, donate_argnums=1)  # traced once, also for the loop on the device
    traced = turn.trace(plan.algorithm, state, plan.key, row, np.int32(0), marks)
    after, info, kept, _ = traced.out_info
    _same(state, after)
    if host is None:
        host = jax.default_backend() == "cpu" and CONVOLUTIONS in str(traced.jaxpr)
    return _Host(plan, traced) if host else _Device(plan, turn, state, info, kept)


def _same(state: Any, after: Any) -> None:
    """The state must keep shape and dtype, or nothing can loop over it: said here, in words, before XLA says it in its own."""
    before, now = named_leaves(state), dict(zip(named_leaves(state), jax.tree.leaves(after), strict=False))
    for name, leaf in before.items():
        if (leaf.shape, leaf.dtype) != (now[name].shape, now[name].dtype):
            got = f"{now[name].dtype}{list(now[name].shape)} after one step"
            raise Mistake(f"a step that keeps state.{name} {leaf.dtype}{list(leaf.shape)}", got)


class _Compiled:
    """A program that serves every plan of its form."""

    compile_seconds = 0.0
    plan: Any

    def again(self, plan: Plan | None) -> Any:
        other = shallow(self)
        other.plan = plan
        return other


class _Device(_Compiled):
    """The chunk as one `while_loop` on the device."""

    def __init__(self, plan: Plan, turn: Any, state: Any, info: Any, kept: Any):
        self.plan, self.info, self.kept = plan, info, kept
        self.turn: Any = turn
        program = jax.jit(self._run, donate_argnums=1)
        marks = Marks.none(plan.sweep.lanes)
        args = (plan.algorithm, state, plan.key, plan.rows(0, 1), np.int32(0), np.int32(1), marks)
        self.program = program.lower(*args).compile()
        self.turn = None  # it holds the plan, whose data need not be kept

    def __call__(self, state: Any, first: int, last: int, marks: Marks) -> Out:
        plan = self.plan
        steps = np.int32(first), np.int32(last)
        out = self.program(plan.algorithm, state, plan.key, plan.rows(first, last), *steps, marks)
        return jax.block_until_ready(out)

    def _run(self, algorithm: Any, state: Any, key: Any, rows: Any, first: Any, last: Any, marks: Marks) -> Out:
        plan = self.plan
        info = jax.tree.map(lambda a: jnp.zeros(a.shape, a.dtype), self.info)
        trace = jax.tree.map(lambda a: jnp.zeros((plan.slots, *a.shape), a.dtype), self.kept)

        def on(out: Out) -> Any:
            return (out.t < last) & ~jnp.all(out.marks.hit | (out.marks.bad >= 0))

        def body(out: Out) -> Out:
            row = jax.tree.map(lambda a: a[out.t - first], rows)
            state, info, kept, marks = self.turn(algorithm, out.state, key, row, out.t, out.marks)
            slot = out.t // plan.stride - first // plan.stride
            trace = jax.tree.map(lambda rows, row: rows.at[slot].set(row), out.rows, kept)
            return Out(out.t + 1, state, info, trace, marks, first, True)

        out = jax.lax.while_loop(on, body, Out(first, state, info, trace, marks, first, True))
        return out._replace(sound=jnp.all(plan.finite(out.state)))


class _Host(_Compiled):
    """The chunk as a Python loop over one compiled step."""

    def __init__(self, plan: Plan, traced: Any):
        self.plan, self.program = plan, traced.lower().compile(compiler_options=options(traced.jaxpr))

    def __call__(self, state: Any, first: int, last: int, marks: Marks) -> Out:
        plan, rows, kept, info, t = self.plan, self.plan.rows(first, last), {}, None, first - 1
        for t in range(first, last):
            row = jax.tree.map(lambda a, i=t - first: a[i], rows)
            slot = t // plan.stride - first // plan.stride
            state, info, kept[slot], marks = self.program(plan.algorithm, state, plan.key, row, np.int32(t), marks)
            if np.all(np.asarray(marks.hit) | (np.asarray(marks.bad) >= 0)):
                break
        if not kept:
            return Out(first, state, None, None, marks, first, True)
        last_row = kept[max(kept)]
        slots = [kept.get(i, last_row) for i in range(plan.slots)]
        trace = jax.tree.map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves]), *slots)
        return Out(t + 1, state, info, trace, marks, first, finite(state))


def copy(state: Any) -> Any:
    """The same numbers in arrays of their own."""
    return jax.device_put(state, may_alias=False)  # unlike jnp.array, it compiles nothing


def last_good(runner: Runner, good: Any, first: int, bad: int) -> tuple[Out, str]:
    """The chunk up to the last state whose numbers are all finite, and what went wrong after it.

    Found by bisection over runs of the same program from `good`, the finite state at step `first`.
    """
    low, high, marks = first, bad, Marks.none(0)
    while high - low > 1:
        middle = (low + high) // 2
        out = runner(copy(good), first, middle, marks)
        sound = int(out.t) == middle and not np.any(np.asarray(out.marks.bad) >= 0) and bool(out.sound)
        low, high = (middle, high) if sound else (low, middle)
    out = runner(copy(good), first, high, marks)
    names = [*_not_finite(out.info, ""), *_not_finite(out.state, "state.")]
    what = f"{names[0]} is not finite" if names else "a number is not finite"
    says = f"{what} at step {low + 1}; the state after step {low} is kept"
    return runner(copy(good), first, low, marks), says


def _not_finite(tree: Any, prefix: str) -> list[str]:
    return [prefix + name for name, leaf in named_leaves(tree).items() if not finite(leaf)]
