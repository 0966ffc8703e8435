"""Densities on the line as laws on nodes: f(xᵢ) wᵢ with the weights of a quadrature.

Every divergence of laws then is that of the densities, up to the error of the quadrature, which Gauss's rule on each
panel makes that of rounding where the densities are smooth between the cuts (put a cut at each kink, of |f - g| too).

Book: B.1, B.3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.information.law import Numbers, x_log_x


class Nodes(NamedTuple):
    """Points x in increasing order and weights w: ∫ f ≈ Σ w f(x)."""

    x: Float[np.ndarray, " N"]
    w: Float[np.ndarray, " N"]

    def law(self, density: Callable[[Array], Array]) -> Float[Array, " N"]:
        """The density as a law on the nodes: f(x) w."""
        return density(jnp.asarray(self.x)) * jnp.asarray(self.w)


def nodes(cuts: Sequence[float], panels: int = 32, points: int = 12) -> Nodes:
    """Gauss-Legendre nodes on `panels` equal panels between each two neighbouring cuts, `points` a panel.

    Raises `Mistake` unless the cuts increase.
    """
    edges = np.asarray(cuts, np.float64)
    if len(edges) < 2 or not np.all(np.diff(edges) > 0):
        raise Mistake("at least two cuts that increase", list(cuts))
    if min(panels, points) < 1:
        raise Mistake("at least one panel and one point", f"{panels} and {points}")
    ends = np.concatenate([np.linspace(a, b, panels, endpoint=False) for a, b in pairwise(edges)] + [edges[-1:]])
    at, weight = np.polynomial.legendre.leggauss(points)
    half, middle = np.diff(ends)[:, None] / 2, (ends[:-1] + ends[1:])[:, None] / 2
    return Nodes((middle + half * at).ravel(), (half * weight).ravel())


def differential_entropy(density: Float[Numbers, "*N"], weights: Float[Numbers, "*N"]) -> Float[Array, ""]:
    """The entropy of a density given at nodes with weights.

        h = -∫ f log f ≈ -Σᵢ wᵢ fᵢ log fᵢ

    Unlike entropy it may be negative, and changes with the unit of x. Among laws of one variance it is largest for the
    Gaussian.

    Book: B.1.  Source: Shannon (1948).
    """
    if jnp.shape(density) != jnp.shape(weights):
        raise Mistake("one weight for each value", f"shapes {jnp.shape(density)} and {jnp.shape(weights)}")
    return -jnp.sum(jnp.asarray(weights) * x_log_x(jnp.asarray(density)))
