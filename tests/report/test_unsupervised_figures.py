"""Figures of clusters and components: what is in them."""

from __future__ import annotations

import numpy as np

from gradiens.classical.unsupervised.pca import fit_pca
from gradiens.report.unsupervised import MOST, cluster_figures, component_figures

rng = np.random.default_rng(0)
Z = rng.normal(size=(30, 20)) * np.linspace(1, 3, 20)
NAMES = [f"column {i}" for i in range(20)]


def test_clusters():
    labels, pca = np.arange(30) % 3, fit_pca(Z, 2)
    plane, means, *_ = figures = cluster_figures(Z, labels, NAMES, {2: (9.0, 0.1), 3: (5.0, 0.3)}, pca)
    assert len(figures) == 4 and [len(s.y) for s in plane.series] == [10, 10, 10]
    np.testing.assert_allclose(plane.series[1].x, pca.transform(Z)[labels == 1, 0])
    bars = means.series[2]
    place = NAMES.index(str(bars.x[0]))
    assert len(bars.x) == MOST and bars.y[0] == Z[labels == 2, place].mean()
    assert (
        len(cluster_figures(Z, labels, NAMES, {3: (5.0, 0.3)}, pca)) == 2
    )  # nothing by number where one was asked for


def test_components():
    pca = fit_pca(Z)
    shares, plane, loadings = component_figures(pca.transform(Z), NAMES, pca)
    np.testing.assert_allclose(shares.series[1].y[-1], 1)
    assert plane.series[0].label == "rows" and len(loadings.series) == 4
    largest = NAMES[int(np.argmax(np.abs(pca.components[:4]).max(axis=0)))]
    assert largest in loadings.series[0].x
    assert len(component_figures(pca.transform(Z)[:, :1], NAMES, fit_pca(Z, 1))) == 2
