"""Entropy, divergence and mutual information of continuous laws from samples, by distances to nearest neighbours.

    ĥ = ψ(n) - ψ(k) + log V_d + d/n Σ log εᵢ              εᵢ: distance to the k-th neighbour, V_d: the unit ball
    K̂L = d/n Σ log(νᵢ/ρᵢ) + log(m/(n-1))                   ρᵢ, νᵢ: to the k-th neighbour in x, in y
    Î = ψ(k) + ψ(n) - 1/n Σ (ψ(aᵢ+1) + ψ(bᵢ+1))            aᵢ, bᵢ: points nearer than εᵢ in x alone, in y alone

Consistent for fixed k; the bias falls with n, more slowly the higher the dimension, and the variance falls with k. K̂L is too
small where x has tails that y hardly reaches. Î may fall below 0. Points that coincide have no density: they are refused.

Book: B.1, B.2.  Source: Kozachenko & Leonenko (1987); Wang, Kulkarni & Verdú (2009); Kraskov, Stögbauer & Grassberger (2004).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake

KIND = "sample estimate"


def entropy_of_sample(x: ArrayLike, neighbours: int = 3) -> float:
    """Differential entropy of the law of x (N, D) or (N,), in nats.

    Raises `Mistake` for points that coincide, or fewer than `neighbours` + 1 of them.

    Book: B.1.  Source: Kozachenko & Leonenko (1987).
    """
    from scipy.special import digamma, gammaln

    x = _sample(x, neighbours)
    n, d = x.shape
    ε = _distances(x, x, neighbours + 1)  # a point is its own nearest
    log_ball = d / 2 * np.log(np.pi) - gammaln(d / 2 + 1)
    return float(digamma(n) - digamma(neighbours) + log_ball + d * np.mean(np.log(ε)))


def kl_of_samples(x: ArrayLike, y: ArrayLike, neighbours: int = 3) -> float:
    """KL(P ‖ Q) from x ~ P (N, D) and y ~ Q (M, D).

    Raises `Mistake` for points that coincide, samples of two dimensions, or too few points.

    Book: B.2.  Source: Wang, Kulkarni & Verdú (2009).
    """
    x, y = _sample(x, neighbours), _sample(y, neighbours)
    if x.shape[1] != y.shape[1]:
        raise Mistake("two samples of one dimension", f"{x.shape} and {y.shape}")
    (n, d), m = x.shape, len(y)
    ρ, ν = _distances(x, x, neighbours + 1), _distances(y, x, neighbours)
    return float(d * np.mean(np.log(ν) - np.log(ρ)) + np.log(m / (n - 1)))


def mutual_information_of_samples(x: ArrayLike, y: ArrayLike, neighbours: int = 3) -> float:
    """I(X; Y) from the pairs x (N, D) and y (N, E), by their first algorithm with the maximum norm.

    Raises `Mistake` for samples of two lengths, pairs that coincide, or too few of them.

    Book: B.1.  Source: Kraskov, Stögbauer & Grassberger (2004).
    """
    from scipy.spatial import KDTree
    from scipy.special import digamma

    x, y = _sample(x, neighbours), _sample(y, neighbours)
    if len(x) != len(y):
        raise Mistake("one y for each x", f"{len(x)} and {len(y)}")
    both = np.hstack([x, y])
    ε = np.nextafter(_distances(both, both, neighbours + 1, np.inf), 0)  # strictly nearer
    near = [KDTree(part).query_ball_point(part, ε, p=np.inf, return_length=True) for part in (x, y)]
    inner = sum(np.mean(digamma(count)) for count in near)  # the counts have the point itself in them
    return float(digamma(neighbours) + digamma(len(x)) - inner)


def _distances(points: np.ndarray, at: np.ndarray, k: int, norm: float = 2.0) -> Float[np.ndarray, " N"]:
    """From each of `at` to its k-th nearest point; a `Mistake` where it is 0."""
    from scipy.spatial import KDTree

    found = np.asarray(KDTree(points).query(at, k=k, p=norm)[0]).reshape(len(at), k)[:, -1]
    if not found.min() > 0:
        raise Mistake("points that do not coincide", f"{int(np.sum(found == 0))} at distance 0", "use counts instead")
    return found


def _sample(x: ArrayLike, neighbours: int) -> Float[np.ndarray, "N D"]:
    x = np.asarray(x, np.float64)
    x = x[:, None] if x.ndim == 1 else x
    if neighbours < 1 or x.ndim != 2 or len(x) <= neighbours or not np.isfinite(x).all():
        raise Mistake(f"finite numbers (N, D) with more rows than the {neighbours} neighbours", f"shape {x.shape}")
    return x
