"""t-SNE: points of many dimensions in the plane, neighbours staying neighbours.

    p_ij ∝ exp(-‖zᵢ - zⱼ‖² / 2σᵢ²) symmetrised,   q_ij ∝ 1 / (1 + ‖uᵢ - uⱼ‖²),   min over u of Σ p_ij log(p_ij / q_ij)

The work is scikit-learn's (Barnes and Hut's approximation); here it starts from the first two principal components and gives
the same picture for the same seed. Distances between clusters, and their sizes, mean nothing in it.

Book: 6.7.  Source: van der Maaten & Hinton (2008).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake


def tsne(
    z: Float[np.ndarray, "N D"], seed: int = 0, perplexity: float = 30.0, steps: int = 500
) -> Float[np.ndarray, "N 2"]:
    """u of each row of z; the perplexity, about how many neighbours a point has, is at most (N - 1)/3.

    Raises `Mistake` for fewer than four rows, or numbers that are not finite.

    Book: 6.7.  Source: van der Maaten & Hinton (2008).
    """
    z = np.asarray(z, np.float64)
    if z.ndim != 2 or len(z) < 4 or not z.shape[1] or not np.isfinite(z).all():
        raise Mistake("features (N, D) of at least four examples, all finite", f"shape {z.shape}")
    if perplexity < 1 or steps < 250:
        raise Mistake("a perplexity of at least 1 and 250 steps or more", f"{perplexity:g} and {steps}")
    from sklearn.manifold import TSNE

    at_most = max(1.0, min(perplexity, (len(z) - 1) / 3))
    made = TSNE(2, perplexity=at_most, init=_start(z, seed), max_iter=steps, random_state=seed)  # pyright: ignore
    return made.fit_transform(z).astype(np.float64)


def _start(z: np.ndarray, seed: int) -> Float[np.ndarray, "N 2"]:
    """The first two principal components, the first of standard deviation 1e-4, no two rows at one place.

    Rows that are all alike have no components, and scikit-learn's own start of them ends the process.
    """
    u, s, _ = np.linalg.svd(z - z.mean(axis=0), full_matrices=False)
    scores = np.zeros((len(z), 2))
    scores[:, : min(2, len(s))] = (u * s)[:, :2]
    spread = float(scores[:, 0].std())
    jitter = np.random.default_rng(seed).normal(size=scores.shape)
    return (1e-4 * (scores / spread if spread > 0 else 0 * scores) + 1e-6 * jitter).astype(np.float32)
