"""One interface: parameters, cloning, scores, pipelines."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.classifiers.logistic_regression import fit_logistic
from gradiens.classical.estimator import Pipeline, estimator
from gradiens.classical.linear.least_squares import fit_linear
from gradiens.classical.unsupervised.gaussian import fit_gaussian
from gradiens.classical.unsupervised.kmeans_fit import fit_kmeans
from gradiens.classical.unsupervised.pca import fit_pca
from gradiens.core.check import Mistake

rng = np.random.default_rng(0)
X = rng.normal(size=(50, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.1 * rng.normal(size=50)
C = (Y > 0).astype(int)


def test_fit_predict_score():
    linear = estimator(fit_linear, l2=0.1).fit(X, Y)
    np.testing.assert_array_equal(linear.predict(X), fit_linear(X, Y, 0.1).predict(X))
    residual = Y - linear.predict(X)
    assert linear.score(X, Y) == pytest.approx(1 - residual @ residual / np.sum((Y - Y.mean()) ** 2))
    logistic = estimator(fit_logistic, classes=2, l2=0.01).fit(X, C)
    assert logistic.score(X, C) == np.mean(logistic.predict(X) == C)
    gaussian = estimator(fit_gaussian).fit(X)
    assert gaussian.score(X) == pytest.approx(gaussian.predict(X).mean())
    assert set(linear.learned()) == {"w", "b", "rank"}


def test_the_seed_reaches_the_method():
    clusters = estimator(fit_kmeans, k=3, starts=2)
    for seed in (0, 4):
        np.testing.assert_array_equal(clusters.fit(X, seed=seed).predict(X), fit_kmeans(X, 3, 2, seed=seed).predict(X))


def test_parameters_and_clones():
    one = estimator(fit_kmeans, k=3)
    two = one.with_(k=4, starts=2)
    assert dict(one.parameters) == {"k": 3} and dict(two.parameters) == {"k": 4, "starts": 2}
    assert one.with_() == one and one.with_() is not one and not one.supervised and estimator(fit_linear).supervised
    with pytest.raises(Mistake, match=r"parameter of fit_kmeans.*did you mean 'starts'"):
        one.with_(start=3)
    with pytest.raises(Mistake, match="a value for k"):
        estimator(fit_kmeans)
    with pytest.raises(Mistake, match="parameter of fit_kmeans"):
        estimator(fit_kmeans, k=2, seed=3)


def test_pipeline():
    fitted = Pipeline((estimator(fit_pca, components=2), estimator(fit_linear))).fit(X, Y)
    pca = fit_pca(X, 2)
    linear = fit_linear(pca.transform(X), Y)
    new = rng.normal(size=(4, 3))
    np.testing.assert_allclose(fitted.predict(new), linear.predict(pca.transform(new)), rtol=1e-13)
    assert fitted.score(X, Y) == pytest.approx(
        estimator(fit_linear).fit(pca.transform(X), Y).score(pca.transform(X), Y)
    )
    clusters = Pipeline((estimator(fit_pca, components=2), estimator(fit_kmeans, k=3, starts=1))).fit(X, seed=1)
    assert clusters.transform(new).shape == (4, 3)


def test_mistakes():
    with pytest.raises(Mistake, match="expected targets y, got NoneType"):
        estimator(fit_linear).fit(X)
    with pytest.raises(Mistake, match="unsupervised"):
        estimator(fit_pca).fit(X, Y)
    with pytest.raises(Mistake, match="expected a method that can transform, got LinearFit; it can predict"):
        estimator(fit_linear).fit(X, Y).transform(X)
    with pytest.raises(Mistake, match="targets y"):
        estimator(fit_linear).fit(X, Y).score(X)
