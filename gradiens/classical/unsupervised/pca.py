"""Principal components: the orthonormal directions along which centred data vary most.

    S = X̄'X̄ / (N - 1) = V diag(λ) V'        scores Z = X̄ V,   x̂ = V V'x̄ + mean
    X̄ = U diag(s) V',   λ = s² / (N - 1)

The first m columns of V are the m-dimensional subspace with the least residual Σ ‖x - x̂‖² = Σ_{j>m} s_j². Two routes to
them: the singular value decomposition of X̄, and the eigenvectors of the covariance, which costs less for many rows and
sees singular values below √ε s₁ badly. A component's sign is free: here its largest entry (in size) is positive, as in
scikit-learn.

Book: 2.1, 2.2, 3.5.  Source: Pearson (1901).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

from gradiens.classical.one_thread import one_thread
from gradiens.core.check import Failure, Mistake, known

DIRECT = 5e8  # N D² up to which X̄ itself is decomposed
ROWS = 16_384  # rows at a time in X̄'X̄
SHORT = 512  # rows summed in single precision for a mean
SINGLE = 5e6  # entries of float32 data above which their products stay float32; sums of blocks are doubles


@dataclasses.dataclass(frozen=True)
class PCA:
    """Mean (D,), orthonormal components as rows (M, D), their variances λ, the total variance of all D, and N."""

    mean: Float[np.ndarray, "D"]
    components: Float[np.ndarray, "M D"]
    variances: Float[np.ndarray, "M"]
    total: float
    n: int

    @property
    def ratios(self) -> Float[np.ndarray, "M"]:
        """The share λ_j / Σ λ of each component in the total variance."""
        return self.variances / self.total if self.total else np.zeros_like(self.variances)

    @property
    def singular_values(self) -> Float[np.ndarray, "M"]:
        """s = √((N - 1) λ), of the centred data."""
        return np.sqrt((self.n - 1) * self.variances)

    def transform(self, x: Float[np.ndarray, "N D"], whiten: bool = False) -> Float[np.ndarray, "N M"]:
        """The scores Z = (x - mean) V'; with `whiten` each divided by √λ, so that they have variance 1 on the data."""
        z = (_rows(x, len(self.mean)) - self.mean) @ self.components.T
        return z / self._scale() if whiten else z

    def inverse_transform(self, z: Float[np.ndarray, "N M"], whiten: bool = False) -> Float[np.ndarray, "N D"]:
        """The points with these scores."""
        z = _rows(z, len(self.components))
        return (z * self._scale() if whiten else z) @ self.components + self.mean

    def predict(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N D"]:
        """The reconstruction x̂ from the scores alone."""
        return self.inverse_transform(self.transform(x))

    def score(self, x: Float[np.ndarray, "N D"], y: object = None) -> float:
        """The share of Σ ‖x - mean‖² that the components keep: 1 is all of it."""
        x = np.asarray(x)
        whole = float(np.sum((x - self.mean) ** 2))
        return 1 - float(np.sum((x - self.predict(x)) ** 2)) / whole if whole else 1.0

    def _scale(self) -> Float[np.ndarray, "M"]:
        scale = np.sqrt(self.variances)
        if np.any(scale <= scale.max(initial=0.0) * 1e-12):
            rank = int(np.sum(scale > scale.max(initial=0.0) * 1e-12))
            raise Failure(f"a component of variance 0 cannot be whitened: the data have rank {rank}", "keep fewer")
        return scale


def fit_pca(x: Float[np.ndarray, "N D"], components: int | float | None = None, route: str = "auto") -> PCA:
    """The first `components` principal components: a number, a share of the variance in (0, 1), or all min(N, D).

    `route` is "svd" or "eigen" (of the covariance); "auto" takes the first where it is cheap. On 60,000 × 784 float32
    pixels the second gives 50 variances to 1e-6, relative; with doubles all is double.

    Book: 2.1, 2.2, 3.5.  Source: Pearson (1901).

    Raises `Mistake` for fewer than two rows, numbers that are not finite, or more components than min(N, D).
    """
    x = _checked(x)
    n, d = x.shape
    many = components if isinstance(components, int | np.integer) else min(n, d)
    if not 1 <= many <= min(n, d) or (isinstance(components, float) and not 0 < components < 1):
        raise Mistake(f"1 … {min(n, d)} components, or a share between 0 and 1", components)
    auto = "svd" if n * d**2 <= DIRECT or n < d else "eigen"
    solve = {"svd": _svd, "eigen": _eigen}[known("route", auto if route == "auto" else route, ("svd", "eigen"))]
    mean = _mean(x)
    variances, v, total = solve(x, mean, int(many))
    if isinstance(components, float):
        many = int(np.searchsorted(np.cumsum(variances), components * total * (1 - 1e-12))) + 1
        variances, v = variances[:many], v[:many]
    return PCA(mean, signed(v), variances, total, n)


def signed(v: Float[np.ndarray, "M D"]) -> Float[np.ndarray, "M D"]:
    """Each row with the sign that makes its largest entry, in size, positive."""
    largest = np.take_along_axis(v, np.argmax(np.abs(v), axis=1)[:, None], axis=1)
    return v * np.where(largest < 0, -1.0, 1.0)


def _svd(x: np.ndarray, mean: np.ndarray, many: int) -> tuple[np.ndarray, np.ndarray, float]:
    with one_thread():
        _, s, vt = np.linalg.svd(x - mean, full_matrices=False)
    variances = s**2 / (len(x) - 1)
    return variances[:many], vt[:many], float(variances.sum())


def _eigen(x: np.ndarray, mean: np.ndarray, many: int) -> tuple[np.ndarray, np.ndarray, float]:
    from scipy.linalg import eigh

    d = x.shape[1]
    covariance = _gram(x, mean) / (len(x) - 1)
    with one_thread():
        variances, v = eigh(covariance, subset_by_index=[d - many, d - 1], check_finite=False)
    return np.maximum(variances[::-1], 0), np.ascontiguousarray(v[:, ::-1].T), float(np.trace(covariance))


def _gram(x: np.ndarray, mean: np.ndarray) -> Float[np.ndarray, "D D"]:
    """X̄'X̄ block by block. A shift need not be exact, as what is left of the mean is taken off; it is not needed at all where
    no mean is above two deviations."""
    single = x.dtype == np.float32 and x.size > SINGLE
    spread = x[:: len(x) // 1000 + 1].std(axis=0)
    far = not single or bool(np.any(np.abs(mean) > 2 * np.maximum(spread, spread.max() / 100)))
    shift = mean.astype(x.dtype) if far else np.zeros_like(mean)
    g = np.zeros((x.shape[1], x.shape[1]))
    for i in range(0, len(x), ROWS):
        block = x[i : i + ROWS] - shift if far else x[i : i + ROWS]
        block = block if single else block.astype(np.float64, copy=False)
        g += block.T @ block
    left = mean - shift
    return g - len(x) * np.outer(left, left)


def _mean(x: np.ndarray) -> Float[np.ndarray, "D"]:
    """In double precision; of large float32 data, sums of short blocks in theirs and the sum of those in double."""
    if x.dtype != np.float32 or x.size <= SINGLE:
        return x.mean(axis=0, dtype=np.float64)
    ones, total = np.ones(SHORT, np.float32), np.zeros(x.shape[1])
    for i in range(0, len(x), SHORT):
        block = x[i : i + SHORT]
        total += ones[: len(block)] @ block
    return total / len(x)


def _checked(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x)
    if x.ndim != 2 or len(x) < 2 or x.shape[1] < 1 or not _finite(x):
        raise Mistake("finite numbers x of shape (N, D), N ≥ 2", f"shape {x.shape}" if x.ndim != 2 else "others")
    return x if x.dtype == np.float32 else x.astype(np.float64, copy=False)


def _finite(x: np.ndarray) -> bool:
    """Whether all are; by one product, unless that overflows."""
    with np.errstate(all="ignore"):
        return bool(np.isfinite(np.vdot(x, x))) or bool(np.isfinite(x).all())


def _rows(x: np.ndarray, d: int) -> np.ndarray:
    x = np.asarray(x)
    if x.ndim != 2 or x.shape[1] != d:
        raise Mistake(f"rows of {d} numbers", f"shape {x.shape}")
    return x
