"""The lasso and the elastic net: least squares whose penalty sets weights to exactly zero; with whole paths.

    min_(w,b)  1/(2N) ‖y - Xw - b‖² + α ρ ‖w‖₁ + α (1 - ρ)/2 ‖w‖²

ρ = 1 is the lasso. Written as ½ ‖y - Xw‖² + λ ‖w‖₁, as the book does, λ = N α. The same minimum by other means:
`gradiens.classical.linear.elastic_net_coordinates`; ρ = 0 is `gradiens.classical.linear.ridge` with λ = N α.

How far a point is from the minimum is known without the minimum. With the residual r̃ of the augmented problem
(X̃ = [X; √(Nα(1-ρ)) I], ỹ = [y; 0]), v = X̃'r̃/N and κ = min(1, αρ/‖v‖∞), the point κ r̃ is feasible for the dual, and

    gap = P - D,   P = ‖r̃‖²/(2N) + α ρ ‖w‖₁,   D = (2 κ ỹ'r̃ - κ² ‖r̃‖²)/(2N)

bounds P - min P. α_max = ‖X'y‖∞/(N ρ), centred, is the least penalty at which all weights are zero.

Book: 2.6.  Source: Tibshirani (1996), Zou & Hastie (2005), Friedman, Hastie & Tibshirani (2010).
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

from gradiens.classical.linear.active_factor import Factor, Quadratic
from gradiens.classical.linear.active_set import Support, minimise
from gradiens.classical.one_thread import one_thread
from gradiens.core.check import Mistake

WIDE = 1000  # columns up to which X'X is formed even when there are fewer rows
PARALLEL = 2e9  # N p² from which X'X is worth a second thread
STRIDE = 0.7  # the least factor from one L1 penalty to the next that is solved
ROUNDING = 1e-12  # of max |X'y|: how far |v_j| may exceed αρ outside the support


@dataclasses.dataclass(frozen=True)
class ElasticNetPath:
    """The minimisers for K penalties α, largest first: weights W (K, p), intercepts b (K,), duality gaps (K,)."""

    penalties: Float[np.ndarray, "K"]
    ratio: float
    w: Float[np.ndarray, "K p"]
    b: Float[np.ndarray, "K"]
    gaps: Float[np.ndarray, "K"]

    @property
    def nonzero(self) -> Int[np.ndarray, "K"]:
        """How many weights are not zero: for the lasso an unbiased estimate of the degrees of freedom."""
        return np.count_nonzero(self.w, axis=1)

    def predict(self, x: Float[np.ndarray, "N p"]) -> Float[np.ndarray, "K N"]:
        """The predictions of each model of the path."""
        return self.w @ np.asarray(x, np.float64).T + self.b[:, None]

    def __len__(self) -> int:
        return len(self.penalties)

    def __getitem__(self, k: int) -> ElasticNetFit:
        """The k-th model."""
        return ElasticNetFit(float(self.penalties[k]), self.ratio, self.w[k], float(self.b[k]), float(self.gaps[k]))


@dataclasses.dataclass(frozen=True)
class ElasticNetFit:
    """One minimiser: weights w (p,), intercept b, and the duality gap, the most by which the objective can be lowered."""

    penalty: float
    ratio: float
    w: Float[np.ndarray, "p"]
    b: float
    gap: float

    def predict(self, x: Float[np.ndarray, "N p"]) -> Float[np.ndarray, "N"]:
        """x'w + b, for each row."""
        return np.asarray(x, np.float64) @ self.w + self.b


def fit_lasso(x: np.ndarray, y: np.ndarray, penalty: float, intercept: bool = True) -> ElasticNetFit:
    """The lasso with penalty α: 1/(2N) ‖y - Xw - b‖² + α ‖w‖₁. The book's λ is N α.

    Book: 2.6.  Source: Tibshirani (1996).

    Raises `Mistake` as `elastic_net_path` does.
    """
    return elastic_net_path(x, y, 1.0, [penalty], intercept=intercept)[0]


def fit_elastic_net(
    x: np.ndarray, y: np.ndarray, penalty: float, ratio: float = 0.5, intercept: bool = True
) -> ElasticNetFit:
    """The elastic net with penalty α of which the share ρ = `ratio` is L1.

    Book: 2.6.  Source: Zou & Hastie (2005).

    Raises `Mistake` as `elastic_net_path` does.
    """
    return elastic_net_path(x, y, ratio, [penalty], intercept=intercept)[0]


