"""Checkpointing: reverse mode through a long chain with little memory.

    h_t = φ(h_{t-1}),   h̄_{t-1} = Dφ(h_{t-1})ᵀ h̄_t

The reverse pass needs the states in reverse order. Keeping every c-th of T states and computing those between again takes
one more evaluation a step and T/c + c states instead of T: least, 2√T, at c = √T.

Book: 4.6.  Source: Griewank & Walther (2008), chapter 12.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
from jaxtyping import Array, Float

from gradiens.core.check import Mistake


class Pulled(NamedTuple):
    """The adjoint of the first state, the evaluations of φ that it took, and the most states held at one time."""

    adjoint: Float[Array, "*d"]
    evaluations: int
    states: int


def pull_back(
    step: Callable[[Array], Array], h: Float[Array, "*d"], adjoint: Float[Array, "*d"], steps: int, every: int = 1
) -> Pulled:
    """h̄₀ from h̄_T through T = `steps` times φ = `step`, keeping every `every`-th state.

    Raises `Mistake` for fewer than one step, or `every` outside of 1 … steps.

    Book: 4.6.  Source: Griewank & Walther (2008), chapter 12.
    """
    if steps < 1 or not 1 <= every <= steps:
        raise Mistake(f"at least one step, and every in 1 … {steps}", f"{steps} steps, every {every}")
    kept, evaluations = {0: h}, 0
    for t in range(1, steps):
        h = step(h)
        evaluations += 1
        if t % every == 0:
            kept[t] = h
    most = len(kept)
    for start in reversed(range(0, steps, every)):
        states = [kept.pop(start)]
        for _ in range(start + 1, min(start + every, steps)):
            states.append(step(states[-1]))
            evaluations += 1
        most = max(most, len(kept) + len(states))
        for state in reversed(states):
            adjoint = jax.vjp(step, state)[1](adjoint)[0]
    return Pulled(adjoint, evaluations, most)
