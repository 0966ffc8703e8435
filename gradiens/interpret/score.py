"""One score of a function of one example: the number that every method of this package asks about."""

from __future__ import annotations

from collections.abc import Callable

import jax
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
        if found.ndim != 1 or (isinstance(c, int) and not 0 <= c < len(found)):
            raise Mistake("a function of one example with a score for class c", f"shape {found.shape} and class {c}")
        return found[c]

    return score


def derivative(f: Scores, c: int | Array | None, x: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """∂f_c/∂x."""
    return jax.grad(score_of(f, c))(x)
