"""The work of a program in matrix products, counted in the program itself.

    an (m × k) by a (k × n) matrix: 2 m k n operations

Every product of the trace counts, as often as it is run by maps and branches inside; elementwise work does not.

Book: 5.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax

KIND = "measure"


def product_flops(f: Callable[..., Any], *args: Any) -> int:
    """Multiplications and additions in the matrix products of f(*args); nothing is computed.

    A loop with a fixed number of turns counts with all of them; one without, and a branch, with one turn of each part.

    Book: 5.4.
    """
    return _of(jax.make_jaxpr(f)(*args).jaxpr)


def _of(program: Any) -> int:
    return sum(_step(step) for step in program.eqns)


def _step(step: Any) -> int:
    if step.primitive.name == "dot_general":
        (contracted, _), _ = step.params["dimension_numbers"]
        shape = step.invars[0].aval.shape
        return 2 * math.prod(step.outvars[0].aval.shape) * math.prod(shape[axis] for axis in contracted)
    inner = sum(_of(getattr(part, "jaxpr", part)) for value in step.params.values() for part in _programs(value))
    return inner * (step.params.get("length", 1) if step.primitive.name == "scan" else 1)


def _programs(value: Any) -> list[Any]:
    """The programs in a parameter of a step."""
    if isinstance(value, list | tuple):
        return [part for item in value for part in _programs(item)]
    return [value] if hasattr(value, "eqns") or hasattr(getattr(value, "jaxpr", None), "eqns") else []
