"""What clusters and principal components of a table look like: figures as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int

from gradiens.classical.unsupervised.pca import PCA
from gradiens.report.figure import Figure, Series

LOADINGS = 4  # components whose loadings are drawn
MOST = 15  # columns of the table in a chart


def cluster_figures(
    z: Float[np.ndarray, "N D"],
    labels: Int[np.ndarray, "N"],
    names: Sequence[str],
    by_k: Mapping[int, tuple[float, float]],
    pca: PCA,
) -> list[Figure]:
    """The clusters of the standardised rows z by two components, their means by column, W and silhouette by number."""
    scores, found = pca.transform(z), np.unique(labels)
    second = scores[:, 1] if scores.shape[1] > 1 else np.zeros(len(scores))
    clouds = [
        Series("points", scores[labels == c, 0], second[labels == c], label=f"cluster {c + 1}", colour=int(c))
        for c in found
    ]
    means = np.stack([z[labels == c].mean(axis=0) for c in found])
    bars = _by_column(means, names, [f"cluster {c + 1}" for c in found])
    figures = [
        Figure("Clusters by the first two components", clouds, "PC1", "PC2"),
        Figure("Means of the clusters, in standard deviations", bars, "", "mean"),
    ]
    if len(by_k) > 1:
        k = list(by_k)
        within, silhouette = np.array(list(by_k.values())).T
        figures.append(
            Figure("Within-cluster sum by number of clusters", [Series("line", k, within, label="W")], "k", "W")
        )
        line = Series("line", k, silhouette, label="mean silhouette")
        figures.append(Figure("Silhouette by number of clusters", [line], "k", "silhouette"))
    return figures


def component_figures(scores: Float[np.ndarray, "N M"], names: Sequence[str], pca: PCA) -> list[Figure]:
    """The share of the variance, the rows by two components, the loadings of the first few."""
    j = np.arange(1, len(pca.ratios) + 1)
    shares = [
        Series("bars", j, pca.ratios, label="a component"),
        Series("line", j, np.cumsum(pca.ratios), label="all up to it"),
    ]
    figures = [Figure("Share of the variance", shares, "component", "share")]
    if scores.shape[1] > 1:
        cloud = Series("points", scores[:, 0], scores[:, 1], label="rows")
        figures.append(Figure("Rows by the first two components", [cloud], "PC1", "PC2"))
    few = pca.components[:LOADINGS]
    bars = _by_column(few, names, [f"PC{i + 1}" for i in range(len(few))])
    return [*figures, Figure("Loadings of the first components", bars, "", "loading")]


def _by_column(values: np.ndarray, names: Sequence[str], labels: list[str]) -> list[Series]:
    """A bar for each column of the table and each row of `values`: the columns with the largest ones, in their order."""
    kept = np.sort(np.argsort(-np.max(np.abs(values), axis=0), kind="stable")[:MOST])
    shown = [names[i] for i in kept]
    return [Series("bars", shown, row[kept], label=label) for row, label in zip(values, labels, strict=True)]
