"""The elementary functions, their partial derivatives, and what these cost.

    z = φ(u₁, …, uₖ),   ∂z/∂uᵢ as a function of (z, u₁, …, uₖ)

Every differentiation of this package rests on this one table: dual numbers multiply a partial derivative by a
tangent, the tape multiplies it by an adjoint. A derivative is taken from z where z is known: that of eᵘ is z and costs
nothing. A quotient is not in the table: x/y is x · (1/y). At the kink of |x| the derivative is 0, between the two. The cost
of a partial derivative is the number of operations that it takes beyond those of φ itself; `UNIT` marks one that is
±1, with which nothing has to be multiplied.

Book: 4.6.  Source: Griewank & Walther (2008), sections 3.2 and 4.6.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

UNIT = -1  # in place of a cost: the partial derivative is 1 or -1


class Partial(NamedTuple):
    """∂z/∂u as a function of (z, *u), and the operations it takes."""

    of: Callable[..., Any]
    cost: int = 0


class Rule(NamedTuple):
    """One elementary function: how it is written, with {} for its inputs, and its partial derivatives."""

    form: str
    partials: tuple[Partial, ...]


def _one(z: Any, *u: Any) -> float:
    return 1.0


def _minus_one(z: Any, *u: Any) -> float:
    return -1.0


def _greater(x: Any, y: Any) -> Any:
    """1 where x > y, 0 where x < y; a half, the middle of the subdifferential, where they are equal."""
    return 1.0 * (x > y) + 0.5 * (x == y)


ELEMENTARY: dict[np.ufunc, Rule] = {
    np.add: Rule("{} + {}", (Partial(_one, UNIT), Partial(_one, UNIT))),
    np.subtract: Rule("{} - {}", (Partial(_one, UNIT), Partial(_minus_one, UNIT))),
    np.negative: Rule("-{}", (Partial(_minus_one, UNIT),)),
    np.multiply: Rule("{} · {}", (Partial(lambda z, x, y: y), Partial(lambda z, x, y: x))),
    np.reciprocal: Rule("1/{}", (Partial(lambda z, x: -(z * z), 2),)),
    np.square: Rule("{}²", (Partial(lambda z, x: 2.0 * x, 1),)),
    np.sqrt: Rule("√{}", (Partial(lambda z, x: 0.5 * np.reciprocal(z), 2),)),
    np.exp: Rule("exp {}", (Partial(lambda z, x: z),)),
    np.log: Rule("log {}", (Partial(lambda z, x: np.reciprocal(x), 1),)),
    np.sin: Rule("sin {}", (Partial(lambda z, x: np.cos(x), 1),)),
    np.cos: Rule("cos {}", (Partial(lambda z, x: -np.sin(x), 2),)),
    np.tanh: Rule("tanh {}", (Partial(lambda z, x: 1.0 - z * z, 2),)),
    np.absolute: Rule("|{}|", (Partial(lambda z, x: 1.0 * (x > 0) - 1.0 * (x < 0), 1),)),
    np.maximum: Rule(
        "max({}, {})", (Partial(lambda z, x, y: _greater(x, y), 1), Partial(lambda z, x, y: _greater(y, x), 1))
    ),
}

NAMES = sorted(function.__name__ for function in ELEMENTARY)


def power(p: float) -> Rule:
    """xᵖ for a constant p, and its derivative p xᵖ⁻¹."""
    return Rule(f"{{}}^{p:g}", (Partial(lambda z, x: p * x ** (p - 1), 2),))
