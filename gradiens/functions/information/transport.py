"""Wasserstein distances on the line: the least mean cost of moving one law onto another, by their quantile functions.

    W_r(P, Q) = (∫₀¹ |F⁻¹(u) - G⁻¹(u)|^r du)^(1/r)        W₁ = ∫ |F(x) - G(x)| dx

Metrics, non-decreasing in r. Exact for laws on finitely many points, and so for samples; from samples of size n the
distance is biased upwards, by O(n^(-1/2)) on the line (two samples of one law are not at distance 0).

Book: B.3.  Source: Villani (2009).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake

KIND = "sample estimate"


def wasserstein(
    x: ArrayLike, y: ArrayLike, order: float = 1.0, p: ArrayLike | None = None, q: ArrayLike | None = None
) -> float:
    """W_r between the laws on the points x with probabilities p and on y with q; without p and q between two samples.

    Raises `Mistake` for an order below 1, points that are not finite, or probabilities that are no law on them.

    Book: B.3.  Source: Villani (2009).
    """
    if not order >= 1:
        raise Mistake("an order of at least 1", order)
    (x, P), (y, Q) = _law_on_line(x, p, "x"), _law_on_line(y, q, "y")
    u = np.unique(np.concatenate([[0.0], P, Q]))  # on (u_{j-1}, u_j) both quantile functions are constant
    wide = np.diff(u) > len(u) * np.finfo(u.dtype).eps  # others are one step, rounded in two ways
    share, middle = np.diff(u)[wide], ((u[1:] + u[:-1]) / 2)[wide]
    cost = np.abs(x[np.searchsorted(P, middle)] - y[np.searchsorted(Q, middle)])
    if np.isinf(order):
        return float(cost.max())
    return float(np.sum(share * cost**order) ** (1 / order))


def _law_on_line(x: ArrayLike, p: ArrayLike | None, what: str) -> tuple[Float[np.ndarray, " N"], np.ndarray]:
    """The points with positive probability in order, and the distribution function at them."""
    x = np.asarray(x, np.float64)
    p = np.full(len(x), 1 / max(len(x), 1)) if p is None and x.ndim == 1 else np.asarray(p, np.float64)
    if x.ndim != 1 or not len(x) or p.shape != x.shape:
        raise Mistake(f"points on the line and one probability each in {what}", f"{x.shape} and {p.shape}")
    if not np.isfinite(x).all() or not np.all(p >= 0) or abs(p.sum() - 1) > 1e-3:
        raise Mistake(f"finite points and probabilities with sum 1 in {what}", f"sum {p.sum():g}")
    order = np.argsort(x, kind="stable")
    order = order[p[order] > 0]
    F = np.cumsum(p[order])
    F = F / F[-1]
    F[F > 1 - 1e-15] = 1.0
    return x[order], F
