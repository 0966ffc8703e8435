"""K-means by Lloyd's algorithm: K centres, each the mean of the points nearest to it.

    W(c) = Σ_i min_k ‖x_i - c_k‖²

    c_k' = mean of the points of cell k          lowers W for the given cells
    a_i' = argmin_k ‖x_i - c_k'‖²                lowers W for the given centres

So W never increases, and as there are finitely many partitions it ends, where no point changes its cell: each centre is its
cell's mean. The end depends on the start (`kmeans_start`); `fit_kmeans` takes the best of several.

Only points that change cells change the means, so the sums of the cells are kept, and these points moved: after a few steps
that is little beside the one matrix product that the nearest centres cost. Where a cell has no points, it takes the
one farthest from its centre, one cell a step.

The centres are kept in a multiple of 16 rows, of which K are used: the product takes less time with 16 columns than with 10,
and one program serves every K up to 16.

Book: 2.1, 2.2.  Source: Lloyd (1982).
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from gradiens.core.module import Module

BLOCK = 1024  # points moved between cells at a time
WIDE = 16  # rows of centres


class State(NamedTuple):
    """The centres in the first K rows, the nearest of them for each point, and the sums and the sizes of the cells."""

    c: Float[Array, "W D"]
    a: Int[Array, "N"]
    sums: Float[Array, "W D"]
    sizes: Float[Array, "W"]


class Info(NamedTuple):
    """The within-cluster sum W of the new centres, and how many points changed their cell."""

    within: Float[Array, ""]
    moved: Int[Array, ""]


class Lloyd(Module):
    """Lloyd's algorithm on the points x: means, then nearest centres.

    Book: 2.2.  Source: Lloyd (1982).
    """

    x: Float[Array, "N D"]
    squares: Float[Array, "N"]  # ‖x_i‖²
    used: Bool[Array, "W"]  # the rows that hold a centre

    @classmethod
    def of(cls, x: Float[Array, "N D"], k: int) -> Lloyd:
        """The algorithm for K centres of these points."""
        return cls(x, _squares(x), jnp.asarray(np.arange(-(-k // WIDE) * WIDE) < k))

    def init(self, c: Float[Array, "K D"]) -> State:
        """The starting centres; no point is in a cell yet, so the first step leaves them where they are."""
        wide = jnp.pad(c, ((0, len(self.used) - len(c)), (0, 0)))
        sizes = jnp.zeros(len(wide), c.dtype)
        return State(wide, jnp.full(len(self.x), -1, jnp.int32), jnp.zeros_like(wide), sizes)

    def step(self, state: State, _: object) -> tuple[State, Info]:
        """The means of the cells; the cells of the means."""
        a, sums, sizes = state.a, state.sums, state.sizes
        c = jnp.where(sizes[:, None] > 0, sums / jnp.maximum(sizes, 1)[:, None], state.c)
        a_new, d = self._cells(c)
        within, moved = jnp.sum(d), jnp.sum(a_new != a)
        return State(c, a_new, *self._moved(a, a_new, sums, sizes)), Info(within, moved)

    def _cells(self, c: Float[Array, "W D"]) -> tuple[Int[Array, "N"], Float[Array, "N"]]:
        """argmin_k ‖x - c_k‖² = argmax_k (x'c_k - ‖c_k‖²/2), and the squared distances; the first empty cell gets the
        farthest point, if that has a distance."""
        cells = jnp.arange(len(c), dtype=jnp.int32)
        score = self.x @ c.T - jnp.where(self.used, jnp.sum(c**2, axis=1) / 2, jnp.inf)[None]
        a = jnp.argmax(score, axis=1).astype(jnp.int32)
        d = jnp.maximum(self.squares - 2 * jnp.max(score, axis=1), 0)
        empty = self.used & ~jnp.any(a[:, None] == cells[None], axis=0)
        far = jnp.argmax(d)
        fill = jnp.any(empty) & (d[far] > 1e-6 * jnp.mean(self.squares))
        a = a.at[far].set(jnp.where(fill, jnp.argmax(empty).astype(jnp.int32), a[far]))
        return a, d.at[far].set(jnp.where(fill, 0, d[far]))

    def _moved(
        self, a: Int[Array, "N"], a_new: Int[Array, "N"], sums: Float[Array, "W D"], sizes: Float[Array, "W"]
    ) -> tuple[Float[Array, "W D"], Float[Array, "W"]]:
        """The sums and sizes of the cells `a` after the points have moved to `a_new`; -1 is no cell.

        Many points in blocks of those that changed, few in one product.
        """
        N = len(self.x)
        if N <= BLOCK:
            return _exchange(self.x, a, a_new, sums, sizes)
        changed = a != a_new
        rows = jnp.nonzero(changed, size=N + BLOCK, fill_value=N)[0]  # N: no row

        def block(i: Array, kept: tuple[Array, Array]) -> tuple[Array, Array]:
            at = jax.lax.dynamic_slice(rows, (i * BLOCK,), (BLOCK,))
            x = self.x.at[at].get(mode="fill", fill_value=0)
            off, to = (cell.at[at].get(mode="fill", fill_value=-1) for cell in (a, a_new))
            return _exchange(x, off, to, *kept)

        return jax.lax.fori_loop(0, (jnp.sum(changed) + BLOCK - 1) // BLOCK, block, (sums, sizes))


@jax.jit
def _squares(x: Float[Array, "N D"]) -> Float[Array, "N"]:
    return jnp.sum(x**2, axis=1)


def _exchange(
    x: Float[Array, "B D"], off: Int[Array, "B"], to: Int[Array, "B"], sums: Float[Array, "W D"], sizes: Array
) -> tuple[Float[Array, "W D"], Float[Array, "W"]]:
    """The points x leave the cells `off` and join the cells `to`."""
    cells = jnp.arange(len(sums), dtype=to.dtype)[:, None]
    signs = (to[None] == cells).astype(x.dtype) - (off[None] == cells).astype(x.dtype)
    return sums + signs @ x, sizes + jnp.sum(signs, axis=1)
