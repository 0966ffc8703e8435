"""Silhouettes, hierarchies and segments against scikit-learn, SciPy and small cases by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.unsupervised import silhouette
from gradiens.classical.unsupervised.colour_segmentation import segment_colours
from gradiens.classical.unsupervised.hierarchical import METHODS, fit_hierarchical
from gradiens.classical.unsupervised.silhouette import silhouette_score, silhouettes
from gradiens.core.check import Mistake

rng = np.random.default_rng(0)
X = np.concatenate([rng.normal(m, 0.7, (20, 2)) for m in ([0, 0], [3, 0], [0, 4])])
LABELS = np.repeat([7, 3, 5], 20)


def test_silhouettes_equal_sklearn(monkeypatch):
    from sklearn.metrics import silhouette_samples

    monkeypatch.setattr(silhouette, "BLOCK", 7)
    for labels in (LABELS, rng.integers(0, 4, 60), np.where(np.arange(60) == 9, 1, 0)):
        np.testing.assert_allclose(silhouettes(X, labels), silhouette_samples(X, labels), atol=1e-12)
    assert silhouette_score(X, LABELS) == pytest.approx(silhouette_samples(X, LABELS).mean(), rel=1e-12)


def test_silhouettes_by_hand():
    """Points 0, 1 | 4: a = 1, b = 4 and 3; the lone point has 0."""
    np.testing.assert_allclose(silhouettes(np.array([[0.0], [1.0], [4.0]]), np.array([0, 0, 1])), [3 / 4, 2 / 3, 0])
    with pytest.raises(Mistake, match="at least two clusters"):
        silhouettes(X, np.zeros(60, int))
    with pytest.raises(Mistake):
        silhouettes(X, LABELS[:-1])


@pytest.mark.parametrize("method", METHODS)
def test_hierarchies_cut_as_sklearn_does(method):
    from sklearn.cluster import AgglomerativeClustering

    tree = fit_hierarchical(X, method)
    for k in (1, 2, 3, 7, 60):
        ours, peer = tree.cut(k), AgglomerativeClustering(k, linkage=method).fit_predict(X)
        same = lambda labels: labels[:, None] == labels[None]  # noqa: E731 - the partition, whatever the numbers
        np.testing.assert_array_equal(same(ours), same(peer))
        first = [int(np.argmax(ours == c)) for c in range(k)]
        assert sorted(set(ours)) == list(range(k)) and first == sorted(first)
    assert np.all(np.diff(tree.heights) >= 0) and tree.points == 60


def test_heights_by_hand():
    """Points 0, 1, 3, 7 of the line: by chains 1, 2, 4; by diameters 1, 4 … 7; by Ward's sums."""
    x = np.array([[0.0], [1.0], [3.0], [7.0]])
    assert fit_hierarchical(x, "single").heights.tolist() == [1, 2, 4]
    assert fit_hierarchical(x, "complete").heights.tolist() == [1, 3, 7]
    assert fit_hierarchical(x, "average").heights == pytest.approx([1, 2.5, (7 + 6 + 4) / 3])
    ward = fit_hierarchical(x, "ward").heights
    grown = [1 / 2, 2 / 3 * 2.5**2, 3 / 4 * (7 - 4 / 3) ** 2]  # |A||B|/(|A|+|B|) ‖difference of the means‖²
    assert ward == pytest.approx(np.sqrt(2 * np.array(grown)))
    assert fit_hierarchical(x, "single").cut_at(2.0).tolist() == [0, 0, 0, 1]


def test_the_dendrogram_is_scipys():
    from scipy.cluster.hierarchy import dendrogram, linkage

    drawn = fit_hierarchical(X, "average").dendrogram()
    peer = dendrogram(linkage(X, "average"), no_plot=True)
    assert sorted(drawn.order) == list(range(60)) and drawn.x.shape == drawn.y.shape == (59 * 5,)
    tops = drawn.y.reshape(-1, 5)[:, 1]
    np.testing.assert_allclose(sorted(tops), sorted(d[1] for d in peer["dcoord"]), rtol=1e-12)
    assert np.all(np.isnan(drawn.x.reshape(-1, 5)[:, 4]))
    x = drawn.x.reshape(-1, 5)
    assert np.all(x[:, 0] < x[:, 2]), "no branch crosses another"


def test_segments():
    colours = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]])
    cells = rng.integers(0, 3, (8, 6))
    found = segment_colours(colours[cells], 3)
    np.testing.assert_allclose(found.image(), colours[cells], atol=1e-12)
    assert found.labels.shape == (8, 6) and found.palette.shape == (3, 3)
    noisy = segment_colours(colours[cells] + 0.1 * rng.normal(size=(8, 6, 3)), 2)
    assert len(np.unique(noisy.image().reshape(-1, 3), axis=0)) == 2
    with pytest.raises(Mistake, match="an image"):
        segment_colours(cells, 2)


@pytest.mark.parametrize(("x", "method"), [(X[0], "ward"), (X[:1], "ward"), (X * np.nan, "ward"), (X, "centroid")])
def test_bad_input(x, method):
    with pytest.raises(Mistake):
        fit_hierarchical(x, method)
    with pytest.raises(Mistake, match="1 … 60 clusters"):
        fit_hierarchical(X).cut(61)
