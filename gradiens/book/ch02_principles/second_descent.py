"""The error of least squares falls twice: on the first p of D columns, the shortest fit where many fit.

    y = x'β + N(0, σ),  x ~ N(0, I_D),  |β| = 1 spread over all columns;  n rows, D > n

    p ≤ n - 2:   E error = (1 - p/D + σ²) (1 + p/(n - p - 1))
    p ≥ n + 2:   E error = p/D (1 - n/p) + (1 - p/D + σ²) (1 + n/(p - n - 1))

Source: Belkin, Hsu & Xu (2020), Theorem 1.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from gradiens.classical.linear.least_squares_routes import by_svd

COLUMNS, NOISE = 400, 0.2
USED = np.unique(np.geomspace(1, COLUMNS, 40).round().astype(int))  # p


def theory(rows: int) -> Float[np.ndarray, "P"]:
    """The expected squared error of a prediction by p; NaN beside p = n, where there is none."""
    p, share = USED, USED / COLUMNS
    rest = 1 - share + NOISE**2
    with np.errstate(divide="ignore"):
        under, over = rest * (1 + p / (rows - p - 1)), share * (1 - rows / p) + rest * (1 + rows / (p - rows - 1))
    return np.where(p <= rows - 2, under, np.where(p >= rows + 2, over, np.nan))


def simulated(rows: int, repeats: int, seed: int) -> Float[np.ndarray, "2 P"]:
    """Median over `repeats` of the training error and of the expected squared error of a prediction, by p."""
    draw, errors = np.random.default_rng(seed), np.empty((2, len(USED), repeats))
    β = np.full(COLUMNS, COLUMNS**-0.5)
    for r in range(repeats):
        X = draw.normal(size=(rows, COLUMNS))
        y = X @ β + draw.normal(0, NOISE, rows)
        for i, p in enumerate(USED):
            b = by_svd(X[:, :p], y)
            away = np.sum((b - β[:p]) ** 2) + np.sum(β[p:] ** 2)  # E over a new x
            errors[:, i, r] = np.mean((X[:, :p] @ b - y) ** 2), away + NOISE**2
    return np.median(errors, axis=2)
