"""Steps that searches by Wolfe's conditions accept, and whether they satisfy them."""

from __future__ import annotations

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch04_optimization.paths import paths_of
from gradiens.book.landscapes import rosenbrock
from gradiens.optim.line_search.strong_wolfe import StrongWolfe
from gradiens.optim.line_search.wolfe import Wolfe
from gradiens.optim.minimiser import FINE
from gradiens.optim.steepest_descent import SteepestDescent

Numbers = Array | np.ndarray


class Searches(NamedTuple):
    """Accepted steps with random 0 < c₁ < c₂ < 1: φ(0), φ(α), and α φ'(0), α φ'(α); `fine`: not given up."""

    c1: Float[Numbers, "N"]
    c2: Float[Numbers, "N"]
    value: Float[Numbers, "N T1"]
    before: Float[Numbers, "N T"]
    after: Float[Numbers, "N T"]
    fine: Float[Numbers, "N T"]


@functools.partial(jax.jit, static_argnums=1)
def searches(key: Array, n: int) -> dict[str, Searches]:
    """Steepest descent with both searches on Rosenbrock, 40 steps from n random starts, each with its own c₁ and c₂."""
    at, shares = jax.random.split(key)
    starts = jax.random.uniform(at, (n, 2), minval=-2.0, maxval=2.0)
    c1, c2 = jnp.sort(jax.random.uniform(shares, (2, n), minval=0.01, maxval=0.99), axis=0)
    found = {}
    for name, search in (("wolfe", Wolfe(c1, c2)), ("strong wolfe", StrongWolfe(c1, c2))):  # pyright: ignore[reportArgumentType] - knobs of several values
        (theta, value, g), info = paths_of(rosenbrock, SteepestDescent(search), starts, 40)
        s = theta[:, 1:] - theta[:, :-1]
        before, after = jnp.sum(g[:, :-1] * s, axis=-1), jnp.sum(g[:, 1:] * s, axis=-1)
        found[name] = Searches(c1, c2, value, before, after, info.trouble == FINE)
    return found


def satisfied(found: Searches, strong: bool) -> bool:
    """Whether almost all searches ended in a step, and all of those with both conditions, the strong ones if asked."""
    c1, c2, fine = found.c1[:, None], found.c2[:, None], np.asarray(found.fine)
    rounding = 1e-14 * np.abs(found.value[:, :-1])
    enough = found.value[:, 1:] <= found.value[:, :-1] + c1 * found.before + rounding
    flat = found.after >= c2 * found.before
    if strong:
        flat &= np.abs(found.after) <= c2 * np.abs(found.before)
    return bool(fine.mean() > 0.99 and np.all(found.before[fine] < 0) and np.all((enough & flat)[fine]))
