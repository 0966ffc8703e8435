"""The table of coefficients by which a fitted linear, logistic or other parametric model is read.

    s_j = √V_jj,   t_j = b_j / s_j,   p_j = P(|T| ≥ |t_j|),   b_j ± q s_j

V is the covariance of the estimate b, and q the quantile of T at (1 + level)/2. T is Student's with the residual degrees
of freedom where the variance was estimated from residuals (least squares), standard normal otherwise (the Wald test of
logistic regression).

Book: 2.4, 3.1.  Source: Student (1908), Wald (1943).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake

COLUMNS = ("name", "estimate", "standard_error", "statistic", "p_value", "low", "high")


@dataclasses.dataclass(frozen=True)
class CoefficientTable:
    """Names, estimates b, standard errors s, statistics, two-sided p-values, and intervals [low, high] of `level`.

    `distribution` is "t", with `degrees` of freedom, or "normal". A coefficient that the data do not determine has an
    infinite standard error, statistic 0 and p-value 1. `str` gives the table for people, `rows` for programs.

    Book: 2.4, 3.1.  Source: Student (1908), Wald (1943).
    """

    names: tuple[str, ...]
    estimate: Float[np.ndarray, "p"]
    standard_error: Float[np.ndarray, "p"]
    statistic: Float[np.ndarray, "p"]
    p_value: Float[np.ndarray, "p"]
    low: Float[np.ndarray, "p"]
    high: Float[np.ndarray, "p"]
    level: float
    distribution: Literal["t", "normal"]
    degrees: float | None = None

    @classmethod
    def of(
        cls,
        estimate: Float[np.ndarray, "p"],
        covariance: Float[np.ndarray, "p p"],
        degrees: float | None = None,
        names: Sequence[str] = (),
        level: float = 0.95,
    ) -> CoefficientTable:
        """The table of an estimate with this covariance: Student's with `degrees` of freedom, or normal when None.

        Without `names` they are b0, b1, … Raises `Mistake` when shapes do not agree, a variance is negative, `degrees`
        is not positive, or `level` is not between 0 and 1.
        """
        from scipy import stats

        b, V = np.asarray(estimate, np.float64), np.asarray(covariance, np.float64)
        names = tuple(map(str, names)) or tuple(f"b{j}" for j in range(b.size))
        _check(b, V, degrees, names, level)
        T = stats.norm() if degrees is None else stats.t(degrees)
        q = T.ppf((1 + level) / 2)
        s = np.sqrt(np.diag(V))
        with np.errstate(divide="ignore", invalid="ignore"):  # an exact fit has s = 0
            t = b / s
        p = 2 * T.sf(np.abs(t))
        return cls(names, b, s, t, p, b - q * s, b + q * s, level, "normal" if degrees is None else "t", degrees)

    def rows(self) -> list[dict[str, Any]]:
        """One dictionary a coefficient, with the keys of `COLUMNS`."""
        numbers = zip(*(getattr(self, column).tolist() for column in COLUMNS[1:]), strict=True)
        return [dict(zip(COLUMNS, (name, *row), strict=True)) for name, row in zip(self.names, numbers, strict=True)]

    def __str__(self) -> str:
        t, percent = "t" if self.distribution == "t" else "z", f"{100 * self.level:g} %"
        head = ("", "estimate", "std. error", t, f"P(>|{t}|)", f"{percent} from", "to")
        lines = [head, *((name, *(f"{value:.5g}" for value in row.values())) for name, row in self._numbers())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                [line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))]
            )
            for line in lines
        )

    def _numbers(self) -> list[tuple[str, dict[str, float]]]:
        return [(row.pop("name"), row) for row in self.rows()]


def _check(b: np.ndarray, V: np.ndarray, degrees: float | None, names: tuple[str, ...], level: float) -> None:
    if b.ndim != 1 or V.shape != (len(b), len(b)) or len(names) != len(b):
        shapes = f"{b.shape}, {V.shape} and {len(names)} names"
        raise Mistake("an estimate (p,), its covariance (p, p) and p names", shapes)
    if (np.diag(V) < 0).any():
        raise Mistake("variances of at least 0", f"{np.diag(V).min():g}")
    if degrees is not None and not degrees > 0:
        raise Mistake("residual degrees of freedom above 0", degrees, "take more rows than coefficients")
    if not 0 < level < 1:
        raise Mistake("a level between 0 and 1", level, "0.95 is usual")
