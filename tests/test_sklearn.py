"""The estimators: scikit-learn's own checks with no exception declared, and what its users do with estimators."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from gradiens.core.check import Mistake
from gradiens.sklearn import Autoencoder, GradiensClassifier, GradiensRegressor
from gradiens.train.explain import equations_of

CONVEX = {"model": "linear", "lr": 0.05, "schedule": "cosine", "epochs": 2000, "batch": 10**6}


SMALL = [GradiensClassifier(hidden=8, lr=0.01, epochs=60), GradiensRegressor("linear", lr=0.1), Autoencoder(epochs=20)]
OTHER = [
    GradiensClassifier(),
    GradiensRegressor(),
    GradiensClassifier("linear", lr=0.1),
    GradiensRegressor(hidden=(16,)),
    GradiensClassifier("ŷ = softmax(W2 relu(W1 x + b1) + b2), W1 ∈ R^(8×n), W2 ∈ R^(K×8)", lr=0.01),
    GradiensRegressor("ŷ = W x + b", validation_fraction=0.2, lr=0.1),
    Autoencoder(),
    Autoencoder(hidden=(8, 4), activation="relu"),
]


@pytest.mark.parametrize("estimator", SMALL + [pytest.param(one, marks=pytest.mark.long) for one in OTHER], ids=str)
def test_all_of_scikit_learns_checks_pass(estimator):
    results = check_estimator(estimator, on_fail=None, on_skip=None)
    assert len(results) > 45
    failed = {one["check_name"]: one["exception"] for one in results if one["status"] in ("failed", "xfail")}
    assert not failed
    # this one asks for a setting of the process that has to be made before SciPy is imported
    assert {one["check_name"] for one in results if one["status"] == "skipped"} <= {"check_array_api_input"}


def test_the_linear_model_ends_at_scikit_learns_optimum():
    x, y = load_diabetes(return_X_y=True)
    ours, theirs = GradiensRegressor(x64=True, **CONVEX).fit(x, y), LinearRegression().fit(x, y)
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x), rtol=2e-3)
    assert ours.score(x, y) == pytest.approx(theirs.score(x, y), abs=1e-6)


def test_the_linear_classifier_ends_at_scikit_learns_optimum_in_the_order_of_its_labels():
    x, y = load_iris(return_X_y=True)
    x, y = x[y > 0], np.array(["setosa", "versicolor", "virginica"])[y[y > 0]]
    theirs = LogisticRegression(C=np.inf, max_iter=5000, tol=1e-10).fit(x, y)
    ours = GradiensClassifier(x64=True, **{**CONVEX, "lr": 0.3}).fit(x, y)
    assert ours.classes_.tolist() == ["versicolor", "virginica"]
    np.testing.assert_allclose(ours.predict_proba(x), theirs.predict_proba(x), atol=5e-3)
    assert set(ours.predict(x)) == {"versicolor", "virginica"}


def test_an_equation_is_a_model_and_says_so_when_read_back():
    x, y = load_iris(return_X_y=True)
    text = "ŷ = softmax(W2 tanh(W1 x + b1) + b2), W1 ∈ R^(6×n)"
    model = GradiensClassifier(text, epochs=40, lr=0.02).fit(x, y)
    assert model.score(x, y) > 0.93
    titles = dict(equations_of(model.fitted_))
    assert "softmax(W₂" in titles["model"].unicode() and titles["model"].check().ok


def test_pipelines_searches_and_cross_validation():
    x, y = load_breast_cancer(return_X_y=True)
    x = x[:200, :4]
    y = y[:200]
    quick = GradiensClassifier("linear", epochs=20, lr=0.05)
    pipe = make_pipeline(PolynomialFeatures(2, include_bias=False), quick)
    assert cross_val_score(pipe, x, y, cv=3).mean() > 0.85
    search = GridSearchCV(quick, {"lr": [1e-6, 0.1]}, cv=2, scoring="neg_log_loss").fit(x, y)
    assert search.best_params_ == {"lr": 0.1}
    assert clone(search.best_estimator_).get_params() == search.best_estimator_.get_params()


def test_equal_seeds_give_equal_results_and_a_pickle_predicts_the_same():
    x, y = load_diabetes(return_X_y=True)
    first, again, other = (GradiensRegressor(hidden=(8,), epochs=5, seed=s).fit(x, y) for s in (3, 3, 4))
    np.testing.assert_array_equal(first.predict(x), again.predict(x))
    assert np.abs(first.predict(x) - other.predict(x)).max() > 1e-3
    thawed = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(thawed.predict(x), first.predict(x))
    assert thawed.fitted_.history == first.fitted_.history and thawed.get_params() == first.get_params()


def test_a_validation_fraction_stops_early_and_keeps_the_best_weights():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 5)), rng.normal(size=200)  # nothing to learn
    model = GradiensRegressor(hidden=(64,), lr=0.02, epochs=200, validation_fraction=0.25, patience=5).fit(x, y)
    summary = model.fitted_.summary
    assert summary["card"]["parts"] == {"train": 150, "val": 50, "test": 0}
    assert summary["epochs"] < 40 and summary["stopped"] == "no better validation loss for 5 epochs"
    losses = [row["val_loss"] for row in model.fitted_.history]
    assert summary["best_step"] == model.fitted_.history[int(np.argmin(losses))]["step"] < summary["steps"]


def test_without_one_all_rows_train_and_the_last_weights_are_kept():
    x, y = load_diabetes(return_X_y=True)
    model = GradiensRegressor(hidden=(4,), epochs=3, batch=100).fit(x, y)
    summary = model.fitted_.summary
    assert summary["card"]["parts"] == {"train": 442, "val": 0, "test": 0}
    assert summary["best_step"] == summary["steps"] == 15
    assert "val_loss" not in model.fitted_.history[-1]


def test_frames_give_names_and_names_are_checked():
    frame = pd.DataFrame({"a": np.linspace(0, 1, 40), "b": np.linspace(1, 0, 40) ** 2})
    model = GradiensRegressor("linear", epochs=2).fit(frame, frame["a"])
    assert model.feature_names_in_.tolist() == ["a", "b"]
    assert model.fitted_.preprocessing.feature_names == ("a", "b")
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["b", "a"]])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"model": "mpl"}, "did you mean 'mlp'"),
        ({"model": "ŷ = softmax(W x"}, "expected"),
        ({"optimizer": "adm"}, "did you mean 'adam'"),
        ({"lr": -1.0}, "lr between"),
        ({"validation_fraction": 1.5}, "val to be less than 1"),
        ({"hidden": (0,)}, "width at least 1"),
        ({"knobs": {"bete": 0.5}}, "did you mean 'beta'"),
    ],
)
def test_bad_parameters_are_one_clear_line_at_fit(options, says):
    with pytest.raises(Mistake, match=says):
        GradiensClassifier(**options).fit(np.eye(4), [0, 1, 0, 1])


def test_bad_data_are_one_clear_line():
    from scipy.sparse import csr_matrix

    with pytest.raises(Mistake, match="at least two classes in y, got one class, 1"):
        GradiensClassifier().fit(np.eye(3), [1, 1, 1])
    with pytest.raises(TypeError, match="Sparse data was passed"):
        GradiensRegressor().fit(csr_matrix(np.eye(3)), [1, 2, 3])
    with pytest.raises(ValueError, match="continuous"):
        GradiensClassifier().fit(np.eye(3), [0.1, 0.2, 0.3])


def test_the_linear_autoencoder_reconstructs_as_principal_components_do():
    x = StandardScaler().fit_transform(load_iris().data)
    ours = Autoencoder(2, activation="identity", lr=0.05, epochs=3000, batch=150, schedule="cosine", x64=True).fit(x)
    pca = PCA(2).fit(x)
    best = np.mean((pca.inverse_transform(pca.transform(x)) - x) ** 2)
    assert ours.error_ == pytest.approx(best, rel=1e-5)
    np.testing.assert_allclose(
        ours.inverse_transform(ours.transform(x)), pca.inverse_transform(pca.transform(x)), atol=1e-3
    )
    assert ours.score(x) == -ours.error_


def test_codes_feed_a_pipeline_and_rows_come_back_in_their_units():
    x, y = load_iris(return_X_y=True)
    x = 100 + 5 * x
    coder = Autoencoder(2, hidden=(8,), lr=0.01, epochs=200)
    assert make_pipeline(coder, LogisticRegression()).fit(x, y).score(x, y) > 0.85
    coder.fit(x)
    back = coder.inverse_transform(coder.transform(x))
    assert np.abs(back - x).mean() < 0.4 * x.std(axis=0).mean()
    thawed = pickle.loads(pickle.dumps(coder))
    np.testing.assert_array_equal(thawed.transform(x), coder.transform(x))
    assert coder.get_feature_names_out().tolist() == ["autoencoder0", "autoencoder1"]


def test_what_is_wrong_with_a_code_is_one_clear_line():
    x = load_iris().data
    with pytest.raises(Mistake, match="a code of at least one number, got 0"):
        Autoencoder(0).fit(x)
    coder = Autoencoder(epochs=1).fit(x)
    with pytest.raises(Mistake, match=r"codes of 2 numbers, got shape \(1, 3\)"):
        coder.inverse_transform([[1.0, 2.0, 3.0]])
