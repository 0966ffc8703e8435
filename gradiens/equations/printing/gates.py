"""The gates of a recurrent cell: in c⟨t⟩ = f ⊙ c⟨t-1⟩ + i ⊙ g and h⟨t⟩ = o ⊙ tanh(c⟨t⟩) each factor has its name.

Source: Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000 (LSTM); Cho et al. 2014 (GRU).
"""

from __future__ import annotations

from collections.abc import Iterator

from gradiens.equations.printing.times import timed
from gradiens.equations.tree.expression import Expr, Symbol, is_op, walk
from gradiens.equations.tree.recurrence import Recurrence


def gates(steps: Recurrence) -> dict[Expr, str]:
    """The gates of an LSTM or a GRU, and `a` for the affine map that they are slices of."""
    found: dict[Expr, str] = {}
    for after in steps.after:
        for name, expr in (*_lstm(after), *_gru(after)):
            found.setdefault(expr, name)
    parts = [part for expr in list(found) for part in _sliced(expr)]
    for name, part in zip("au", dict.fromkeys(parts)):
        found.setdefault(part, name)
    return found


def _lstm(after: Expr) -> Iterator[tuple[str, Expr]]:
    """c⟨t⟩ = f ⊙ c⟨t-1⟩ + i ⊙ g; h⟨t⟩ = o ⊙ tanh(c⟨t⟩)."""
    if is_op(after, "add") and all(is_op(arg, "mul") for arg in after.args):
        for kept, new in (after.args, after.args[::-1]):
            forget = [arg for arg in kept.args if is_op(arg, "σ")]
            memory = [arg for arg in kept.args if _before(arg)]
            gate = [arg for arg in new.args if is_op(arg, "σ")]
            fresh = [arg for arg in new.args if is_op(arg, "tanh")]
            if forget and memory and gate and fresh:
                yield from (("f", forget[0]), ("i", gate[0]), ("g", fresh[0]))
    if is_op(after, "mul"):
        gate = [arg for arg in after.args if is_op(arg, "σ")]
        if gate and any(is_op(arg, "tanh") for arg in after.args):
            yield "o", gate[0]


def _gru(after: Expr) -> Iterator[tuple[str, Expr]]:
    """h⟨t⟩ = (1 - z) ⊙ n + z ⊙ h⟨t-1⟩ = n + z ⊙ (h⟨t-1⟩ - n), and n = tanh(… r ⊙ …)."""
    if not is_op(after, "add"):
        return
    fresh = [expr for expr in walk(after) if is_op(expr, "tanh")]
    update = [expr for arg in after.args if is_op(arg, "mul") for expr in arg.args if is_op(expr, "σ")]
    old = [expr for arg in after.args for expr in walk(arg) if _before(expr)]
    if len(fresh) != 1 or not update or not old:
        return
    reset = [e for expr in walk(fresh[0]) if is_op(expr, "mul") for e in expr.args if is_op(e, "σ")]
    if reset:
        yield from (("z", update[0]), ("r", reset[0]), ("n", fresh[0]))


def _before(expr: Expr) -> bool:
    at = timed(expr.name) if isinstance(expr, Symbol) else None
    return at is not None and at.shift != 0


def _sliced(gate: Expr) -> Iterator[Expr]:
    """The affine map that a gate takes a slice of."""
    for expr in walk(gate):
        if is_op(expr, "slice") and expr.args[0].args:
            yield expr.args[0]
