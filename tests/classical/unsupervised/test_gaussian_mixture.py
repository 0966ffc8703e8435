"""Gaussian mixtures by EM against scikit-learn from the same start, one step by hand, and the density they are made of."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.classical.unsupervised.gaussian import fit_gaussian
from gradiens.classical.unsupervised.gaussian_mixture import EM, SHAPES, State
from gradiens.classical.unsupervised.gaussian_mixture_fit import fit_gaussian_mixture
from gradiens.core.check import Failure, Mistake

rng = np.random.default_rng(0)
MIX = [
    ([0, 0], [[1.0, 0.6], [0.6, 1.0]], 40),
    ([3, 1], [[0.3, 0.0], [0.0, 2.0]], 50),
    ([0, 4], [[1.5, -0.4], [-0.4, 0.4]], 30),
]
X = np.concatenate([rng.multivariate_normal(*part) for part in MIX])
START = np.arange(120) % 3
START[:60] = 0


def normal(x, m, S):
    at = x - m
    quadratic = np.einsum("nd,de,ne->n", at, np.linalg.inv(S), at)
    return np.exp(-quadratic / 2) / np.sqrt(np.linalg.det(2 * np.pi * S))


@pytest.mark.parametrize("shape", SHAPES)
def test_equals_sklearn_from_the_same_start(shape):
    from sklearn.mixture import GaussianMixture

    kind = {"full": "full", "diagonal": "diag", "spherical": "spherical"}[shape]
    ours = fit_gaussian_mixture(X, 3, shape, START, floor=1e-6, tolerance=1e-12, steps=5000)
    peer = GaussianMixture(3, covariance_type=kind, tol=1e-12, max_iter=5000, reg_covar=1e-6)
    hot = np.eye(3)[START]
    peer._initialize_parameters = lambda X, random_state, xp=None: peer._initialize(X, hot, xp=xp)  # from labels
    peer.fit(X)
    np.testing.assert_allclose(ours.weights, peer.weights_, atol=1e-6)
    np.testing.assert_allclose(ours.means, peer.means_, atol=1e-5)
    np.testing.assert_allclose(ours.score(X), peer.score(X), atol=1e-8)
    np.testing.assert_allclose(ours.log_density(X), peer.score_samples(X), atol=1e-5)
    np.testing.assert_allclose(ours.predict_proba(X), peer.predict_proba(X), atol=1e-5)
    assert ours.bic == pytest.approx(peer.bic(X), rel=1e-7) and ours.aic == pytest.approx(peer.aic(X), rel=1e-7)
    assert ours.converged and np.array_equal(ours.predict(X), peer.predict(X))


@pytest.mark.parametrize("shape", SHAPES)
def test_one_step_by_hand(x64, shape):
    w, m = np.array([0.2, 0.5, 0.3]), np.array([[0.0, 0], [2, 1], [1, 4]])
    S = np.array([[[1, 0.3], [0.3, 2]], [[1, 0], [0, 1]], [[2, -0.5], [-0.5, 1]]])
    p = np.stack([w[k] * normal(X, m[k], S[k]) for k in range(3)], axis=1)
    r = p / p.sum(1, keepdims=True)
    n = r.sum(0)
    means = r.T @ X / n[:, None]
    covariances = [np.cov(X.T, aweights=r[:, k], bias=True) for k in range(3)]
    expected = {
        "full": covariances,
        "diagonal": [np.diag(np.diag(c)) for c in covariances],
        "spherical": [np.eye(2) * np.trace(c) / 2 for c in covariances],
    }[shape]
    state = State(jnp.asarray(w), jnp.asarray(m), jnp.asarray(S), jnp.asarray(-np.inf))
    after, info = EM(jnp.asarray(X), 0.1, shape).step(state, None)
    np.testing.assert_allclose(after.w, n / 120, rtol=1e-12)
    np.testing.assert_allclose(after.m, means, rtol=1e-12)
    np.testing.assert_allclose(after.S, np.array(expected) + 0.1 * np.eye(2), rtol=1e-10, atol=1e-14)
    assert float(info.log_likelihood) == pytest.approx(np.mean(np.log(p.sum(1))), rel=1e-12)


def test_the_likelihood_never_falls():
    for shape in SHAPES:
        found = fit_gaussian_mixture(X, 3, shape, START, floor=0.0, tolerance=1e-9)
        assert len(found.path) > 5 and np.all(np.diff(found.path) >= -1e-12)


def test_from_kmeans_it_finds_the_groups():
    found = fit_gaussian_mixture(X, 3, tolerance=1e-9)
    order = np.argsort(found.means.sum(1))
    np.testing.assert_allclose(found.means[order], [[0, 0], [3, 1], [0, 4]], atol=0.6)
    assert found.weights.sum() == pytest.approx(1) and found.parameters == 2 + 6 + 9
    assert [fit_gaussian_mixture(X, 3, s).parameters for s in SHAPES[1:]] == [2 + 6 + 6, 2 + 6 + 3]


def test_one_component_is_the_gaussian():
    found, one = fit_gaussian_mixture(X, 1, floor=0.0), fit_gaussian(X)
    np.testing.assert_allclose(found.means[0], one.mean, rtol=1e-12)
    np.testing.assert_allclose(found.covariances[0], one.covariance, rtol=1e-10)
    assert found.score(X) == pytest.approx(one.score(X), rel=1e-12)


def test_gaussian():
    from scipy.stats import multivariate_normal

    one = fit_gaussian(X)
    peer = multivariate_normal(X.mean(0), np.cov(X.T, bias=True))
    np.testing.assert_allclose(one.log_density(X), peer.logpdf(X), rtol=1e-10)
    np.testing.assert_allclose(np.cov(one.transform(X).T, bias=True), np.eye(2), atol=1e-12)
    assert one.score(X) == pytest.approx(np.mean(peer.logpdf(X)))
    np.testing.assert_allclose(fit_gaussian(X, 0.5).covariance - one.covariance, 0.5 * np.eye(2), atol=1e-14)
    assert fit_gaussian(X).score(X) > fit_gaussian(X, 0.1).score(X)


def test_failures():
    with pytest.raises(Failure, match="covariance is singular"):
        fit_gaussian(np.hstack([X, X[:, :1]])).score(np.hstack([X, X[:, :1]]))
    alone = np.concatenate([np.zeros(119, int), [1]])
    with pytest.raises(Failure, match="a component has shrunk"):
        fit_gaussian_mixture(X, 2, "full", alone, floor=0.0)


@pytest.mark.parametrize(
    "arguments",
    [(X[0], 2), (X * np.nan, 2), (X, 2, "tied"), (X, 2, "full", START), (X, 4, "full", START), (X, 0),
     (X, 2, "full", START[:9] % 2)],
)  # fmt: skip
def test_bad_input(arguments):
    with pytest.raises(Mistake):
        fit_gaussian_mixture(*arguments)
    with pytest.raises(Mistake):
        fit_gaussian(X[0])
    with pytest.raises(Mistake):
        fit_gaussian(X, -1.0)
