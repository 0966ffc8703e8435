"""Ridge regression: least squares that pays for the length of its weights; a whole path from one decomposition.

    min_(w,b) ‖y - Xw - b‖² + λ ‖w‖²
    w = (X̄'X̄ + λI)⁻¹ X̄'ȳ = V diag(s/(s² + λ)) U'ȳ,   X̄ = U diag(s) V' centred
    H = 11'/N + U diag(s²/(s² + λ)) U',   df = trace H,   error without row i = e_i/(1 - H_ii)

It is least squares on augmented data, X̄ and ȳ with √λ I and 0 below, and where gradient descent with weight decay ends.
λ = 0 is least squares; ‖w‖ and df fall as λ grows. `fit_linear`'s l2 is λ/N.

Book: 2.6.  Source: Hoerl & Kennard (1970), Allen (1974).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake


@dataclasses.dataclass(frozen=True)
class RidgePath:
    """For each of K penalties λ: weights W (K, p), intercepts b (K,), degrees of freedom, and leave-one-out MSE."""

    penalties: Float[np.ndarray, "K"]
    w: Float[np.ndarray, "K p"]
    b: Float[np.ndarray, "K"]
    degrees: Float[np.ndarray, "K"]
    leave_one_out: Float[np.ndarray, "K"]

    def predict(self, x: Float[np.ndarray, "N p"]) -> Float[np.ndarray, "K N"]:
        """The predictions of each model of the path."""
        return self.w @ np.asarray(x, np.float64).T + self.b[:, None]

    def __len__(self) -> int:
        return len(self.penalties)

    def __getitem__(self, k: int) -> RidgeFit:
        """The k-th model."""
        parts = (self.penalties[k], self.b[k], self.degrees[k], self.leave_one_out[k])
        return RidgeFit(self.w[k], *map(float, parts))


@dataclasses.dataclass(frozen=True)
class RidgeFit:
    """Weights w (p,), the penalty λ, the intercept b, the degrees of freedom and the leave-one-out MSE."""

    w: Float[np.ndarray, "p"]
    penalty: float
    b: float
    degrees: float
    leave_one_out: float

    def predict(self, x: Float[np.ndarray, "N p"]) -> Float[np.ndarray, "N"]:
        """x'w + b, for each row."""
        return np.asarray(x, np.float64) @ self.w + self.b


def fit_ridge(x: np.ndarray, y: np.ndarray, penalty: float, intercept: bool = True) -> RidgeFit:
    """Ridge regression with penalty λ: ‖y - Xw - b‖² + λ ‖w‖².

    Book: 2.6.  Source: Hoerl & Kennard (1970).

    Raises `Mistake` as `ridge_path` does.
    """
    return ridge_path(x, y, [penalty], intercept)[0]


def ridge_path(
    x: Float[np.ndarray, "N p"], y: Float[np.ndarray, "N"], penalties: ArrayLike, intercept: bool = True
) -> RidgePath:
    """Ridge regression for each of `penalties` λ ≥ 0, in their order.

    Book: 2.6.  Source: Hoerl & Kennard (1970).

    Raises `Mistake` when shapes do not agree, a number is not finite, or a penalty is negative.
    """
    x, y, λ = np.asarray(x, np.float64), np.asarray(y, np.float64), np.asarray(penalties, np.float64)
    _check(x, y, λ)
    mean_x, mean_y = (x.mean(0), y.mean()) if intercept else (np.zeros(x.shape[1]), 0.0)
    U, s, Vt = np.linalg.svd(x - mean_x, full_matrices=False)
    kept = s > (s[0] if s.size else 0.0) * max(x.shape) * np.finfo(float).eps
    U, s, Vt = U[:, kept], s[kept], Vt[kept]
    z, share = U.T @ (y - mean_y), s**2 / (s**2 + λ[:, None])
    w = (share / s * z) @ Vt
    h = share @ (U**2).T + intercept / len(x)
    e = (y - mean_y) - (share * z) @ U.T
    with np.errstate(divide="ignore", invalid="ignore"):  # a row of leverage 1 has no such error
        left_out = np.mean((e / (1 - h)) ** 2, axis=1)
    return RidgePath(λ, w, mean_y - w @ mean_x, share.sum(1) + intercept, left_out)


def augmented(
    x: Float[np.ndarray, "N p"], y: Float[np.ndarray, "N"], penalty: float
) -> tuple[Float[np.ndarray, "Np p"], Float[np.ndarray, "Np"]]:
    """X with √λ I below and y with p zeros below: their least squares, without intercept, is ridge regression's.

    Book: 2.6.
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    _check(x, y, np.array([penalty]))
    return np.vstack([x, np.sqrt(penalty) * np.eye(x.shape[1])]), np.concatenate([y, np.zeros(x.shape[1])])


def _check(x: np.ndarray, y: np.ndarray, penalties: np.ndarray) -> None:
    if x.ndim != 2 or y.shape != (len(x),) or x.size == 0:
        raise Mistake("x of shape (N, p) and y of length N ≥ 1", f"x {x.shape} and y {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise Mistake("finite numbers in x and y", "NaN or Inf")
    if penalties.ndim != 1 or not len(penalties) or not (np.isfinite(penalties) & (penalties >= 0)).all():
        raise Mistake("penalties of at least 0", penalties.tolist())
