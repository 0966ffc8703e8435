"""One score of a function of one example: the number that every method of this package asks about."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float

from gradiens.core.check import Mistake

Scores = Callable[[Array], Array]


def score_of(f: Scores, c: int | Array | None) -> Callable[[Array], Float[Array, ""]]:
    """x ↦ f_c(x); f itself where it returns one number and c is None.

    Raises `Mistake` when called, for an f that returns no vector of scores and a c that names none of them.
    """

    def score(x: Float[Array, "*n"]) -> Float[Array, ""]:
        found = f(x)
        if c is None:
            if found.shape != ():
                raise Mistake("the class c whose score is asked about", f"none of {found.shape}", "give c")
            return found
        if found.ndim != 1 or not present(c, len(found)):
            raise Mistake("a function of one example with a score for class c", f"shape {found.shape} and class {c}")
        return found[c]

    return score


def derivative(f: Scores, c: int | Array | None, x: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """∂f_c/∂x. Raises `Mistake` for an x that is not of floating-point numbers."""
    floating(x)
    return jax.grad(score_of(f, c))(x)


def present(c: int | Array, count: int) -> bool:
    """Is c one of 0 … count-1? A number that is only known in a compiled program is taken for one."""
    return isinstance(c, Tracer) or (np.ndim(c) == 0 and 0 <= int(c) < count)


def floating(x: Array) -> None:
    """Raise a `Mistake` unless x is of floating-point numbers: pixels stored as whole numbers have no derivative, and no
    grey between them."""
    if not jnp.issubdtype(jnp.result_type(x), jnp.floating):
        what = jnp.result_type(x)
        raise Mistake("an input of floating-point numbers", what, "pixels from 0 to 255: jnp.asarray(x, float) / 255")
