"""What a statistician reads from a logistic or softmax regression: standard errors, tests, deviance, criteria.

    score        U = Σ x̃ᵢ (1[yᵢ = k] - p_ik)             block k;  X'(y - p) for two classes
    information  J = Σ p_ik (1[k = l] - p_il) x̃ᵢx̃ᵢ'      block k, l;  X' diag(p(1 - p)) X for two classes
    covariance   V = J⁻¹,    standard errors √V_jj

over the classes k, l = 1 … K-1; class 0 is the reference, and a coefficient is the change in log p_k/p_0. At the
maximum-likelihood fit U = 0. With a penalty, or where the classes are separated, there is no such theory and no number is
given.

Book: 3.1.  Source: Nelder & Wedderburn (1972); McFadden (1974).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from gradiens.classical.classifiers.logistic_regression import LogisticFit
from gradiens.classical.classifiers.separation import in_words
from gradiens.classical.coefficients import CoefficientTable
from gradiens.core.check import Failure, Mistake

ZERO = 1e-5  # of Σ |x̃ᵢⱼ|: below it a score counts as 0


@dataclasses.dataclass(frozen=True)
class LogisticInference:
    """Coefficients with standard errors, Wald tests and intervals; their covariance; and the likelihood.

    The coefficients are in the order of `coefficients`: class 1 with its intercept first, then class 2, …
    `null_log_likelihood` is that of the shares of the classes alone.
    """

    coefficients: CoefficientTable
    covariance: Float[np.ndarray, "p p"]
    log_likelihood: float
    null_log_likelihood: float
    rows: int
    parameters: int

    @property
    def deviance(self) -> float:
        """-2 log L."""
        return -2 * self.log_likelihood

    @property
    def null_deviance(self) -> float:
        """The deviance of the model without features."""
        return -2 * self.null_log_likelihood

    @property
    def odds_ratios(self) -> dict[str, tuple[float, float, float]]:
        """By name, e^b with its interval: the factor of the odds p_k/p_0 for one unit more of the feature."""
        table = self.coefficients
        rows = np.exp(np.stack([table.estimate, table.low, table.high], axis=1)).tolist()
        return {name: (row[0], row[1], row[2]) for name, row in zip(table.names, rows, strict=True)}

    @property
    def aic(self) -> float:
        """2p - 2 log L, of Akaike (1974)."""
        return 2 * self.parameters + self.deviance

    @property
    def bic(self) -> float:
        """p log N - 2 log L, of Schwarz (1978)."""
        return self.parameters * float(np.log(self.rows)) + self.deviance

    @property
    def pseudo_r2(self) -> float:
        """1 - log L / log L₀, of McFadden (1974)."""
        return 1 - self.log_likelihood / self.null_log_likelihood


def logistic_inference(
    fit: LogisticFit,
    x: Float[np.ndarray, "N D"],
    y: Int[np.ndarray, "N"],
    names: Sequence[str] = (),
    level: float = 0.95,
) -> LogisticInference:
    """The inference at the maximum-likelihood fit of these rows.

    Book: 3.1.

    `names` are those of the columns of x. Raises `Failure` where the classes are separated; `Mistake` where `fit` is
    not the maximum of these rows' likelihood (a penalty, other rows, stopped early), a class has no rows, columns
    depend on each other, or shapes do not agree.
    """
    x, y = np.asarray(x, np.float64), np.asarray(y)
    _check(fit, x, y, names)
    U, p = score(fit, x, y), len(fit.b)
    size = np.tile(np.append(len(x), np.abs(x).sum(0)), p - 1)
    if np.any(np.abs(U) > ZERO * size) or fit.objective != fit.cross_entropy:
        why = (
            "one with a penalty" if fit.objective != fit.cross_entropy else f"one with a score of {np.abs(U).max():.3g}"
        )
        do = "fit_logistic without a penalty, to its end, on the rows given here"
        raise Mistake("the maximum-likelihood fit of these rows", why, do)
    J = information(fit, x)
    if np.linalg.matrix_rank(_scaled(J)) < len(J):
        raise Mistake("independent columns, none constant", "columns that depend on each other", "leave a column out")
    V = np.linalg.inv(J)
    estimate = np.vstack([fit.b, fit.w])
    estimate = (estimate[:, 1:] - estimate[:, :1]).T.ravel()
    columns = ("intercept", *(names or (f"x{j}" for j in range(1, x.shape[1] + 1))))
    named = columns if p == 2 else [f"{k}: {name}" for k in range(1, p) for name in columns]
    rows = np.bincount(y, minlength=p)
    null = float(rows @ np.log(rows / len(y)))
    table = CoefficientTable.of(estimate, V, None, named, level)
    return LogisticInference(table, V, -len(y) * fit.cross_entropy, null, len(y), len(estimate))


def score(fit: LogisticFit, x: Float[np.ndarray, "N D"], y: Int[np.ndarray, "N"]) -> Float[np.ndarray, "p"]:
    """U, the gradient of the log-likelihood: for two classes X'(y - p), the intercept first.

    Book: 3.1.
    """
    x = np.asarray(x, np.float64)
    residual = (np.eye(len(fit.b))[np.asarray(y)] - fit.predict_proba(x))[:, 1:]
    return (residual.T @ np.hstack([np.ones((len(x), 1)), x])).ravel()


def information(fit: LogisticFit, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "p p"]:
    """J, minus the second derivative of the log-likelihood: for two classes X' diag(p(1 - p)) X.

    Book: 3.1.
    """
    x = np.asarray(x, np.float64)
    ones, p = np.hstack([np.ones((len(x), 1)), x]), fit.predict_proba(x)[:, 1:]
    blocks = [
        [ones.T @ ((p[:, k] * ((k == j) - p[:, j]))[:, None] * ones) for j in range(p.shape[1])]
        for k in range(p.shape[1])
    ]
    return np.block(blocks)


def _scaled(matrix: np.ndarray) -> np.ndarray:
    """With ones on the diagonal, where it is not 0: units of the columns do not matter then."""
    root = np.sqrt(np.diag(matrix))
    root = np.where(root > 0, root, 1.0)
    return matrix / np.outer(root, root)


def _check(fit: LogisticFit, x: np.ndarray, y: np.ndarray, names: Sequence[str]) -> None:
    if x.ndim != 2 or x.shape[1] != len(fit.w) or y.shape != (len(x),):
        raise Mistake(f"x of shape (N, {len(fit.w)}) and y of length N", f"x {x.shape} and y {y.shape}")
    if names and len(names) != x.shape[1]:
        raise Mistake(f"a name for each of the {x.shape[1]} columns", f"{len(names)} names")
    if not np.isfinite(fit.b).all():
        raise Mistake("rows of every class", f"none of class {int(np.argmin(fit.b))}", "code the classes 0 … K-1")
    if fit.separated in ("quasi", "complete"):
        do = "fit_firth gives finite estimates for two classes; else give a penalty, such as l2=1e-4"
        raise Failure(f"the classes are {in_words(fit.separated)}: no estimate exists, and no standard error", do)
