"""Spline features: a piecewise polynomial in each variable, as a linear model of B-splines.

    B_{j,0}(x) = 1[t_j ≤ x < t_{j+1}]
    B_{j,d}(x) = (x - t_j)/(t_{j+d} - t_j) B_{j,d-1}(x) + (t_{j+d+1} - x)/(t_{j+d+1} - t_{j+1}) B_{j+1,d-1}(x)

Each B-spline of degree d is a bump over d + 1 intervals between knots, d - 1 times continuously differentiable, and at every
x they sum to 1. A bend in one place does not wag the curve elsewhere, as a monomial of high degree does.

Book: 3.4.  Source: de Boor (1978).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake


@dataclasses.dataclass(frozen=True)
class SplineFeatures:
    """The knots of each variable, those beyond the data included, and the degree.

    Book: 3.4.  Source: de Boor (1978).
    """

    knots: Float[np.ndarray, "D T"]
    degree: int

    @classmethod
    def of(cls, x: Float[np.ndarray, "N D"], knots: int = 5, degree: int = 3) -> SplineFeatures:
        """Knots at equal quantiles of these rows; `degree` more on either side, at the distance of the outermost two.

        Raises `Mistake` for bad shapes, numbers not finite, fewer than two knots, or a variable with too few values.
        """
        x = np.asarray(x, np.float64)
        if x.ndim != 2 or not len(x) or not np.isfinite(x).all():
            raise Mistake("x of shape (N, D), N ≥ 1, of finite numbers", f"shape {x.shape}")
        if knots < 2 or degree < 0:
            raise Mistake("at least 2 knots and a degree of at least 0", f"{knots} knots, degree {degree}")
        inner = np.quantile(x, np.linspace(0, 1, knots), axis=0)
        if (np.diff(inner, axis=0) <= 0).any():
            raise Mistake("variables with different quantiles", "two knots at one place", "take fewer knots")
        steps = np.arange(1, degree + 1)[:, None]
        before = inner[0] - steps[::-1] * (inner[1] - inner[0])
        after = inner[-1] + steps * (inner[-1] - inner[-2])
        return cls(np.vstack([before, inner, after]).T, degree)

    @property
    def per_variable(self) -> int:
        """The number of B-splines of each variable: knots + degree - 1."""
        return self.knots.shape[1] - self.degree - 1

    def apply(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N M"]:
        """The B-splines of each row, variable by variable; beyond the outermost knots they stay as at the knot."""
        x = np.asarray(x, np.float64)
        if x.ndim != 2 or x.shape[1] != len(self.knots):
            raise Mistake(f"x of shape (N, {len(self.knots)})", f"shape {x.shape}")
        return np.hstack([_basis(column, t, self.degree) for column, t in zip(x.T, self.knots, strict=True)])


def _basis(x: np.ndarray, t: np.ndarray, degree: int) -> np.ndarray:
    """The recursion, all B-splines of a degree at once: column j is B_{j,d}."""
    first, last = degree, len(t) - degree - 2  # the intervals of the data
    x = np.clip(x, t[first], t[last + 1])
    at = np.clip(np.searchsorted(t, x, side="right") - 1, first, last)  # the last knot belongs to the last interval
    B = (np.arange(len(t) - 1) == at[:, None]).astype(np.float64)
    for d in range(1, degree + 1):
        left = (x[:, None] - t[: -d - 1]) / (t[d:-1] - t[: -d - 1])
        right = (t[d + 1 :] - x[:, None]) / (t[d + 1 :] - t[1:-d])
        B = left * B[:, :-1] + right * B[:, 1:]
    return B
