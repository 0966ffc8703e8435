"""Forward mode: dual numbers, u + u̇ ε with ε² = 0.

    φ(u + u̇ ε) = φ(u) + φ′(u) u̇ ε

A function evaluated on x + d ε gives its value and its derivative along d at once: the tangent travels beside the value,
in the same order, and nothing has to be remembered. The gradient of a function of n numbers takes n evaluations, one
for each unit vector.

Book: 4.6.  Source: Griewank & Walther (2008), section 3.1; Baydin et al. (2018).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gradiens.calculus.elementary import ELEMENTARY, Rule, power
from gradiens.calculus.overloading import Map, Overloaded, plain


class Dual(Overloaded):
    """A value and its tangent, of one shape; made by the functions of NumPy from others (`np.sin(u)`, `u @ v`, …).

    Book: 4.6.  Source: Griewank & Walther (2008).
    """

    def __init__(self, value: Any, tangent: Any = 0.0):
        self.value = np.asarray(value, float)
        self.tangent = np.broadcast_to(np.asarray(tangent, float), self.value.shape)

    def elementary(self, function: np.ufunc, *inputs: Any) -> Dual:
        """z = φ(u), ż = Σᵢ ∂φ/∂uᵢ u̇ᵢ."""
        return _applied(ELEMENTARY[function], function, *inputs)

    def power(self, p: float) -> Dual:
        """z = uᵖ, ż = p uᵖ⁻¹ u̇."""
        return _applied(power(p), lambda u: u**p, self)

    def product(self, left: Any, right: Any) -> Dual:
        """Z = A B, Ż = Ȧ B + A Ḃ."""
        a, b = plain(left), plain(right)
        return Dual(a @ b, tangent(left) @ b + a @ tangent(right))

    def linear(self, form: str, apply: Map, transpose: Map, cost: int = 0) -> Dual:
        """z = L u, ż = L u̇."""
        return Dual(apply(self.value), apply(self.tangent))

    def plus(self, *terms: Any) -> Dual:
        """z = Σᵢ uᵢ, ż = Σᵢ u̇ᵢ."""
        return Dual(sum(map(plain, terms)), sum(map(tangent, terms)))

    def __repr__(self) -> str:
        return f"Dual({self.value}, {self.tangent})"


def _applied(rule: Rule, function: Callable[..., Any], *inputs: Any) -> Dual:
    u = [plain(x) for x in inputs]
    z = function(*u)
    z_dot = sum(partial.of(z, *u) * tangent(x) for partial, x in zip(rule.partials, inputs) if isinstance(x, Dual))
    return Dual(z, z_dot)


def tangent(u: Any) -> Any:
    """The tangent of a dual number; zeros for a constant."""
    return u.tangent if isinstance(u, Dual) else np.zeros(np.shape(u))


class Forward(NamedTuple):
    """The value of a function, its gradient in each argument, and the evaluations that this took."""

    value: float
    gradient: tuple[np.ndarray, ...]
    passes: int


def forward_gradient(f: Callable[..., Any], *x: Any) -> Forward:
    """The gradient of f(*x) → number by forward mode, one pass for each number in x.

        ∂f/∂xᵢ = tangent of f(x + eᵢ ε)

    Book: 4.6.  Source: Griewank & Walther (2008), section 3.1.
    """
    points = [np.asarray(part, float) for part in x]
    gradient, value, passes = [np.zeros(part.shape) for part in points], 0.0, 0
    for which, part in enumerate(points):
        for index in np.ndindex(part.shape):
            seed = np.zeros(part.shape)
            seed[index] = 1.0
            z = f(*(Dual(point, seed if i == which else 0.0) for i, point in enumerate(points)))
            value, gradient[which][index] = float(plain(z)), float(tangent(z))
            passes += 1
    return Forward(value, tuple(gradient), passes)


def forward_derivative(f: Callable[..., Any], x: tuple[Any, ...], d: tuple[Any, ...]) -> tuple[Any, Any]:
    """The value of f(*x) and its derivative along d, in one pass.

        f(x + d ε) = f(x) + (D f(x) d) ε

    Book: 4.6.  Source: Griewank & Walther (2008), section 3.1.
    """
    z = f(*(Dual(part, along) for part, along in zip(x, d, strict=True)))
    return plain(z), tangent(z)
