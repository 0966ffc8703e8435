"""L-BFGS in better coordinates: the compiled cost by its formula, the same optimum in fewer iterations."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.classical.classifiers import softmax_lbfgs
from gradiens.classical.classifiers.logistic_regression import fit_logistic
from gradiens.classical.classifiers.softmax_lbfgs import compiled, lbfgs

rng = np.random.default_rng(7)
X = (rng.normal(size=(400, 12)) @ np.diag(np.geomspace(0.05, 20, 12))).astype(np.float32)
Y = np.argmax(X[:, [0, 5, 11]] / [0.05, 0.9, 20] + rng.gumbel(size=(400, 3)), axis=1)


def by_hand(theta, y, l2):
    """The cost of one column for two classes, or of a column a class, and its central differences."""
    z = X.astype(np.float64) @ theta[1:] + theta[0]
    z = np.hstack([np.zeros((400, 1)), z]) if z.shape[1] == 1 else z
    return np.mean(np.log(np.exp(z).sum(1)) - z[np.arange(400), y]) + l2 / 2 * np.sum(theta[1:] ** 2)


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_the_compiled_cost_is_the_formula(columns, precision):
    y, theta = Y if columns == 3 else (Y > 0).astype(int), 0.1 * rng.normal(size=(13, columns))
    cost, g = compiled(X.astype(precision), y, (13, columns), 0.3)(theta)
    tight = precision == np.float64
    assert cost == pytest.approx(by_hand(theta, y, 0.3), rel=1e-10 if tight else 1e-6)
    for i, j in [(0, 0), (1, 0), (12, columns - 1), (6, 0)]:
        h = np.zeros_like(theta)
        h[i, j] = 1e-5
        slope = (by_hand(theta + h, y, 0.3) - by_hand(theta - h, y, 0.3)) / 2e-5
        assert g[i, j] == pytest.approx(slope, rel=1e-6 if tight else 1e-4, abs=1e-8 if tight else 1e-5)


@pytest.mark.parametrize(("y", "classes"), [(Y, 3), ((Y > 0).astype(int), 2)])
def test_better_coordinates_need_fewer_iterations(monkeypatch, y, classes):
    columns = classes if classes > 2 else 1
    objective = compiled(X.astype(np.float64), y, (13, columns), 1e-3)
    theta, steps, converged = lbfgs(objective, X, (13, columns), 1e-3, 500, 1e-6)
    monkeypatch.setattr(softmax_lbfgs, "WIDEST", 0)
    plain, more, _ = lbfgs(objective, X, (13, columns), 1e-3, 500, 1e-6)
    assert converged and steps < more / 2
    assert np.abs(objective(theta)[1]).max() <= 1e-6
    # Along flat directions θ itself is loose, and the plain search ends a little higher.
    assert objective(theta)[0] == pytest.approx(objective(plain)[0], rel=1e-5)


def test_large_single_precision_data_are_compiled(monkeypatch):
    from gradiens.classical.classifiers import logistic_regression

    monkeypatch.setattr(logistic_regression, "SINGLE", 0)
    monkeypatch.setattr(logistic_regression, "NEWTON", 0)
    single = fit_logistic(X, Y, 3, 0.01, 500, 1e-5)
    double = fit_logistic(X.astype(np.float64), Y, 3, 0.01, 500, 1e-9)
    assert single.converged and double.converged
    np.testing.assert_allclose(single.w, double.w, atol=2e-3)
    assert single.objective == pytest.approx(double.objective, rel=1e-5)


def test_dead_columns_and_few_iterations():
    x = np.hstack([X, np.zeros((400, 2), np.float32)])
    objective = compiled(x.astype(np.float64), Y, (15, 3), 0.0)
    theta, steps, converged = lbfgs(objective, x, (15, 3), 0.0, 3, 1e-9)
    assert steps == 3 and not converged and np.isfinite(theta).all()
    np.testing.assert_array_equal(theta[13:], 0)
