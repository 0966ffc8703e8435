"""Hierarchical clustering: every point begins alone, and step by step the two nearest clusters are merged.

    single     d(A, B) = min ‖a - b‖              follows chains
    complete   d(A, B) = max ‖a - b‖              compact clusters
    average    d(A, B) = mean ‖a - b‖
    ward       d(A, B)² = 2 |A||B| / (|A| + |B|) ‖mean A - mean B‖²     the least growth of the within-cluster sum, doubled

The N - 1 merges and their heights are the tree; a cut at K clusters undoes the last K - 1 of them. SciPy finds the merges.

Book: 2.2.  Source: Ward (1963), the last one.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from gradiens.core.check import Mistake, known

METHODS = ("ward", "single", "complete", "average")
MOST = 30_000  # points: N² / 2 distances are held


class Dendrogram(NamedTuple):
    """The tree as one broken line (NaN lifts the pen): x the places of the leaves, y the heights; and the leaves in order."""

    x: Float[np.ndarray, "P"]
    y: Float[np.ndarray, "P"]
    order: Int[np.ndarray, "N"]


@dataclasses.dataclass(frozen=True)
class Hierarchy:
    """Merge t joins the clusters `pairs[t]` at `heights[t]` into cluster N + t; clusters 0 … N-1 are the points."""

    pairs: Int[np.ndarray, "T 2"]
    heights: Float[np.ndarray, "T"]

    @property
    def points(self) -> int:
        """The number N of points."""
        return len(self.heights) + 1

    def cut(self, k: int) -> Int[np.ndarray, "N"]:
        """The K clusters left when the last K - 1 merges are undone, numbered in the order of their first points."""
        N = self.points
        if not 1 <= k <= N:
            raise Mistake(f"1 … {N} clusters", k)
        root = np.arange(2 * N - 1)
        for t, pair in enumerate(self.pairs[: N - k]):
            root[pair] = N + t
        for node in range(2 * N - 2, -1, -1):  # from the top: a node's root is its parent's
            root[node] = root[root[node]]
        _, first, label = np.unique(root[:N], return_index=True, return_inverse=True)
        return np.argsort(np.argsort(first))[label]

    def cut_at(self, height: float) -> Int[np.ndarray, "N"]:
        """The clusters that are merged at no more than this height."""
        return self.cut(self.points - int(np.sum(self.heights <= height)))

    def dendrogram(self) -> Dendrogram:
        """The tree, to be drawn as one line."""
        N, order, stack = self.points, [], [2 * self.points - 2]
        while stack:
            node = stack.pop()
            if node < N:
                order.append(node)
            else:
                stack.extend(self.pairs[node - N][::-1])
        place, level = np.zeros(2 * N - 1), np.concatenate([np.zeros(N), self.heights])
        place[order] = np.arange(N)
        x, y = np.full((N - 1, 5), np.nan), np.full((N - 1, 5), np.nan)
        for t, (a, b) in enumerate(self.pairs):
            place[N + t] = (place[a] + place[b]) / 2
            x[t, :4], y[t, :4] = place[[a, a, b, b]], (level[a], self.heights[t], self.heights[t], level[b])
        return Dendrogram(x.ravel(), y.ravel(), np.array(order))


def fit_hierarchical(x: Float[np.ndarray, "N D"], method: str = "ward") -> Hierarchy:
    """The tree of merges of the points x by "ward", "single", "complete" or "average" linkage.

    Book: 2.2.  Source: Ward (1963).

    Raises `Mistake` for an unknown method, fewer than two points, more than 30,000, or numbers that are not finite.
    """
    from scipy.cluster.hierarchy import linkage

    x = np.asarray(x, np.float64)
    if x.ndim != 2 or not 2 <= len(x) <= MOST or not np.isfinite(x).all():
        raise Mistake(f"2 … {MOST:,} finite points (N, D)", f"shape {x.shape}")
    merges = linkage(x, known("method", method, METHODS))
    return Hierarchy(merges[:, :2].astype(np.int64), merges[:, 2])
