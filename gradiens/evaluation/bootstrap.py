"""The bootstrap: how far a statistic of the rows would spread if other rows had come.

Rows are drawn with replacement, B times, and the statistic is computed of each draw: θ₁*, …, θ_B*. With F the
distribution of these and θ the statistic of the rows themselves, an interval of level 1 - 2α is

    percentile   [F⁻¹(α), F⁻¹(1 - α)]
    basic        [2θ - F⁻¹(1 - α), 2θ - F⁻¹(α)]
    BCa          [F⁻¹(α₁), F⁻¹(α₂)],   αⱼ = Φ(z₀ + (z₀ + zⱼ) / (1 - a (z₀ + zⱼ)))

with z₀ = Φ⁻¹(share of θ* below θ), ties counted half, z₁ = Φ⁻¹(α), z₂ = -z₁ and the acceleration a = Σ dᵢ³ / (6 (Σ dᵢ²)^(3/2))
from the jackknife, dᵢ = mean θ₋ - θ₋ᵢ. BCa corrects for bias and skewness: its coverage is off by O(1/n), that of the
others by O(1/√n).

Book: 2.3, 2.7.  Source: Efron (1979, 1987); Efron & Tibshirani (1993).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped

from gradiens.core.check import Failure, Mistake, known

METHODS = ("bca", "percentile", "basic")
ENTRIES = 2_000_000  # entries of one array drawn at a time
LEFT_OUT = 1000  # most times that the jackknife leaves something out: of more rows, several at once


@dataclasses.dataclass(frozen=True)
class Interval:
    """An estimate, the ends of its interval of the given level, its standard error, and the draws it comes from."""

    estimate: float
    low: float
    high: float
    level: float
    standard_error: float
    draws: Float[np.ndarray, " B"]

    def __str__(self) -> str:
        return f"{self.estimate:.4g} ({self.level:.0%} interval {self.low:.4g} to {self.high:.4g})"


def bootstrap_interval(
    statistic: Callable[..., Any],
    *rows: Shaped[np.ndarray, "N ..."],
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
    method: str = "bca",
    vectorised: bool = False,
) -> Interval:
    """An interval for `statistic(*rows)`; the arrays are resampled together, row by row: (y, prediction) of a metric.

    `vectorised` says that the statistic takes arrays with a leading axis, (B, N, …), and returns (B,): much faster
    for means. `bootstrap_interval(metrics.auc, y, p)` is an interval of the AUC of one fitted model over test rows; it says
    nothing of other training rows.

    Book: 2.3, 2.7.

    Raises `Mistake` for rows of different lengths or fewer than two, an unknown method, a level outside (0, 1), fewer
    than 100 draws; `Failure` when the statistic cannot be computed of some draw.
    """
    arrays = [np.asarray(a) for a in rows]
    _check(arrays, level, draws, seed, method)
    n = len(arrays[0])
    of = _Statistic(statistic, arrays, vectorised)
    estimate = float(of(np.arange(n)[None])[0])
    rng = np.random.Generator(np.random.Philox(key=seed))
    made = of.in_pieces(lambda size, _: rng.integers(n, size=(size, n)), draws)
    low, high = _ends(made, estimate, of, level, method)
    return Interval(estimate, low, high, level, float(np.std(made, ddof=1)), made)


class _Statistic:
    """The statistic of rows given by an array of indices (B, n)."""

    def __init__(self, statistic: Callable[..., Any], arrays: list[np.ndarray], vectorised: bool):
        self.statistic, self.arrays, self.vectorised = statistic, arrays, vectorised

    def __call__(self, index: Int[np.ndarray, "B n"]) -> Float[np.ndarray, " B"]:
        if self.vectorised:
            found = np.asarray(self.statistic(*(a[index] for a in self.arrays)), np.float64)
            if found.shape != (len(index),):
                raise Mistake(f"a statistic of shape ({len(index)},), one for each draw", f"shape {found.shape}")
            return found
        return np.array([float(self.statistic(*(a[row] for a in self.arrays))) for row in index])

    def in_pieces(self, index: Callable[[int, int], np.ndarray], count: int) -> Float[np.ndarray, " B"]:
        """`index(size, first)` gives the next rows; so many at a time that memory stays small."""
        size = max(1, ENTRIES // max(a.size for a in self.arrays))
        try:
            pieces = [self(index(min(size, count - first), first)) for first in range(0, count, size)]
        except Mistake as why:
            raise Failure(
                f"the statistic has no value for some draw: {why}", "give more rows, or a class more"
            ) from None
        made = np.concatenate(pieces)
        if not np.isfinite(made).all():
            raise Failure("the statistic is not finite for some draw", "give more rows")
        return made


def _ends(made: np.ndarray, estimate: float, of: _Statistic, level: float, method: str) -> tuple[float, float]:
    α = (1 - level) / 2
    if method == "bca":
        low, high = np.quantile(made, _corrected(made, estimate, of, α))
    else:
        low, high = np.quantile(made, [α, 1 - α])
    return (2 * estimate - high, 2 * estimate - low) if method == "basic" else (float(low), float(high))


def _corrected(made: np.ndarray, estimate: float, of: _Statistic, α: float) -> np.ndarray:
    """α₁ and α₂."""
    from scipy.special import ndtr, ndtri

    if np.ptp(made) == 0:  # every draw the same: nothing to correct
        return np.array([α, 1 - α])
    n = len(of.arrays[0])
    z0 = ndtri((np.mean(made < estimate) + np.mean(made <= estimate)) / 2)
    groups = min(n, LEFT_OUT)
    left = of.in_pieces(lambda size, first: _without(np.arange(first, first + size), groups, n), groups)
    d = left.mean() - left
    spread = np.sum(d**2)
    a = np.sum(d**3) / (6 * spread**1.5) if spread > 0 else 0.0
    z = ndtri(np.array([α, 1 - α]))
    if not np.isfinite(z0):  # the estimate lies outside all draws
        raise Failure("the estimate lies outside its own draws, BCa has no correction", 'take method="percentile"')
    return ndtr(z0 + (z0 + z) / (1 - a * (z0 + z)))


def _without(i: np.ndarray, groups: int, n: int) -> Int[np.ndarray, "B left"]:
    """For each i the indices 0 … n-1 without the group i, i + groups, i + 2 groups, …; all groups of one size.

    A sum over m rows has m times the third moment and m times the variance of one, so that a is what it is for single
    rows.
    """
    m = n // groups
    kept = np.ones((len(i), n), bool)
    kept[np.arange(len(i))[:, None], i[:, None] + groups * np.arange(m)] = False
    return np.nonzero(kept)[1].reshape(len(i), n - m)


def _check(arrays: list[np.ndarray], level: float, draws: int, seed: int, method: str) -> None:
    known("bootstrap interval", method, METHODS)
    lengths = [a.shape[0] if a.ndim else 0 for a in arrays]
    if not arrays or len(set(lengths)) > 1 or lengths[0] < 2:
        raise Mistake("arrays of the same two rows or more", f"lengths {', '.join(map(str, lengths)) or 'none'}")
    if not 0 < level < 1:
        raise Mistake("a level between 0 and 1", level, "0.95 is usual")
    if draws < 100 or seed < 0:
        raise Mistake("at least 100 draws and a seed of at least 0", f"{draws} draws, seed {seed}")