def elastic_net_path(
    x: Float[np.ndarray, "N p"],
    y: Float[np.ndarray, "N"],
    ratio: float = 1.0,
    penalties: ArrayLike | None = None,
    count: int = 100,
    least: float = 1e-3,
    intercept: bool = True,
) -> ElasticNetPath:
    """The minimisers for `penalties`, or for `count` of them spaced by a factor from α_max down to `least` α_max.

    Book: 2.6.  Source: Friedman, Hastie & Tibshirani (2010), Osborne, Presnell & Turlach (2000).

    Each starts at the one before. Raises `Mistake` when shapes do not agree, a number is not finite, a penalty is not
    positive, `ratio` is not in (0, 1], or `least` not in (0, 1).
    """
    if count < 1 or not 0 < least < 1:
        raise Mistake("a count of at least 1 and a least share in (0, 1)", f"{count} and {least}")
    with one_thread():
        data = prepared(x, y, ratio, [1.0] if penalties is None else penalties, intercept)
    gram = _gram(data.x)
    top = np.abs(data.c).max() / ratio or 1.0  # a constant y has α_max = 0
    grid = top * np.geomspace(1, least, count) if penalties is None else np.sort(np.asarray(penalties, float))[::-1]
    w, gaps, at, slopes = np.empty((len(grid), len(data.c))), np.empty(len(grid)), Support.empty(len(data.c)), data.c
    factor = Factor(Quadratic(data.x, data.c, grid[0] * (1 - ratio), gram))
    with one_thread():  # hundreds of small systems
        for k, α in enumerate(grid):
            if ratio < 1:
                factor = Factor(Quadratic(data.x, data.c, α * (1 - ratio), gram))
            for l1 in _towards(grid[k - 1] * ratio if k else top * ratio, α * ratio):
                at, slopes = minimise(factor, l1, at, ROUNDING * top)
            w[k], gaps[k] = at.w, duality_gap(at.w, slopes, data.c, data.yy, α * ratio)
    return ElasticNetPath(grid, ratio, w, data.intercept(w), gaps)


def _gram(x: Float[np.ndarray, "N p"]) -> Float[np.ndarray, "p p"] | None:
    """X'X/N, on all threads only where there is much to do; None for a wide X."""
    n, p = x.shape
    if p > max(n, WIDE):
        return None
    with one_thread() if n * p**2 <= PARALLEL else contextlib.nullcontext():
        return x.T @ x / n


def _towards(l1: float, end: float) -> list[float]:
    """From one L1 penalty to a smaller one, by factors of at least `STRIDE`: supports change little from each to the next."""
    share = min(end / l1, 1.0)
    steps = max(1, math.ceil(math.log(share) / math.log(STRIDE)))
    return [*(l1 * share ** (i / steps) for i in range(1, steps)), end]


def duality_gap(
    w: Float[np.ndarray, "p"], v: Float[np.ndarray, "p"], c: Float[np.ndarray, "p"], yy: float, l1: float
) -> float:
    """P - D of a point w from its slopes v = X̃'r̃/N, c = X'y/N and yy = ‖y‖²/N, with l1 = αρ."""
    rr = yy - (c + v) @ w  # ‖r̃‖²/N, since r̃ = ỹ - X̃w and X̃'r̃ = N v
    yr = yy - c @ w  # ỹ'r̃/N
    kappa = min(1.0, l1 / max(np.abs(v).max(), l1))
    return float(max(0.0, rr / 2 + l1 * np.abs(w).sum() - (2 * kappa * yr - kappa**2 * rr) / 2))


@dataclasses.dataclass(frozen=True)
class Prepared:
    """X and y less their means where there is an intercept, c = X'y/N and ‖y‖²/N."""

    x: Float[np.ndarray, "N p"]
    c: Float[np.ndarray, "p"]
    yy: float
    mean_x: Float[np.ndarray, "p"]
    mean_y: float

    def intercept(self, w: Float[np.ndarray, "*K p"]) -> Any:
        """b = mean(y) - mean(x)'w."""
        return self.mean_y - w @ self.mean_x


def prepared(x: np.ndarray, y: np.ndarray, ratio: float, penalties: ArrayLike, intercept: bool) -> Prepared:
    """The checked and centred problem."""
    x, y, α = (np.asarray(given, np.float64) for given in (x, y, penalties))
    if x.ndim != 2 or y.shape != (len(x),) or x.size == 0:
        raise Mistake("x of shape (N, p) and y of length N ≥ 1", f"x {x.shape} and y {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise Mistake("finite numbers in x and y", "NaN or Inf")
    if not 0 < ratio <= 1:
        raise Mistake("a ratio in (0, 1]", ratio, "1 is the lasso; for 0 take fit_ridge")
    if α.ndim != 1 or not len(α) or not (np.isfinite(α) & (α > 0)).all():
        raise Mistake("positive penalties", α.tolist(), "for 0 take fit_linear")
    if not intercept:
        return Prepared(x, x.T @ y / len(x), float(y @ y) / len(x), np.zeros(x.shape[1]), 0.0)
    mean_x, mean_y = x.mean(0), float(y.mean())
    x, y = x - mean_x, y - mean_y
    return Prepared(x, x.T @ y / len(x), float(y @ y) / len(x), mean_x, mean_y)
