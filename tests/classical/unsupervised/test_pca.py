"""PCA against scikit-learn and the singular values; low rank against Eckart and Young."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.unsupervised import pca
from gradiens.classical.unsupervised.low_rank import compress_image, low_rank
from gradiens.classical.unsupervised.pca import fit_pca
from gradiens.core.check import Failure, Mistake

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 5)) @ rng.normal(size=(5, 5)) * [1.0, 10.0, 0.1, 3.0, 1.0] + [0.0, 50.0, -2.0, 1.0, 3.0]
routes = pytest.mark.parametrize("route", ["svd", "eigen"])


@routes
def test_equals_sklearn(route, monkeypatch):
    from sklearn.decomposition import PCA

    monkeypatch.setattr(pca, "ROWS", 7)
    ours, peer = fit_pca(X, route=route), PCA(svd_solver="full").fit(X)
    np.testing.assert_allclose(ours.components, peer.components_, atol=1e-8)  # the sign too
    np.testing.assert_allclose(ours.variances, peer.explained_variance_, rtol=1e-8)
    np.testing.assert_allclose(ours.ratios, peer.explained_variance_ratio_, rtol=1e-8)
    np.testing.assert_allclose(ours.singular_values, peer.singular_values_, rtol=1e-8)
    np.testing.assert_allclose(ours.transform(X), peer.transform(X), atol=1e-8 * np.abs(X).max())
    whole = PCA(svd_solver="full", whiten=True).fit(X)
    np.testing.assert_allclose(ours.transform(X, whiten=True), whole.transform(X), atol=1e-7)
    np.testing.assert_allclose(ours.inverse_transform(ours.transform(X, True), True), X, atol=1e-9)


@routes
@pytest.mark.parametrize("m", [1, 2, 4])
def test_residual_is_the_sum_of_the_squared_singular_values_left(route, m):
    found, s = fit_pca(X, m, route), np.linalg.svd(X - X.mean(0), compute_uv=False)
    assert np.sum((X - found.predict(X)) ** 2) == pytest.approx(np.sum(s[m:] ** 2), rel=1e-7)
    assert found.score(X) == pytest.approx(1 - np.sum(s[m:] ** 2) / np.sum(s**2), rel=1e-9)
    assert found.ratios.sum() == pytest.approx(found.score(X), rel=1e-9) and found.components.shape == (m, 5)


def test_a_share_of_the_variance():
    from sklearn.decomposition import PCA

    for share in (0.5, 0.9, 0.999):
        assert len(fit_pca(X, share).components) == PCA(share, svd_solver="full").fit(X).n_components_


def test_whitened_scores_are_white():
    z = fit_pca(X, 3).transform(X, whiten=True)
    np.testing.assert_allclose(np.cov(z.T), np.eye(3), atol=1e-10)
    flat = np.hstack([X[:, :2], X[:, :1]])
    with pytest.raises(Failure, match="the data have rank 2; keep fewer"):
        fit_pca(flat).transform(flat, whiten=True)


def test_more_columns_than_rows_and_a_constant_table():
    x = rng.normal(size=(4, 9))
    assert fit_pca(x).score(x) == pytest.approx(1)
    none = fit_pca(np.ones((5, 2)), 1)
    assert none.total == 0 and none.ratios[0] == 0 and none.score(np.ones((5, 2))) == 1


@pytest.mark.parametrize("offset", [0, 1, 100])
def test_float32_products_lose_little(monkeypatch, offset):
    """On the route of large tables: a mean far from 0 in float32 is taken off first, one near it afterwards."""
    monkeypatch.setattr(pca, "SINGLE", 0)
    monkeypatch.setattr(pca, "DIRECT", 0)
    x = (rng.normal(size=(9000, 6)) * np.arange(1, 7) + offset).astype(np.float32)
    ours, exact = fit_pca(x, 3), np.linalg.svd(x.astype(float) - x.mean(0, dtype=float), full_matrices=False)
    np.testing.assert_allclose(ours.singular_values, exact[1][:3], rtol=1e-6)
    np.testing.assert_allclose(np.abs(np.sum(ours.components * exact[2][:3], axis=1)), 1, atol=1e-9)


def test_low_rank_is_the_best():
    from sklearn.decomposition import TruncatedSVD

    s = np.linalg.svd(X, compute_uv=False)
    for m in (1, 3, 5):
        found = low_rank(X, m)
        error = np.sum((X - found.matrix()) ** 2)
        assert error == pytest.approx(np.sum(s[m:] ** 2), abs=1e-9) and found.squared_error == pytest.approx(
            error, abs=1e-9
        )
        assert found.relative_error == pytest.approx(error / np.sum(X**2), abs=1e-12)
        assert found.storage == m * (1 + 60 + 5) / 300
        for _ in range(20):  # no other subspace does better
            q, _ = np.linalg.qr(rng.normal(size=(60, m)))
            assert np.sum((X - q @ (q.T @ X)) ** 2) >= error
    peer = TruncatedSVD(3, algorithm="arpack").fit(X)
    np.testing.assert_allclose(np.abs(low_rank(X, 3).v), np.abs(peer.components_), atol=1e-8)
    assert np.all(low_rank(X, 3).v[range(3), np.argmax(np.abs(low_rank(X, 3).v), axis=1)] > 0)
    np.testing.assert_allclose(low_rank(X, 5).matrix(), X, atol=1e-10)


def test_images():
    image = rng.random((12, 9, 3))
    drawn, share = compress_image(image, 2)
    assert drawn.shape == image.shape and share == 2 * (1 + 12 + 9) / 108
    expected = np.clip(low_rank(image[:, :, 1], 2).matrix(), image.min(), image.max())
    np.testing.assert_allclose(drawn[:, :, 1], expected, atol=1e-12)
    np.testing.assert_allclose(compress_image(image[:, :, 0], 9)[0], image[:, :, 0], atol=1e-12)


@pytest.mark.parametrize(
    ("x", "components", "route"),
    [(X[0], 1, "auto"), (X[:1], 1, "auto"), (X * np.inf, 1, "auto"), (X, 6, "auto"), (X, 0, "auto"), (X, 1.5, "auto"),
     (X, 1, "power")],
)  # fmt: skip
def test_bad_input(x, components, route):
    with pytest.raises(Mistake):
        fit_pca(x, components, route)


def test_bad_matrices():
    for a, m in ((X[0], 1), (X, 0), (X, 6), (X * np.nan, 1)):
        with pytest.raises(Mistake):
            low_rank(a, m)
    with pytest.raises(Mistake, match="an image"):
        compress_image(X[0], 1)
    with pytest.raises(Mistake, match="rows of 5 numbers"):
        fit_pca(X).transform(X[:, :2])
