"""LOGISTIC REGRESSION on real tumours: convex, smooth, ill-conditioned.

    C(θ) = (1/N) Σᵢ log(1 + e^(-mᵢ)) + λ/2 ‖θ‖²,   m = s ⊙ (Xᵀ θ),   s = ±1 (malignant, benign)

The first row of X is of ones, the others are standardised columns of the Wisconsin data (by the standard deviation with N - 1).
C is the cross-entropy of p = σ(Xᵀ θ). The matrix is kept as d × N: ∇C = X (p - y) / N is then the product that runs over rows.

Book: 4.7.  Source: Wolberg, Street & Mangasarian (1995) for the data.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Failure, known
from gradiens.core.module import knob
from gradiens.optim.problems.problem import Box, CompositeProblem, like

COLUMNS = (
    "mean_radius", "mean_texture", "mean_smoothness", "mean_compactness", "mean_symmetry", "mean_fractal_dimension",
    "radius_error", "texture_error", "smoothness_error", "compactness_error",
)  # fmt: skip


class LogisticProblem(CompositeProblem):
    """The cross-entropy of a logistic regression of malignancy on columns of the Wisconsin data, ten of them by default.

    Book: 4.7.

    Raises `Mistake` for a column that is not there, and `Failure` when the minimum is asked for and there is none: all thirty
    columns separate the classes, and only a penalty stops the parameters from growing.
    """

    columns: tuple[str, ...] = eqx.field(default=COLUMNS, static=True)
    l2: float = knob(0.0, 0.0, None, says="weight λ of the penalty λ/2 ‖θ‖²")
    X: Float[np.ndarray, "d N"] = eqx.field(default=None)  # of `columns`: what is given is replaced
    s: Float[np.ndarray, "N"] = eqx.field(default=None)

    def __post_init__(self) -> None:
        self.X, self.s = _data(tuple(self.columns))

    def outputs(self, theta: Float[Array, "d"]) -> Float[Array, "n"]:
        """The margins m, then √λ θ."""
        margins = like(self.s, theta) * (theta @ like(self.X, theta))
        return jnp.concatenate([margins, jnp.sqrt(like(self.l2, theta)) * theta])

    @property
    def loss(self) -> Callable[[Any], Any]:
        """The mean of log(1 + e^(-m)) and half the squares of the rest."""
        return _Loss(len(self.s))

    def terms(self, theta: Float[Array, "d"]) -> Float[Array, "N"]:
        """log(1 + e^(-mᵢ)) + λ/2 ‖θ‖²."""
        margins = self.outputs(theta)[: len(self.s)]
        return jax.nn.softplus(-margins) + like(self.l2, theta) / 2 * (theta @ theta)

    @property
    def box(self) -> Box:
        """[-1, 1] for all."""
        return ((-1.0, 1.0),) * len(self.X)

    def usual(self) -> Float[np.ndarray, "d"]:
        """0."""
        return np.zeros(len(self.X))

    def minimisers(self) -> Float[np.ndarray, "1 d"]:
        """The only one, by Newton's method in double precision until the gradient is below 10⁻¹²."""
        return _solved(tuple(self.columns), float(self.l2))[None]

    @property
    def least(self) -> float:
        """C at the minimiser."""
        (theta,) = self.minimisers()
        return float(np.mean(np.logaddexp(0, -self.s * (theta @ self.X))) + self.l2 / 2 * theta @ theta)

    def smoothness(self) -> float:
        """λ_max(X Xᵀ) / (4 N) + λ."""
        return float(np.linalg.eigvalsh(self.X @ self.X.T)[-1] / (4 * len(self.s))) + self.l2

    def strong_convexity(self) -> float | None:
        """λ, if there is a penalty."""
        return self.l2 or None


@dataclasses.dataclass(frozen=True)
class _Loss:
    rows: int

    def __call__(self, z: Array) -> Array:
        return jnp.mean(jax.nn.softplus(-z[: self.rows])) + jnp.sum(z[self.rows :] ** 2) / 2


@functools.cache
def _data(columns: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """X and s."""
    from gradiens.data.sets.breast_cancer import breast_cancer

    frame = breast_cancer().frame
    names = [known("column of the Wisconsin data", name, frame.columns) for name in columns]
    raw = frame.select(names).to_numpy().T
    scaled = (raw - raw.mean(axis=1, keepdims=True)) / raw.std(axis=1, ddof=1, keepdims=True)
    s = np.where(frame["diagnosis"].to_numpy() == "malignant", 1.0, -1.0)
    return np.vstack([np.ones(len(s)), scaled]), s


@functools.cache
def _solved(columns: tuple[str, ...], l2: float) -> np.ndarray:
    """The minimiser by Newton's method, its step halved until C falls."""
    from scipy.special import expit

    X, s = _data(columns)
    cost = lambda theta: np.mean(np.logaddexp(0, -s * (theta @ X))) + l2 / 2 * theta @ theta  # noqa: E731
    theta = np.zeros(len(X))
    for _ in range(60):
        margins = s * (theta @ X)
        if l2 == 0 and np.min(margins) > 0:
            break
        p = expit(-margins)  # of the wrong class
        g = -X @ (s * p) / len(s) + l2 * theta
        if np.max(np.abs(g)) < 1e-12:
            return theta
        H = (X * (p * (1 - p))) @ X.T / len(s) + l2 * np.eye(len(X))
        step, alpha = np.linalg.lstsq(H, g)[0], 1.0
        while cost(theta - alpha * step) > cost(theta) + 1e-15 and alpha > 1e-10:
            alpha /= 2
        theta = theta - alpha * step
    raise Failure("the cost has no minimum: these columns separate the classes", "give a penalty, such as l2=0.01")
