"""Silhouettes: how much nearer a point is to its own cluster than to the next one.

    s_i = (b_i - a_i) / max(a_i, b_i)

a_i is the mean distance to the other points of its cluster, b_i the least mean distance to the points of another one. From
-1 (in the wrong cluster) over 0 (between two) to 1; a point alone in its cluster has 0.

Book: 2.2.  Source: Rousseeuw (1987).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from gradiens.core.check import Mistake

BLOCK = 1000  # rows of the distance matrix at a time


def silhouettes(x: Float[np.ndarray, "N D"], labels: Int[np.ndarray, "N"]) -> Float[np.ndarray, "N"]:
    """s_i of each point; N² distances.

    Book: 2.2.  Source: Rousseeuw (1987).

    Raises `Mistake` unless there are at least two clusters, and one label for each point.
    """
    from scipy.spatial.distance import cdist

    x, (names, cell) = np.asarray(x, np.float64), np.unique(labels, return_inverse=True)
    if x.ndim != 2 or len(x) != len(cell) or len(names) < 2:
        raise Mistake("points (N, D) with N labels of at least two clusters", f"x {x.shape}, {len(names)} clusters")
    member = (cell[:, None] == np.arange(len(names))).astype(np.float64)
    size, s = member.sum(axis=0), np.zeros(len(x))
    for i in range(0, len(x), BLOCK):
        total = cdist(x[i : i + BLOCK], x) @ member
        own = cell[i : i + BLOCK]
        rows = np.arange(len(own))
        a = total[rows, own] / np.maximum(size[own] - 1, 1)
        mean = total / size
        mean[rows, own] = np.inf
        b = mean.min(axis=1)
        s[i : i + BLOCK] = np.where(size[own] > 1, (b - a) / np.maximum(np.maximum(a, b), 1e-300), 0.0)
    return s


def silhouette_score(x: Float[np.ndarray, "N D"], labels: Int[np.ndarray, "N"]) -> float:
    """The mean of the silhouettes: the clustering with the largest is the clearest.

    Book: 2.2.  Source: Rousseeuw (1987).
    """
    return float(np.mean(silhouettes(x, labels)))
