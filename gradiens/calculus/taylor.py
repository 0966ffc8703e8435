"""Taylor's theorem: models of a function around a point, and what they leave out.

    f(x + d) = f(x) + ∇f(x)ᵀd + ½ dᵀ∇²f(x)d + R₂(d),   Rₖ(d) = ∫₀¹ (1-t)ᵏ/k! Dᵏ⁺¹f(x + t d)[d, …, d] dt

Where ∇f has Lipschitz constant L, |R₁(d)| ≤ L/2 |d|² (the descent lemma); where ∇²f has M, |R₂(d)| ≤ M/6 |d|³.

Book: A.4.  Source: Nocedal & Wright (2006), theorem 2.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.calculus.derivatives import gradient, hessian, one_number, real
from gradiens.core.check import Failure, Mistake
from gradiens.core.module import Module

Function = Callable[[Any], Any]


class TaylorModel(Module):
    """The linear (H = 0) or quadratic model of a function around x.

        m(y) = c + gᵀ(y - x) + ½ (y - x)ᵀ H (y - x)

    Source: Nocedal & Wright (2006), section 2.2.
    """

    x: Float[Array, " d"]
    c: Float[Array, ""]
    g: Float[Array, " d"]
    H: Float[Array, "d d"]

    def __call__(self, y: Float[Array, " d"]) -> Float[Array, ""]:
        """m(y)."""
        d = y - self.x
        return self.c + self.g @ d + 0.5 * d @ self.H @ d

    def newton_step(self) -> Float[Array, " d"]:
        """The d at which the gradient of the model is zero: H d = -g. A `Failure` where H is singular."""
        d = jnp.linalg.solve(self.H, -self.g)
        if not bool(jnp.all(jnp.isfinite(d))):
            raise Failure("the model has no single stationary point: its Hessian is singular", "damp it: H + λ I")
        return d


def taylor_model(f: Function, x: Float[Array, " d"], order: int = 2) -> TaylorModel:
    """The model of f around the vector x, of order 1 or 2.

    Book: A.4.  Source: Nocedal & Wright (2006), theorem 2.1.
    """
    if order not in (1, 2):
        raise Mistake("an order of 1 or 2", order, "of higher order along one direction: `derivatives_along`")
    x = real(x)
    if x.ndim != 1:
        raise Mistake("a vector x", f"shape {x.shape}")
    H = hessian(f, x) if order == 2 else jnp.zeros((x.size, x.size), x.dtype)
    return TaylorModel(x, one_number(f)(x), gradient(f, x), H)


def derivatives_along(f: Function, x: Any, d: Any, order: int) -> Float[Array, "order+1 *m"]:
    """f(x), D f(x)[d], …, Dᵏf(x)[d, …, d] for k = `order`, each by differentiating the one before along d.

    Book: A.4.  Source: Griewank & Walther (2008), chapter 13, whose jets do the same at less cost for large k.
    """
    if order < 0:
        raise Mistake("an order of at least 0", order)
    x, d = real(x), real(d)
    found, g = [f(x)], f
    for _ in range(order):
        g = _along(g, d)
        found.append(g(x))
    return jnp.stack(found)


def _along(g: Function, d: Any) -> Function:
    return lambda y: jax.jvp(g, (y,), (d,))[1]


def expansion(f: Function, x: Any, d: Any, order: int) -> Float[Array, "*m"]:
    """The Taylor polynomial of f at x + d.

        Tₖ(d) = Σⱼ Dʲf(x)[d, …, d] / j!,   j = 0 … k

    Book: A.4.  Source: Griewank & Walther (2008), chapter 13.
    """
    terms = derivatives_along(f, x, d, order)
    return sum((terms[j] / math.factorial(j) for j in range(1, order + 1)), terms[0])


def remainder(f: Function, x: Any, d: Any, order: int) -> Float[Array, "*m"]:
    """What the polynomial leaves out: Rₖ(d) = f(x + d) - Tₖ(d).

    Book: A.4.  Source: Nocedal & Wright (2006), theorem 2.1.
    """
    x, d = real(x), real(d)
    return f(jax.tree.map(jnp.add, x, d)) - expansion(f, x, d, order)


def integral_remainder(f: Function, x: Any, d: Any, order: int, nodes: int = 20) -> Float[Array, "*m"]:
    """The remainder in its integral form, by Gauss-Legendre quadrature: nothing is subtracted, so no digit is lost.

        Rₖ(d) = ∫₀¹ (1-t)ᵏ/k! Dᵏ⁺¹f(x + t d)[d, …, d] dt

    Book: A.4.  Source: Nocedal & Wright (2006), theorem 2.1.
    """
    at, weights = np.polynomial.legendre.leggauss(nodes)
    x, d = real(x), real(d)
    t, w = jnp.asarray((at + 1) / 2), jnp.asarray(weights / 2)

    def integrand(t: Array) -> Array:
        y = jax.tree.map(lambda a, b: a + t.astype(a.dtype) * b, x, d)
        return (1 - t) ** order / math.factorial(order) * derivatives_along(f, y, d, order + 1)[-1]

    return jnp.tensordot(w, jax.vmap(integrand)(t), 1)
