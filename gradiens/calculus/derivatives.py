"""Derivatives of JAX functions: gradient, Jacobian, Hessian, and their products with vectors.

The point may be an array or any tree of arrays (the parameters of a network). Matrices are of the entries in the order
of the tree's leaves: a function of d numbers with m values has a Jacobian of m rows and d columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Complex, Float

from gradiens.core.check import Mistake

Function = Callable[[Any], Any]


def real(x: Any) -> Any:
    """`x` with each of its numbers as a floating-point array of JAX."""
    made = jax.tree.map(lambda leaf: jnp.asarray(leaf) if _inexact(leaf) else jnp.asarray(leaf, float), x)
    if not jax.tree.leaves(made):
        raise Mistake("a point with at least one number", "an empty tree")
    return made


def _inexact(leaf: Any) -> bool:
    return jnp.issubdtype(jnp.asarray(leaf).dtype, jnp.inexact)


def one_number(f: Function) -> Function:
    """f, with a `Mistake` when its value is not one number."""

    def checked(x: Any) -> Array:
        value = jnp.asarray(f(x))
        if value.shape != ():
            raise Mistake(
                "a function whose value is one number", f"shape {value.shape}", "sum it, or take its Jacobian"
            )
        return value

    return checked


def gradient(f: Function, x: Any) -> Any:
    """∇f(x), shaped like x. Reverse mode: a few evaluations of f, however many numbers x holds.

        ∇f(x)ᵢ = ∂f/∂xᵢ

    Raises `Mistake` when the value of f is not one number.

    Book: A.2.
    """
    return jax.grad(one_number(f))(real(x))


def directional(f: Function, x: Any, d: Any) -> Any:
    """The derivative of f at x along d, shaped like f(x). Forward mode: about two evaluations of f.

        D f(x) d = lim (f(x + h d) - f(x)) / h = ∇f(x)ᵀ d

    Book: A.2.
    """
    x = real(x)
    return jax.jvp(f, (x,), (_like(d, x),))[1]


def jacobian(f: Function, x: Any) -> Float[Array, "m d"]:
    """J f(x), one row for each entry of f(x), by the mode that takes fewer passes.

        J f(x)ᵢⱼ = ∂fᵢ/∂xⱼ

    Book: A.3.
    """
    x, flat_f = _flattened(f, x)
    row_f = lambda v: jnp.atleast_1d(flat_f(v))  # noqa: E731
    m = jax.eval_shape(row_f, x).size
    return (jax.jacrev if m <= x.size else jax.jacfwd)(row_f)(x)


def vector_jacobian(f: Function, x: Any, v: Any) -> Any:
    """vᵀ J f(x), shaped like x, without the Jacobian: one pass of reverse mode.

    Book: A.3.
    """
    x = real(x)
    value, pull = jax.vjp(f, x)
    return pull(_like(v, value))[0]


def hessian(f: Function, x: Any) -> Float[Array, "d d"]:
    """∇²f(x): d products of forward over reverse mode.

        ∇²f(x)ᵢⱼ = ∂²f/∂xᵢ∂xⱼ

    Book: A.2.
    """
    x, flat_f = _flattened(f, x)
    return jax.jacfwd(jax.grad(one_number(flat_f)))(x)


def hessian_vector(f: Function, x: Any, v: Any) -> Any:
    """∇²f(x) v, shaped like x, without the Hessian: the derivative of the gradient along v (forward over reverse).

        ∇²f(x) v = D(∇f)(x) v

    Book: 4.6.  Source: Griewank & Walther (2008), section 5.2.
    """
    return directional(jax.grad(one_number(f)), x, v)


def gauss_newton_vector(model: Function, loss: Function, x: Any, v: Any) -> Any:
    """G v for the cost loss(model(x)), shaped like x: the Hessian without the second derivatives of the model.

        G v = Jᵀ ∇²loss(z) J v,   z = model(x),   J = J model(x)

    G is positive semidefinite when the loss is convex, and the Hessian where the model is affine.

    Book: A.4.  Source: Nocedal & Wright (2006), section 10.3.
    """
    x = real(x)
    z, pushed = jax.jvp(model, (x,), (_like(v, x),))
    curved = jax.jvp(jax.grad(one_number(loss)), (z,), (pushed,))[1]
    return jax.vjp(model, x)[1](curved)[0]


def wirtinger(f: Callable[[Any], Any], z: Complex[Array, "*n"]) -> tuple[Complex[Array, "*n"], Complex[Array, "*n"]]:
    """(∂f/∂z, ∂f/∂z̄) of an elementwise function of complex numbers z = x + i y; the second is 0 where f is holomorphic.

        ∂f/∂z = (∂f/∂x - i ∂f/∂y) / 2,   ∂f/∂z̄ = (∂f/∂x + i ∂f/∂y) / 2

    Book: A.2.
    """
    z = jnp.asarray(z, complex)
    along_x = jax.jvp(f, (z,), (jnp.ones_like(z),))[1]
    along_y = jax.jvp(f, (z,), (1j * jnp.ones_like(z),))[1]
    return (along_x - 1j * along_y) / 2, (along_x + 1j * along_y) / 2


def _flattened(f: Function, x: Any) -> tuple[Array, Callable[[Array], Array]]:
    """x as one vector, and f as a function from a vector to a vector or a number."""
    flat, unravel = ravel_pytree(real(x))
    first = f(unravel(flat))
    if getattr(first, "shape", None) == ():
        return flat, lambda v: f(unravel(v))
    return flat, lambda v: ravel_pytree(f(unravel(v)))[0]


def _like(d: Any, x: Any) -> Any:
    """The vector d with the structure, the shapes and the dtypes of x."""
    if jax.tree.structure(d) != jax.tree.structure(x):
        raise Mistake(f"a vector of the structure {jax.tree.structure(x)}", jax.tree.structure(d))

    def cast(part: Any, leaf: Array) -> Array:
        if jnp.shape(part) != leaf.shape:
            raise Mistake(
                f"a vector with a part of shape {leaf.shape}", jnp.shape(part), "it has the shape of the point"
            )
        return jnp.asarray(part, leaf.dtype)

    return jax.tree.map(cast, d, x)
