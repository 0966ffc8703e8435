"""Linear regression with its inference: standard errors, t and F tests, R², likelihood and information criteria.

    y = Xb + e,  e_i ~ N(0, σ²/w_i):    b̂ = argmin Σ w_i (y_i - x_i'b)²,   V = σ̂² (X'WX)⁻¹
    σ̂² = RSS/(N - r),   R² = 1 - RSS/TSS,   F = ((TSS - RSS)/(r - 1)) / σ̂²
    ℓ = -N/2 (ln(2π RSS/N) + 1) + ½ Σ ln w_i,   AIC = -2ℓ + 2r,   BIC = -2ℓ + r ln N

r = rank X with the intercept; RSS and TSS are weighted, TSS about the weighted mean. Without intercept TSS is about 0 and
F divides by r. Columns are scaled to length 1 before the singular value decomposition, so that units do not decide the rank.

Book: 2.4, 2.6.  Source: Student (1908), Aitken (1936), Akaike (1974), Schwarz (1978).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from gradiens.classical.coefficients import CoefficientTable
from gradiens.core.check import Mistake


@dataclasses.dataclass(frozen=True)
class LinearRegression:
    """A fitted model: its coefficients (the intercept first), and what they rest on. `str` prints it whole.

    Book: 2.4, 2.6.
    """

    coefficients: CoefficientTable
    covariance: Float[np.ndarray, "p p"]
    intercept: bool
    rank: int
    degrees: int  # residual degrees of freedom, N - r
    rss: float
    tss: float
    log_likelihood: float
    residuals: Float[np.ndarray, "N"]
    leverage: Float[np.ndarray, "N"]

    @property
    def b(self) -> Float[np.ndarray, "p"]:
        """The estimate."""
        return self.coefficients.estimate

    @property
    def sigma(self) -> float:
        """σ̂, the residual standard error."""
        return float(np.sqrt(self.rss / self.degrees))

    @property
    def r2(self) -> float:
        """R², the share of the variation that is explained."""
        return 1 - self.rss / self.tss if self.tss else float("nan")

    @property
    def adjusted_r2(self) -> float:
        """1 - (1 - R²) (N - 1)/(N - r): both variances unbiased."""
        return 1 - (1 - self.r2) * (self.degrees + self.rank - self.intercept) / self.degrees

    @property
    def f(self) -> float:
        """F of the hypothesis that all coefficients but the intercept are zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.divide((self.tss - self.rss) / (self.rank - self.intercept or np.nan), self.sigma**2))

    @property
    def f_p_value(self) -> float:
        """P(F ≥ f) under that hypothesis."""
        from scipy import stats

        return float(stats.f.sf(self.f, self.rank - self.intercept, self.degrees))

    @property
    def aic(self) -> float:
        """Akaike's criterion; σ is not counted as a parameter."""
        return -2 * self.log_likelihood + 2 * self.rank

    @property
    def bic(self) -> float:
        """Schwarz's criterion."""
        return -2 * self.log_likelihood + self.rank * float(np.log(self.degrees + self.rank))

    def predict(self, x: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n"]:
        """x'b for each row."""
        return self._design(x) @ self.b

    def interval(self, x: Float[np.ndarray, "n d"], level: float = 0.95, new: bool = False) -> Float[np.ndarray, "n 2"]:
        """The interval of the mean at each row; of a `new` observation of weight 1 there, with its own noise."""
        from scipy import stats

        X = self._design(x)
        variance = np.sum((X @ self.covariance) * X, axis=1) + new * self.sigma**2
        q = stats.t.ppf((1 + level) / 2, self.degrees)
        return (X @ self.b)[:, None] + q * np.sqrt(variance)[:, None] * np.array([-1.0, 1.0])

    def leave_one_out(self) -> Float[np.ndarray, "N"]:
        """e_i/(1 - h_i): each residual as it would be had its row not been there."""
        return self.residuals / (1 - self.leverage)

    def _design(self, x: np.ndarray) -> np.ndarray:
        return _with_intercept(np.asarray(x, np.float64), self.intercept)

    def __str__(self) -> str:
        rows = self.degrees + self.rank
        return "\n".join([
            str(self.coefficients),
            f"{rows} rows, {self.degrees} residual degrees of freedom, σ {self.sigma:.5g}",
            f"R² {self.r2:.5g}, adjusted {self.adjusted_r2:.5g}, F {self.f:.5g} (P {self.f_p_value:.3g})",
            f"log-likelihood {self.log_likelihood:.6g}, AIC {self.aic:.6g}, BIC {self.bic:.6g}",
        ])  # fmt: skip


def fit_linear_regression(
    x: Float[np.ndarray, "N d"],
    y: Float[np.ndarray, "N"],
    names: Sequence[str] = (),
    weights: Float[np.ndarray, "N"] | None = None,
    intercept: bool = True,
    level: float = 0.95,
) -> LinearRegression:
    """Least squares with inference, weighted when `weights` are given. `names` are those of the columns of x.

    Book: 2.4, 2.6.  Source: Student (1908), Aitken (1936).

    A coefficient that dependent columns leave undetermined has an infinite standard error. Raises `Mistake` when shapes do
    not agree, a number is not finite, a weight is not positive, or there are no more rows than coefficients.
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, np.float64)
    _check(x, y, w)
    X, root = _with_intercept(x, intercept), np.sqrt(w)
    lengths = np.linalg.norm(root[:, None] * X, axis=0)
    lengths[lengths == 0] = 1.0
    U, s, Vt = np.linalg.svd(root[:, None] * X / lengths, full_matrices=False)
    r = int(np.count_nonzero(s > max(X.shape) * np.finfo(float).eps * s[0]))
    if len(y) <= r:
        raise Mistake(
            f"more than {r} rows, the rank of the model", f"{len(y)} rows", "fit_linear fits without inference"
        )
    V = Vt[:r].T / s[:r] / lengths[:, None]  # (X'WX)⁺ = VV'
    b = V @ (U[:, :r].T @ (root * y))
    residuals = y - X @ b
    rss, n = float(w @ residuals**2), len(y)
    tss = float(w @ (y - intercept * np.average(y, weights=w)) ** 2)
    covariance = rss / (n - r) * V @ V.T
    determined = np.linalg.norm(Vt[:r], axis=0) >= 1 - 1e-8  # the coordinate vector lies in the row space
    shown = np.where(np.diag(determined) | ~np.eye(len(b), dtype=bool), covariance, np.inf)
    names = tuple(names) or tuple(f"x{j + 1}" for j in range(x.shape[1]))
    if len(names) != x.shape[1]:
        raise Mistake(f"{x.shape[1]} names", len(names))
    table = CoefficientTable.of(b, shown, n - r, ("intercept",) * intercept + names, level)
    with np.errstate(divide="ignore"):  # an exact fit has infinite likelihood
        likelihood = float(-n / 2 * (np.log(2 * np.pi * rss / n) + 1) + np.log(w).sum() / 2)
    h = np.sum(U[:, :r] ** 2, axis=1)
    return LinearRegression(table, covariance, intercept, r, n - r, rss, tss, likelihood, residuals, h)


def _with_intercept(x: np.ndarray, intercept: bool) -> np.ndarray:
    return np.hstack([np.ones((len(x), 1)), x]) if intercept else x


def _check(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> None:
    if x.ndim != 2 or y.shape != (len(x),) or w.shape != y.shape:
        raise Mistake("x (N, d), y (N,) and as many weights", f"x {x.shape}, y {y.shape}, weights {w.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all() and np.isfinite(w).all() and (w > 0).all()):
        raise Mistake("finite numbers, and weights above 0", "NaN, Inf or a weight of 0", "leave such rows out")
