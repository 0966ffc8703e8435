"""The stationary points of surfaces over square boxes of the plane, found, classified, and counted in a second way.

Newton's method from where the gradient is shortest on a grid finds points with ∇C = 0, the eigenvalues of the Hessian tell of
which kind they are. Whether all were found is told by the border alone: where the gradient does not vanish on it,

    minima + maxima - saddles = turns of ∇C on the way around the box

when none of them is degenerate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch04_optimization.paths import paths_of
from gradiens.optim.line_search.fixed import Fixed
from gradiens.optim.newton import Newton

KINDS = ("minimum", "saddle", "maximum")  # by the number of negative eigenvalues
SIDE, BORDER = 151, 1000  # points of the grid in each direction, points of the border on each side
Surface = Callable[[Array], Array]


class Stationary(NamedTuple):
    """The points from left to right, C and the eigenvalues of the Hessian there, the turns of the gradient."""

    theta: Float[np.ndarray, "S 2"]
    value: Float[np.ndarray, "S"]
    eigenvalues: Float[np.ndarray, "S 2"]
    turns: Float[np.ndarray, ""]

    @property
    def kinds(self) -> np.ndarray:
        """Minimum, saddle or maximum, for each point."""
        return np.asarray(KINDS)[np.sum(self.eigenvalues < 0, axis=1)]

    @property
    def counts(self) -> list[int]:
        """The numbers of minima, saddles and maxima."""
        return [int(np.sum(self.kinds == kind)) for kind in KINDS]

    @property
    def complete(self) -> bool:
        """Whether the points balance the turns of the gradient along the border."""
        minima, saddles, maxima = self.counts
        return bool(abs(minima + maxima - saddles - self.turns) < 1e-6)


def stationary(surfaces: Mapping[str, tuple[Surface, float]]) -> dict[str, Stationary]:
    """The stationary points of each surface C with |θ₁|, |θ₂| ≤ h, from name → (C, h)."""
    functions, halves = zip(*surfaces.values(), strict=True)

    def cost(theta: Array, which: Array) -> Array:  # one program for all surfaces
        return jax.lax.switch(which, functions, theta)

    slope = jax.jit(jax.vmap(jax.vmap(jax.grad(cost), (0, None))))
    index = jnp.arange(len(functions))
    g = np.asarray(slope(jnp.asarray(np.stack([_places(half) for half in halves])), index))
    starts = [_flattest(g[i, : SIDE**2], half) for i, half in enumerate(halves)]
    which = np.repeat(np.arange(len(starts)), [len(s) for s in starts])
    path, _ = paths_of(cost, Newton(Fixed(1.0)), jnp.asarray(np.concatenate(starts)), 30, jnp.asarray(which))
    ends, flat = np.asarray(path.theta[:, -1]), np.max(np.abs(path.g[:, -1]), axis=1) <= 1e-8
    found = [_apart(ends[flat & (which == i)], half) for i, half in enumerate(halves)]
    of = np.repeat(np.arange(len(found)), [len(points) for points in found])
    all_points = jnp.asarray(np.concatenate(found))
    C = np.asarray(jax.jit(jax.vmap(cost))(all_points, of))
    λ = np.linalg.eigvalsh(jax.jit(jax.vmap(jax.hessian(cost)))(all_points, of))
    made = [Stationary(p, C[of == i], λ[of == i], _turns(g[i, SIDE**2 :])) for i, p in enumerate(found)]
    return dict(zip(surfaces, made, strict=True))


def _places(half: float) -> Float[np.ndarray, "P 2"]:
    """The grid, row by row, and then the border, counter-clockwise."""
    axis, s, e = np.linspace(-half, half, SIDE), np.linspace(-half, half, BORDER), np.full(BORDER, half)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    return np.concatenate([grid, *(np.stack(side, axis=-1) for side in ((s, -e), (e, s), (-s, e), (-e, -s)))])


def _flattest(g: Float[np.ndarray, "P 2"], half: float) -> Float[np.ndarray, "N 2"]:
    """The points of the grid where ‖∇C‖ is no larger than at any neighbour."""
    steepness = np.linalg.norm(g, axis=1).reshape(SIDE, SIDE)
    return _places(half)[: SIDE**2][(steepness <= least_around(steepness)).ravel()]


def least_around(z: Float[np.ndarray, "R C"]) -> Float[np.ndarray, "R C"]:
    """The least value at the eight neighbours of each point of a grid."""
    wide = np.pad(z, 1, constant_values=np.inf)
    around = [np.roll(wide, (i, j), (0, 1))[1:-1, 1:-1] for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
    return np.min(around, axis=0)


def _apart(points: Float[np.ndarray, "N 2"], half: float) -> Float[np.ndarray, "S 2"]:
    """The points in the box from left to right, one of those that lie closer than 10⁻⁵."""
    points = points[np.max(np.abs(points), axis=1) <= half]
    points = points[np.argsort(points[:, 0])]
    if not len(points):
        return points
    distance = np.max(np.abs(points[:, None] - points[None]), axis=2)
    return points[np.argmax(distance < 1e-5, axis=1) == np.arange(len(points))]


def _turns(g: Float[np.ndarray, "B 2"]) -> Float[np.ndarray, ""]:
    """How often the gradient turns around, counter-clockwise, along the border."""
    return np.sum(np.diff(np.unwrap(np.arctan2(g[:, 1], g[:, 0])))) / (2 * np.pi)
