"""A Gaussian mixture in one call: from k-means to where the log-likelihood stands still.

    BIC = -2 N ℓ + p log N,   AIC = -2 N ℓ + 2 p        ℓ the mean log-likelihood, p the number of free parameters

Book: 2.2.  Source: Schwarz (1978), BIC.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from gradiens.classical.unsupervised.gaussian import log_normal
from gradiens.classical.unsupervised.gaussian_mixture import EM, SHAPES, Info, State
from gradiens.classical.unsupervised.kmeans_fit import fit_kmeans
from gradiens.core.check import Failure, Mistake, known
from gradiens.core.iterate import Outcome, iterate


@dataclasses.dataclass(frozen=True)
class GaussianMixture:
    """Weights (K,), means (K, D), covariances (K, D, D), the mean log-likelihood ℓ of the data, and how EM ended.

    `path` holds ℓ before each step.
    """

    weights: Float[np.ndarray, "K"]
    means: Float[np.ndarray, "K D"]
    covariances: Float[np.ndarray, "K D D"]
    shape: str
    log_likelihood: float
    n: int
    steps: int
    converged: bool
    path: Float[np.ndarray, "T"]

    def log_density(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N"]:
        """log p(x) of each row."""
        return np.logaddexp.reduce(self._joint(x), axis=1)

    def predict_proba(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N K"]:
        """The responsibilities r: the probability that each component made the row."""
        joint = self._joint(x)
        return np.exp(joint - np.logaddexp.reduce(joint, axis=1)[:, None])

    def predict(self, x: Float[np.ndarray, "N D"]) -> Int[np.ndarray, "N"]:
        """The most probable component of each row."""
        return np.argmax(self._joint(x), axis=1)

    def score(self, x: Float[np.ndarray, "N D"], y: object = None) -> float:
        """The mean of log p(x)."""
        return float(np.mean(self.log_density(x)))

    @property
    def parameters(self) -> int:
        """The number of free parameters."""
        K, D = self.means.shape
        return K - 1 + K * D + K * {"full": D * (D + 1) // 2, "diagonal": D, "spherical": 1}[self.shape]

    @property
    def bic(self) -> float:
        """-2 N ℓ + p log N: the least over K is the choice of Schwarz."""
        return -2 * self.n * self.log_likelihood + self.parameters * float(np.log(self.n))

    @property
    def aic(self) -> float:
        """-2 N ℓ + 2 p."""
        return -2 * self.n * self.log_likelihood + 2 * self.parameters

    def _joint(self, x: np.ndarray) -> Float[np.ndarray, "N K"]:
        parts = zip(self.weights, self.means, self.covariances, strict=True)
        return np.stack([np.log(w) + log_normal(x, m, S) for w, m, S in parts], axis=1)


def fit_gaussian_mixture(
    x: Float[np.ndarray, "N D"],
    k: int,
    shape: str = "full",
    start: Int[np.ndarray, "N"] | None = None,
    floor: float = 1e-6,
    tolerance: float = 1e-6,
    steps: int = 1000,
    seed: int = 0,
) -> GaussianMixture:
    """K components with covariances "full", "diagonal" or "spherical", by EM until ℓ gains no more than `tolerance`.

    It starts from the cells of k-means, or of `start`: a label for each point, or responsibilities (N, K).

    Book: 2.2.  Source: Dempster, Laird & Rubin (1977).

    Raises `Mistake` for bad shapes or numbers that are not finite, and `Failure` where a component has shrunk until its
    covariance is singular.
    """
    x = np.asarray(x, np.float64)
    if x.ndim != 2 or not x.size or not np.isfinite(x).all():
        raise Mistake("finite points x of shape (N, D)", f"shape {x.shape}")
    shape = known("shape of the covariances", shape, SHAPES)
    begin = fit_kmeans(x, k, 5, seed=seed).labels if start is None else np.asarray(start)
    r = _responsibilities(begin, len(x), k)
    with jax.enable_x64(True):
        algorithm = EM(jnp.asarray(x), floor, shape)
        limit = _Limit(tolerance)
        state = Outcome(_init(algorithm, jnp.asarray(r)), 0)
        outcome = iterate(algorithm, resume=state, steps=steps, keep=None, until=limit, quiet=True)
        w, m, S, _ = jax.device_get(outcome.state)
        path = np.asarray(outcome.trace.log_likelihood) if outcome.trace is not None else np.zeros(0)
    if outcome.stopped == "nan" or not all(np.isfinite(leaf).all() for leaf in (w, m, S)):
        raise Failure(
            "a component has shrunk until its covariance is singular", "give a larger floor, or fewer components"
        )
    found = GaussianMixture(w, m, S, shape, 0.0, len(x), outcome.steps, outcome.stopped == "until", path)
    return dataclasses.replace(found, log_likelihood=found.score(x))


_init = jax.jit(lambda algorithm, r: algorithm.init(r))


@dataclasses.dataclass(frozen=True)
class _Limit:
    """Whether ℓ has gained no more than the tolerance; equal limits are one program."""

    tolerance: float

    def __call__(self, state: State, info: Info) -> jax.Array:
        return jnp.abs(info.change) <= self.tolerance


def _responsibilities(start: np.ndarray, n: int, k: int) -> Float[np.ndarray, "N K"]:
    """One-hot rows of labels, or responsibilities as given; every component must have some."""
    if start.ndim == 1 and len(start) == n and start.dtype.kind in "iu":
        r = (start[:, None] == np.arange(k)).astype(np.float64)
    else:
        r = np.asarray(start, np.float64)
    if r.shape != (n, k) or not np.allclose(r.sum(axis=1), 1):
        raise Mistake(
            f"a label 0 … {k - 1} for each of {n} points, or responsibilities {(n, k)}", f"shape {start.shape}"
        )
    if not np.all(r.sum(axis=0) > 0):
        raise Mistake("points for every component to start from", f"none for component {int(np.argmin(r.sum(axis=0)))}")
    return r
