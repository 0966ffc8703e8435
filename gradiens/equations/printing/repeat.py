"""Lines that differ only in the number of their layer, written once: `for l = 1, …, 12:` with W^{[l]} and x^{[l-1]}."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gradiens.equations.printing.blocks import Block, each
from gradiens.equations.printing.naming import Line
from gradiens.equations.tree.expression import Apply, Expr, Symbol, substitute, symbol, walk

_FEWEST = 3  # layers that are worth a block
_MARK = re.compile(r"\[(\d+)\]")
_STEP = re.compile(r"\[(?P<index>[^\W\d_])(?P<shift>[+-]\d+)?\]")
Entry = Line | Block


def repeated(lines: Sequence[Entry]) -> list[Entry]:
    """The lines, with runs of equal groups as blocks."""
    used = (one for line in each(lines) for one in (line.symbol, *walk(line.expr)))
    names = {one.name for one in used if isinstance(one, Symbol)}
    index = next((letter for letter in "lmnr" if letter not in names), None)
    found = _folded(_sorted(lines), index) if index else []
    return found if len(found) < len(lines) and index else list(lines)


def _folded(lines: Sequence[Entry], index: str) -> list[Entry]:
    result: list[Entry] = []
    place = 0
    while place < len(lines):
        found, first = _run(lines, place), _layer(lines[place])
        if found is None or first is None:
            result.append(lines[place])
            place += 1
            continue
        period, count, step = found
        group, above = (
            [line for line in lines[at : at + period] if isinstance(line, Line)] for at in (place, place + period)
        )
        body = tuple(_general(one, other, index, first, step) for one, other in zip(group, above, strict=True))
        result.append(Block(index, first, first + step * (count - 1), body))
        place += period * count
    return result


def _sorted(lines: Sequence[Entry]) -> list[Entry]:
    """The same lines, those that belong to no layer before the layers that do not define what they use."""
    result: list[Entry] = []
    for line in lines:
        place = len(result)
        if isinstance(line, Line) and _layer(line) is None:
            used = set(walk(line.expr))
            while (
                place
                and _layer(before := result[place - 1]) is not None
                and isinstance(before, Line)
                and before.symbol not in used
            ):
                place -= 1
        result.insert(place, line)
    return result


def _layer(line: Entry) -> int | None:
    """The layer that a line defines."""
    found = _MARK.findall(line.name) if isinstance(line, Line) else []
    return int(found[0]) if len(found) == 1 else None


def _run(lines: Sequence[Entry], start: int) -> tuple[int, int, int] | None:
    """How many lines from `start` on repeat, how often, and whether the layers go up or down."""
    first = _layer(lines[start])
    if first is None:
        return None
    period = 0
    while start + period < len(lines) and _layer(lines[start + period]) == first:
        period += 1
    following = _layer(lines[start + period]) if start + period < len(lines) else None
    step = following - first if following is not None else 0
    if abs(step) != 1:
        return None
    count = 1
    while _alike(lines, start + (count - 1) * period, period, step):
        count += 1
    return (period, count, step) if count >= _FEWEST else None


def _alike(lines: Sequence[Entry], start: int, period: int, step: int) -> bool:
    """Is the group at `start` followed by the same for the next layer?"""
    if start + 2 * period > len(lines):
        return False
    pairs = zip(lines[start : start + period], lines[start + period : start + 2 * period])
    return all(_same_line(one, other, step) for one, other in pairs)


def _same_line(one: Entry, other: Entry, step: int) -> bool:
    if not (isinstance(one, Line) and isinstance(other, Line)):
        return False
    twins: dict[Expr, Expr] = {}
    return _moved(one.symbol, other.symbol, step) and _same(one.expr, other.expr, step, twins)


def _same(one: Expr, other: Expr, step: int, twins: dict[Expr, Expr]) -> bool:
    if one in twins:
        return twins[one] is other
    if one.shape != other.shape or one.kind != other.kind:
        return False
    if isinstance(one, Symbol) and isinstance(other, Symbol):
        alike = one is other or _moved(one, other, step)
    elif isinstance(one, Apply) and isinstance(other, Apply) and (one.op, one.params) == (other.op, other.params):
        alike = len(one.operands) == len(other.operands)
        alike = alike and all(_same(a, b, step, twins) for a, b in zip(one.operands, other.operands))
    else:
        alike = one is other
    if alike:
        twins[one] = other
    return alike


def _moved(one: Symbol, other: Symbol, step: int) -> bool:
    """Is it the same name one layer on?"""
    return _MARK.sub(lambda found: f"[{int(found[1]) + step}]", one.name) == other.name != one.name


def _general(one: Line, other: Line, index: str, first: int, step: int) -> Line:
    """The line for layer l; what is the same in the next layer does not depend on it."""
    twins: dict[Expr, Expr] = {}
    _same(one.expr, other.expr, step, twins)
    general: dict[Expr, Expr] = {
        expr: _named(expr, index, first)
        for expr, twin in twins.items()
        if isinstance(expr, Symbol) and twin is not expr
    }
    return Line(_named(one.symbol, index, first), substitute(one.expr, general))


def _named(one: Symbol, index: str, first: int) -> Symbol:
    def mark(found: re.Match[str]) -> str:
        shift = int(found[1]) - first
        return f"[{index}{f'{shift:+d}' if shift else ''}]"

    return symbol(_MARK.sub(mark, one.name), one.shape, one.kind, one.role)


def layered(name: str, at: dict[str, int]) -> str:
    """The name in the layer that is meant: `W^{[l]}` is W^{[3]} where l = 3."""

    def number(found: re.Match[str]) -> str:
        return f"[{at[found['index']] + int(found['shift'] or 0)}]" if found["index"] in at else found[0]

    return _STEP.sub(number, name)


Layers = dict[str, tuple[str, int, int]]


def layers_of(lines: Iterable[Entry]) -> Layers:
    """The names with a layer l that the lines of blocks use, W^{[l]} for W^{[l+1]} too, with l, its first and last value."""
    found: Layers = {}
    for block in lines:
        if not isinstance(block, Block) or block.last is None:
            continue
        low, high = sorted((block.first, block.last))
        used = (one for line in each(block.lines) for one in walk(line.expr))
        for one in (one for one in used if isinstance(one, Symbol)):
            step = _STEP.search(one.name)
            if step is not None and step["index"] == block.index:
                name, shift = _STEP.sub(f"[{block.index}]", one.name), int(step["shift"] or 0)
                _, first, last = found.get(name, (block.index, low + shift, high + shift))
                found[name] = block.index, min(first, low + shift), max(last, high + shift)
    return found
