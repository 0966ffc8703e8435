"""The implicit function theorem: the derivative of a solution, without differentiating the solver.

    F(y, x) = 0 near (y, x), ∂F/∂y regular:   D y(x) = -(∂F/∂y)⁻¹ ∂F/∂x

However many iterations the solver took, its derivative is one linear system at the solution.

Book: A.2, 4.6.  Source: Griewank & Walther (2008), chapter 15.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake

Equation = Callable[[Array, Array], Array]


def implicit_jacobian(F: Equation, y: Float[Array, " m"], x: Float[Array, " d"]) -> Float[Array, "m d"]:
    """D y(x) of the solution y of F(y, x) = 0.

        D y(x) = -(∂F/∂y)⁻¹ ∂F/∂x

    Raises `Mistake` where F does not give as many numbers as y has. Where ∂F/∂y is singular there is no derivative, and
    the entries are not finite.

    Book: A.2.  Source: Griewank & Walther (2008), chapter 15.
    """
    if jax.eval_shape(F, y, x).shape != y.shape:
        raise Mistake(f"as many equations as unknowns, shape {y.shape}", jax.eval_shape(F, y, x).shape)
    by_y, by_x = jax.jacfwd(F, 0)(y, x), jax.jacfwd(F, 1)(y, x)
    return -jnp.linalg.solve(by_y, by_x)


def implicit_solution(F: Equation, solve: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """`solve` (x ↦ y with F(y, x) = 0) as a function that JAX can differentiate, whatever it does inside.

        ẏ = -(∂F/∂y)⁻¹ (∂F/∂x) ẋ

    Book: 4.6.  Source: Griewank & Walther (2008), chapter 15.
    """
    solved = jax.custom_jvp(lambda x: jax.lax.stop_gradient(solve(x)))

    def tangent(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
        (x,), (x_dot,) = primals, tangents
        y = solved(x)
        moved = jax.jvp(lambda x: F(y, x), (x,), (x_dot,))[1]
        return y, -jnp.linalg.solve(jax.jacfwd(F, 0)(y, x), moved)

    solved.defjvp(tangent)
    return solved
