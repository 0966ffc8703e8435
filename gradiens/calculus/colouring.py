"""Sparse Jacobians by colouring: columns that share no row are found in one pass.

    S e_j summed over the columns j of one colour: each row of J S holds one entry of that colour at most

A banded Jacobian of bandwidth b takes b passes of forward mode instead of d.

Book: A.3.  Source: Curtis, Powell & Reid (1974); Griewank & Walther (2008), chapter 8.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from gradiens.core.check import Mistake


def colour_columns(pattern: Bool[np.ndarray, "m d"]) -> Int[np.ndarray, " d"]:
    """A colour for each column, 0, 1, …, so that two columns of one colour have no row in common. Greedy, from the left.

    Book: A.3.  Source: Curtis, Powell & Reid (1974).
    """
    pattern = np.asarray(pattern, bool)
    taken: list[np.ndarray] = []  # the rows that each colour holds
    colours = np.zeros(pattern.shape[1], int)
    for j, rows in enumerate(pattern.T):
        free = next((c for c, held in enumerate(taken) if not np.any(held & rows)), len(taken))
        if free == len(taken):
            taken.append(np.zeros(len(pattern), bool))
        taken[free] |= rows
        colours[j] = free
    return colours


def sparse_jacobian(
    f: Callable[[Array], Array], x: Float[Array, " d"], pattern: Bool[np.ndarray, "m d"]
) -> tuple[Float[Array, "m d"], int]:
    """J f(x), zero outside of `pattern`, and the passes of forward mode that it took: one for each colour.

        J_ij = (J s_c)_i,   c the colour of column j, s_c the sum of its unit vectors

    Raises `Mistake` where the pattern has not the shape of the Jacobian. An entry that the pattern leaves out is lost.

    Book: A.3.  Source: Curtis, Powell & Reid (1974).
    """
    pattern = np.asarray(pattern, bool)
    shape = (jax.eval_shape(f, x).size, x.size)
    if pattern.shape != shape:
        raise Mistake(f"a pattern of shape {shape}", pattern.shape)
    colours = colour_columns(pattern)
    seeds = jnp.asarray(colours[None, :] == np.arange(colours.max(initial=-1) + 1)[:, None], x.dtype)
    compressed = jax.vmap(lambda s: jax.jvp(f, (x,), (s,))[1])(seeds)  # one row for each colour
    return jnp.where(jnp.asarray(pattern), compressed[colours].T, 0.0), len(seeds)
