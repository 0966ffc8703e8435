"""Jets: forward mode of higher order, by the arithmetic of truncated power series.

    f(x + d t) = c₀ + c₁ t + … + cₖ tᵏ + O(tᵏ⁺¹),   cⱼ = Dʲf(x)[d, …, d] / j!

A jet holds the coefficients c₀ … cₖ; each elementary function has a recurrence that gives the coefficients of its value
from those of its argument (`series`). The cost grows as k², where differentiating k times over grows as 2ᵏ.

Book: A.4.  Source: Griewank & Walther (2008), chapter 13.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradiens.calculus.overloading import Map, Overloaded
from gradiens.calculus.series import RECURRENCES, aligned, powered, times
from gradiens.core.check import Mistake


class Jet(Overloaded):
    """The coefficients c₀ … cₖ of a power series, along the first axis; made by functions of NumPy from others.

    Book: A.4.  Source: Griewank & Walther (2008), chapter 13.
    """

    def __init__(self, c: Any):
        self.c = np.asarray(c, float)

    @property
    def value(self) -> np.ndarray:  # pyright: ignore[reportIncompatibleVariableOverride] - read only here
        """c₀."""
        return self.c[0]

    def elementary(self, function: np.ufunc, *inputs: Any) -> Jet:
        """The series of φ(u) by its recurrence."""
        if function not in RECURRENCES:
            known = ", ".join(sorted(f.__name__ for f in RECURRENCES))
            raise Mistake(
                f"a smooth function ({known})", f"np.{function.__name__}", "jets need derivatives of every order"
            )
        return Jet(RECURRENCES[function](*(coefficients(u, len(self.c)) for u in inputs)))

    def power(self, p: float) -> Jet:
        """The series of uᵖ; for a whole p ≥ 0 by products, which holds at u₀ = 0 too."""
        if p >= 0 and p == int(p):
            out = coefficients(np.ones(self.shape), len(self.c))
            for _ in range(int(p)):
                out = times(out, self.c)
            return Jet(out)
        return Jet(powered(self.c, p))

    def product(self, left: Any, right: Any) -> Jet:
        """Cⱼ = Σᵢ Aᵢ Bⱼ₋ᵢ."""
        k = len(self.c)
        a, b = coefficients(left, k), coefficients(right, k)
        return Jet([sum(a[i] @ b[j - i] for i in range(j + 1)) for j in range(k)])

    def linear(self, form: str, apply: Map, transpose: Map, cost: int = 0) -> Jet:
        """Each coefficient by itself."""
        return Jet([apply(c) for c in self.c])

    def plus(self, *terms: Any) -> Jet:
        """The sum, coefficient by coefficient."""
        return Jet(sum(aligned(*(coefficients(u, len(self.c)) for u in terms))))

    def derivatives(self) -> np.ndarray:
        """Dʲf[d, …, d] = j! cⱼ for j = 0 … k."""
        factorials = np.asarray([math.factorial(j) for j in range(len(self.c))], float)
        return factorials.reshape(-1, *(1,) * (self.c.ndim - 1)) * self.c

    def __repr__(self) -> str:
        return f"Jet({self.c})"


def jet_along(f: Callable[[Any], Any], x: Any, d: Any, order: int) -> np.ndarray:
    """f(x), D f(x)[d], D²f(x)[d, d], … up to `order`, for f written with NumPy's functions of one array.

        f(x + d t) = Σⱼ Dʲf(x)[d, …, d] tʲ / j!

    Book: A.4.  Source: Griewank & Walther (2008), chapter 13.
    """
    if order < 1:
        raise Mistake("an order of at least 1", order)
    x = np.asarray(x, float)
    series = np.zeros((order + 1, *x.shape))
    series[0], series[1] = x, d
    z = f(Jet(series))
    return z.derivatives() if isinstance(z, Jet) else coefficients(z, order + 1)


def coefficients(u: Any, k: int) -> np.ndarray:
    """The k coefficients of a jet, or of a constant."""
    if isinstance(u, Jet):
        return u.c
    u = np.asarray(u, float)
    return np.concatenate([u[None], np.zeros((k - 1, *u.shape))])
