"""Gradients by the tape: one evaluation that is recorded, one pass back; and Hessians times vectors, forward over reverse.

    ∂f/∂x = x̄,   H v = tangent of x̄ at x + v ε

Book: 4.6.  Source: Griewank & Walther (2008), sections 3.2 and 5.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gradiens.calculus.dual import Dual, tangent
from gradiens.calculus.overloading import plain
from gradiens.calculus.tape import Node, Tape
from gradiens.core.check import Mistake


def record(f: Callable[..., Any], *x: Any, names: tuple[str, ...] = (), output: str = "") -> Tape:
    """Evaluate f(*x) → number on a tape. `names` are those of the inputs (default x1, x2, …).

    Raises `Mistake` when the value is not one number, or does not depend on the inputs.

    Book: 4.6.  Source: Griewank & Walther (2008).
    """
    tape = Tape()
    called = names or tuple(f"x{i}" for i in range(1, len(x) + 1))
    z = f(*(tape.variable(part, name) for part, name in zip(x, called, strict=True)))
    if not isinstance(z, Node):
        raise Mistake("a function of its inputs, written with NumPy's functions", f"the constant {z}")
    if z.shape != ():
        raise Mistake("a function whose value is one number", f"shape {z.shape}", "sum it, or take one entry")
    z = 1.0 * z if any(z is node for node in tape.inputs) else z
    del tape.nodes[z.index + 1 :]  # what was computed after the output has no part in it
    z.name = output or z.name
    return tape


class Reverse(NamedTuple):
    """The value of a function and its gradient in each argument, with the tape."""

    value: float
    gradient: tuple[Any, ...]
    tape: Tape


def reverse_gradient(f: Callable[..., Any], *x: Any) -> Reverse:
    """The gradient of f(*x) → number by reverse mode: one evaluation, one pass back.

        ∂f/∂x = x̄

    Book: 4.6.  Source: Griewank & Walther (2008), section 3.2.
    """
    tape = record(f, *x)
    adjoints = tape.adjoints()
    return Reverse(float(plain(tape.output)), tuple(adjoints[node.index] for node in tape.inputs), tape)


def reverse_hessian_vector(f: Callable[..., Any], x: tuple[Any, ...], v: tuple[Any, ...]) -> tuple[np.ndarray, ...]:
    """The Hessian of f at x times v, one part for each argument: the tape of f with dual numbers for values.

        H v = d/dε ∇f(x + v ε)

    Book: 4.6.  Source: Griewank & Walther (2008), section 5.2.
    """
    tape = record(f, *(Dual(part, along) for part, along in zip(x, v, strict=True)))
    adjoints = tape.adjoints()
    return tuple(np.asarray(tangent(adjoints[node.index])) for node in tape.inputs)
