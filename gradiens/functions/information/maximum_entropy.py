"""The law of largest entropy with given means: an exponential family, found by Newton's method on its multipliers.

    max H(p)  subject to  Σ pᵢ xᵢ = m        ⇒        pᵢ = exp(c'xᵢ) / Z(c),    c = argmin log Z(c) - c'm

The gradient in c is the mean of x less m, the Hessian the covariance of x: convex, and strictly so unless the xᵢ lie in a
plane. A minimiser exists when m lies within the convex hull of the xᵢ, not on its edge.

Book: B.1.  Source: Jaynes (1957).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from gradiens.core.check import Failure, Mistake

KIND = "method"
ITERATIONS = 200
TOLERANCE = 1e-12  # of the means, in units of the spread of x


@dataclasses.dataclass(frozen=True)
class MaximumEntropy:
    """The law p (K,), the multipliers c (M,), and the entropy."""

    p: Float[np.ndarray, " K"]
    multipliers: Float[np.ndarray, " M"]
    entropy: float


def maximum_entropy(x: ArrayLike, mean: ArrayLike) -> MaximumEntropy:
    """The law on the K outcomes x, (K,) numbers or (K, M) features, with this mean, a number or (M,).

    Raises `Mistake` for shapes that do not fit or a mean outside the range of x; `Failure` where no such law has all
    probabilities positive (the mean lies on the edge of the convex hull, or outside).

    Book: B.1.  Source: Jaynes (1957).
    """
    x, m = np.asarray(x, np.float64), np.atleast_1d(np.asarray(mean, np.float64))
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or not len(x) or m.shape != x.shape[1:]:
        raise Mistake("x (K, M) and a mean (M,)", f"{x.shape} and {m.shape}")
    low, high = x.min(0), x.max(0)
    if not np.all((low < m) & (m < high)):
        raise Mistake(f"a mean between {low.tolist()} and {high.tolist()}", m.tolist())
    spread = high - low
    p, c = _newton((x - m) / spread)
    return MaximumEntropy(p, c / spread, float(-np.sum(p * np.log(np.where(p > 0, p, 1)))))


def _newton(z: Float[np.ndarray, "K M"]) -> tuple[np.ndarray, np.ndarray]:
    """Minimise log Σ exp(c'zᵢ); the step is halved until it lowers the value."""
    c = np.zeros(z.shape[1])
    value, p = _log_sum(z @ c)
    for _ in range(ITERATIONS):
        g = p @ z
        if np.abs(g).max() <= TOLERANCE:
            return p, c
        H = (z - g).T @ (p[:, None] * (z - g))
        step = -np.linalg.lstsq(H, g, rcond=1e-13)[0]
        t = 1.0
        while t > 1e-10 and _log_sum(z @ (c + t * step))[0] > value + 1e-4 * t * (g @ step) + 1e-15:
            t /= 2
        c = c + t * step
        value, p = _log_sum(z @ c)
    raise Failure("no law with all probabilities positive has these means", "move them into the convex hull of x")


def _log_sum(u: np.ndarray) -> tuple[float, np.ndarray]:
    """log Σ exp u, and exp u / Σ exp u."""
    e = np.exp(u - u.max())
    return float(u.max() + np.log(e.sum())), e / e.sum()
