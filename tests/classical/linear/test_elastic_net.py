"""The lasso and the elastic net: scikit-learn, the conditions of the minimum, FISTA, and coordinate descent."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.classical.linear.elastic_net import elastic_net_path, fit_elastic_net, fit_lasso
from gradiens.classical.linear.elastic_net_coordinates import ElasticNetCoordinates, fit_elastic_net_by_coordinates
from gradiens.core.check import Failure, Mistake
from gradiens.core.iterate import iterate

rng = np.random.default_rng(3)
X = rng.normal(size=(60, 8)) @ (np.eye(8) + 0.4) + 2.0
Y = X @ [3.0, -2.0, 0, 0, 1.0, 0, 0, 0.2] + 5 + rng.normal(size=60)


def centred(x, y):
    return x - x.mean(0), y - y.mean()


@pytest.mark.parametrize("ratio", [1.0, 0.3])
def test_path_equals_sklearn(ratio):
    from sklearn.linear_model import enet_path

    ours = elastic_net_path(X, Y, ratio, count=20)
    penalties, w, _ = enet_path(*centred(X, Y), l1_ratio=ratio, alphas=20, tol=1e-14, max_iter=100_000)
    np.testing.assert_allclose(ours.penalties, penalties, rtol=1e-12)
    np.testing.assert_allclose(ours.w, w.T, atol=1e-7)
    assert ours.nonzero.tolist() == np.count_nonzero(w, axis=0).tolist()
    assert len(ours) == 20 and np.all(ours.gaps <= 1e-12)


@pytest.mark.parametrize("intercept", [True, False])
def test_one_penalty_equals_sklearn(intercept):
    from sklearn.linear_model import ElasticNet, Lasso

    options = {"fit_intercept": intercept, "tol": 1e-14, "max_iter": 100_000}
    for ours, peer in (
        (fit_lasso(X, Y, 0.3, intercept), Lasso(0.3, **options)),
        (fit_elastic_net(X, Y, 0.3, 0.7, intercept), ElasticNet(0.3, l1_ratio=0.7, **options)),
    ):
        peer.fit(X, Y)
        np.testing.assert_allclose(ours.w, peer.coef_, atol=1e-8)
        np.testing.assert_allclose(ours.b, peer.intercept_, atol=1e-7)
        np.testing.assert_allclose(ours.predict(X), peer.predict(X), atol=1e-7)


def conditions(x, y, fit):
    """How far 0 is from the subdifferential at w, written from the objective."""
    x, y = centred(x, y)
    g = x.T @ (x @ fit.w - y) / len(x) + fit.penalty * (1 - fit.ratio) * fit.w
    l1 = fit.penalty * fit.ratio
    return np.max(np.where(fit.w == 0, np.maximum(np.abs(g) - l1, 0), np.abs(g + l1 * np.sign(fit.w))))


DEPENDENT = np.hstack([X, X[:, :3], X[:, :1] - X[:, 4:5], np.ones((60, 1))])
WHOLE = rng.integers(-2, 3, size=(30, 60)).astype(float)
WIDE = rng.normal(size=(20, 1200))


@pytest.mark.parametrize("x", [X, DEPENDENT, WHOLE, WIDE], ids=["full rank", "repeated columns", "ties", "wide"])
@pytest.mark.parametrize("ratio", [1.0, 0.5])
def test_every_point_of_a_path_is_a_minimum(x, ratio):
    y = rng.integers(-3, 4, size=len(x)).astype(float)
    path = elastic_net_path(x, y, ratio, count=15, least=1e-4)
    top = path.penalties[0]
    assert max(conditions(x, y, path[k]) for k in range(15)) <= 1e-9 * top
    assert np.all(path.gaps <= 1e-9 * np.var(y))
    assert path.nonzero[0] == 0 and path.nonzero[-1] > 3


def test_the_gap_bounds_what_can_be_gained():
    from gradiens.classical.linear.elastic_net import duality_gap, prepared

    data = prepared(X, Y, 0.6, [0.5], True)
    l1, l2 = 0.3, 0.2
    objective = lambda w: (  # noqa: E731
        np.mean((Y - Y.mean() - data.x @ w) ** 2) / 2 + l1 * np.abs(w).sum() + l2 / 2 * w @ w
    )
    best = fit_elastic_net(X, Y, 0.5, 0.6)
    for scale in (0.0, 0.1, 1.0):
        w = best.w + scale * rng.normal(size=8)
        v = data.c - data.x.T @ (data.x @ w) / 60 - l2 * w
        gap = duality_gap(w, v, data.c, data.yy, l1)
        assert gap >= objective(w) - objective(best.w) - 1e-12
        assert gap <= 1e-12 if scale == 0 else gap > 1e-3


def test_orthonormal_columns_are_soft_thresholded():
    """½‖y - Xw‖² + λ‖w‖₁ with X'X = I: each w_j is X_j'y moved towards zero by λ; λ = N α."""
    q = np.linalg.qr(X)[0]
    z, lam = q.T @ Y, 4.0
    ours = fit_lasso(q, Y, lam / 60, intercept=False)
    np.testing.assert_allclose(ours.w, np.sign(z) * np.maximum(np.abs(z) - lam, 0), atol=1e-10)
    assert np.count_nonzero(ours.w == 0) == np.count_nonzero(np.abs(z) <= lam) > 0


def test_fista_reaches_the_same_point():
    from gradiens.optim.minimize import minimize

    x, y = centred(X, Y)
    ours = fit_lasso(X, Y, 0.3)
    with jax.enable_x64(True):
        cost = lambda w: jnp.mean((y - x @ w) ** 2) / 2  # noqa: E731
        rate = 60 / np.linalg.norm(x, 2) ** 2
        fista = minimize(cost, np.zeros(8), "fista", lr=rate, l1=0.3, tolerance=1e-10, steps=20_000)
    np.testing.assert_allclose(fista.theta, ours.w, atol=1e-7)


def test_coordinate_descent_reaches_the_same_point():
    for ratio in (1.0, 0.4):
        by_sweeps, exact = fit_elastic_net_by_coordinates(X, Y, 0.3, ratio), fit_elastic_net(X, Y, 0.3, ratio)
        np.testing.assert_allclose(by_sweeps.w, exact.w, atol=1e-8)
        np.testing.assert_allclose(by_sweeps.b, exact.b, atol=1e-7)
        assert by_sweeps.gap <= 1e-8
    with pytest.raises(Failure, match="2 sweeps"):
        fit_elastic_net_by_coordinates(X, Y, 0.3, sweeps=2)


def sweep(G, c, l1, l2, w):
    """Coordinate by coordinate as Friedman, Hastie & Tibshirani (2010), equation 5, has it."""
    w = w.copy()
    for j in range(len(w)):
        u = c[j] - sum(G[j, k] * w[k] for k in range(len(w)) if k != j)
        w[j] = np.sign(u) * max(abs(u) - l1, 0) / (G[j, j] + l2)
    return w


def test_a_sweep_is_the_formula(x64):
    x, y = centred(X, Y)
    G, c, w = x.T @ x / 60, x.T @ y / 60, rng.normal(size=8)
    algorithm = ElasticNetCoordinates(jnp.asarray(G), jnp.asarray(c), 0.2, 0.7)
    outcome = iterate(algorithm, jnp.asarray(w), steps=30, keep=None, quiet=True)
    objective = lambda w: w @ G @ w / 2 - c @ w + 0.2 * np.abs(w).sum() + 0.7 / 2 * w @ w  # noqa: E731
    for told_w, told in zip(outcome.trace.w, outcome.trace.objective, strict=True):
        before, w = w, sweep(G, c, 0.2, 0.7, w)
        np.testing.assert_allclose(told_w, w, atol=1e-10)
        np.testing.assert_allclose(told, objective(w), rtol=1e-9)
        assert objective(w) <= objective(before) + 1e-12


def test_a_column_of_zeros_keeps_weight_zero():
    x = np.hstack([X, np.zeros((60, 1))])
    assert fit_lasso(x, Y, 0.1).w[-1] == 0 and fit_elastic_net_by_coordinates(x, Y, 0.1).w[-1] == 0


def test_a_constant_target():
    path = elastic_net_path(X, np.full(60, 4.0))
    assert not path.w.any() and np.all(path.b == 4.0)


def test_penalties_are_sorted_and_predictions_are_one_row_a_model():
    path = elastic_net_path(X, Y, penalties=[0.1, 0.4, 0.2])
    assert path.penalties.tolist() == [0.4, 0.2, 0.1]
    np.testing.assert_allclose(path.predict(X)[1], path[1].predict(X), rtol=1e-12)
    np.testing.assert_allclose(path[2].w, fit_lasso(X, Y, 0.1).w, atol=1e-10)


@pytest.mark.parametrize(
    "bad",
    [{"x": X[0]}, {"y": Y[:-1]}, {"x": X * np.nan}, {"ratio": 0.0}, {"ratio": 1.1}, {"penalties": [0.0]}, {"count": 0},
     {"penalties": []}, {"penalties": [np.nan]}, {"least": 1.0}, {"x": X[:, :0]}],
)  # fmt: skip
def test_bad_input(bad):
    with pytest.raises(Mistake):
        elastic_net_path(**{"x": X, "y": Y, **bad})
