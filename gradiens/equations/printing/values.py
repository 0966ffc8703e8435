"""The values of printed lines: each line in turn, a block once for each of its steps, by the names alone.

In the step t, `h⟨t-1⟩` is what the name h⟨0⟩, h⟨1⟩, … has got; a name that has not got a value at that time is a sequence,
and its row is meant: x⟨1⟩ is the first row of x. After the block the bare name is the sequence of what the steps gave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from gradiens.equations.printing.blocks import Block
from gradiens.equations.printing.naming import Line
from gradiens.equations.printing.repeat import layered
from gradiens.equations.printing.times import at_time, timed
from gradiens.equations.tree.expression import Expr, Symbol, walk
from gradiens.equations.tree.operations import Env, evaluate

Run = Callable[[Expr, Env], Any]


def named_values(lines: Iterable[Line | Block], env: Env, xp: Any = np, dtype: Any = np.float64) -> dict[str, Any]:
    """The values of all names, those of each layer and step too."""
    known: dict[str, Any] = {one.name: value for one, value in env.items() if isinstance(one, Symbol)}
    _run(lines, known, {}, lambda expr, own: evaluate([expr], own, xp, dtype)[0], xp)
    return known


def _run(lines: Iterable[Line | Block], known: dict[str, Any], at: dict[str, int], run: Run, xp: Any) -> None:
    for one in lines:
        if isinstance(one, Block):
            _run_block(one, known, at, run, xp)
        else:
            known[_at(one.name, at)] = _value(one.expr, known, at, run)


def _run_block(block: Block, known: dict[str, Any], at: dict[str, int], run: Run, xp: Any) -> None:
    backward = block.last is not None and block.last < block.first
    step, t = (-1 if backward else 1), block.first
    count = abs(block.last - block.first) + 1 if block.last is not None else None
    while _goes_on(block, count, t, {**at, block.index: t}, known, run):
        _run(block.lines, known, {**at, block.index: t}, run, xp)
        t += step
    for name in [line.name for line in block.lines if isinstance(line, Line)]:
        base = timed(name)
        if base is None or base.index != block.index:
            continue
        name = _at(base.base, at)
        if count is None:
            known[f"{name}⟨∞⟩"] = known[at_time(name, t - 1)]
        else:
            known[name] = xp.stack([known[at_time(name, k)] for k in range(1, count + 1)])


def _goes_on(block: Block, count: int | None, t: int, at: dict[str, int], known: dict[str, Any], run: Run) -> bool:
    if count is not None:
        return abs(t - block.first) < count
    assert block.condition is not None
    return bool(_value(block.condition.expr, known, at, run))


def _at(name: str, at: dict[str, int]) -> str:
    """The name at the present step of every loop around it: `h⟨t-1⟩` is h⟨2⟩ when t = 3."""
    name = layered(name, at)
    found = timed(name)
    if found is None:
        return name
    base = _at(found.base, at)
    if not found.index:
        return at_time(base, found.shift)
    return (
        at_time(base, at[found.index] + found.shift) if found.index in at else at_time(base, found.index, found.shift)
    )


def _value(expr: Expr, known: dict[str, Any], at: dict[str, int], run: Run) -> Any:
    return run(expr, {one: _look_up(one.name, known, at) for one in walk(expr) if isinstance(one, Symbol)})


def _look_up(name: str, known: dict[str, Any], at: dict[str, int]) -> Any:
    if name in at and name not in known:
        return at[name]
    name = _at(name, at)
    if name in known:
        return known[name]
    found = timed(name)
    if found is None or found.index:
        raise KeyError(f"no value for {name}")
    return _look_up(found.base, known, at)[found.shift - 1]
