"""scikit-learn estimators: a model by its name or by its equation, in pipelines, searches and cross-validation.

    GradiensClassifier("ŷ = softmax(W2 tanh(W1 x + b1) + b2), W1 ∈ R^(16×n)", epochs=200).fit(X, y)

All rows given to `fit` are for training; `validation_fraction` sets some apart to stop early. Every column is standardised
by the training rows, inside the estimator. Equal seeds give equal results, and a second fit of the same form compiles nothing.
"""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import numpy as np
from jaxtyping import Float
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    ClassNamePrefixFeaturesOutMixin,
    RegressorMixin,
    TransformerMixin,
)
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from gradiens.core.check import Mistake, known
from gradiens.core.module import named_leaves
from gradiens.core.tensors import fill
from gradiens.data.matrix_input import MatrixPreprocessing
from gradiens.data.prepare import prepare_matrix
from gradiens.data.target import Target
from gradiens.nn.autoencoders import autoencoder as network
from gradiens.train.autoencoding import codes_of, drawn_from, fit_autoencoder
from gradiens.train.equation_text import text_of
from gradiens.train.evaluate import outputs
from gradiens.train.fit import run_spec
from gradiens.train.fitted import Fitted
from gradiens.train.network import link
from gradiens.train.spec import Spec, make_spec

MODELS = ("mlp", "linear")


class _Gradiens(BaseEstimator):
    """What classifier and regressor share: the parameters, the spec made of them, and one training run."""

    fitted_: Fitted
    n_features_in_: int
    _own: ClassVar[tuple[str, ...]] = (
        "model",
        "validation_fraction",
        "verbose",
    )  # parameters that are no fields of Spec

    def __init__(
        self,
        model: str = "mlp",
        *,
        hidden: int | tuple[int, ...] = (128, 64),
        activation: str = "relu",
        loss: str = "auto",
        optimizer: str = "adam",
        lr: float | None = None,
        knobs: dict[str, float] | None = None,
        schedule: str = "constant",
        clip: float = 0.0,
        epochs: int | None = None,
        batch: int = 64,
        validation_fraction: float = 0.0,
        patience: int = 10,
        seed: int = 0,
        x64: bool = False,
        verbose: bool = False,
    ):
        self.model = model
        self.hidden = hidden
        self.activation = activation
        self.loss = loss
        self.optimizer = optimizer
        self.lr = lr
        self.knobs = knobs
        self.schedule = schedule
        self.clip = clip
        self.epochs = epochs
        self.batch = batch
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.seed = seed
        self.x64 = x64
        self.verbose = verbose

    def _spec(self, target: str) -> Spec:
        """The parameters as `gradiens.fit` takes them."""
        given = {name: value for name, value in self.get_params(deep=False).items() if name not in self._own}
        given |= {
            "knobs": self.knobs or {},
            "hidden": _widths(self.hidden),
            "val": self.validation_fraction,
            "test": 0.0,
        }
        text = text_of(str(self.model))
        if "=" in text:
            own = {name: Spec.model_fields[name].default for name in ("hidden", "activation")}
            given |= {**own, "equation": text}  # the equation says the layers
        elif known("model", text, MODELS, see=f"models: {', '.join(MODELS)}, or an equation ŷ = …") == "linear":
            given["hidden"] = ()
        return make_spec(data="matrix", target=target, **given)

    def _fit(self, x: np.ndarray, y: np.ndarray, target: Target) -> None:
        if self.validation_fraction and len(x) < 2:
            raise Mistake("rows to set apart and rows to train on", "1 sample", "add rows, or validation_fraction=0")
        spec = self._spec(target.name)
        names = tuple(map(str, getattr(self, "feature_names_in_", ())))
        prepared = prepare_matrix(x, y, target, names, spec.seed, spec.val)
        self.fitted_ = run_spec(spec, None, prepared, quiet=not self.verbose)

    def _outputs(self, x: Any) -> np.ndarray:
        """Predictions in double precision, whatever the weights were trained in."""
        check_is_fitted(self, "fitted_")
        x = validate_data(self, x, dtype=np.float64, reset=False)
        fitted = self.fitted_
        stored = fitted.preprocessing.encode(x).x
        with jax.enable_x64(True):
            model = jax.tree.map(_double, fitted.model)
            return outputs(fitted.preprocessing.features, link(fitted.task), model, stored)


def _widths(hidden: Any) -> tuple[int, ...]:
    return (int(hidden),) if isinstance(hidden, int | np.integer) else tuple(hidden)


def _double(leaf: Any) -> Any:
    floating = hasattr(leaf, "dtype") and np.issubdtype(leaf.dtype, np.floating)
    return np.asarray(leaf, np.float64) if floating else leaf


class GradiensClassifier(ClassifierMixin, _Gradiens):
    """A network, linear model or written model for two or more classes, trained by `gradiens.fit`'s one loop.

    Parameters
    ----------
    model : "mlp" (layers of the widths `hidden`), "linear", an equation ("ŷ = softmax(W x + b)") or the name of a file of
        equations (.eq).
    hidden, activation : widths and activation of the hidden layers of "mlp".
    loss, optimizer, lr, knobs, schedule, clip : as `gradiens fit` takes them; lr=None is the optimizer's default.
    epochs : passes over the rows; None: as the number of rows asks for. batch : rows of a step.
    validation_fraction : share of the rows set apart; with it training stops after `patience` epochs without a better
        validation loss and the best weights are kept. 0: all rows train, the last weights are kept.
    seed : the root of all randomness. x64 : train in double precision. verbose : show progress.

    Attributes
    ----------
    classes_ : the classes, sorted. n_features_in_, feature_names_in_ : of the columns seen in `fit`.
    fitted_ : the `Fitted` model: weights, spec, history, and what `gradiens.write_report` and `equations_of` read.
    """

    def fit(self, X: Any, y: Any) -> GradiensClassifier:
        """Train on X (N, D) of numbers and y (N,) of labels; a `Mistake`, which is a ValueError, for bad input."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise Mistake("at least two classes in y", f"one class, {self.classes_[0]}", "add rows of another class")
        task = "binary" if len(self.classes_) == 2 else "classes"
        self._fit(X, codes, Target("y", task, tuple(map(str, self.classes_.tolist()))))
        return self

    def predict_proba(self, X: Any) -> Float[np.ndarray, "N K"]:
        """The probability of each class, in the order of `classes_`."""
        p = self._outputs(X)
        return np.stack([1 - p, p], axis=1) if p.ndim == 1 else p

    def predict(self, X: Any) -> np.ndarray:
        """The most probable class of each row."""
        label = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[label]


class GradiensRegressor(RegressorMixin, _Gradiens):
    """A network, linear model or written model for a number, trained by `gradiens.fit`'s one loop.

    The target is standardised by the training rows and predicted in its own unit. Parameters and attributes are those of
    `GradiensClassifier`, without classes: n_features_in_, feature_names_in_, fitted_.
    """

    def fit(self, X: Any, y: Any) -> GradiensRegressor:
        """Train on X (N, D) and y (N,) of numbers; a `Mistake`, which is a ValueError, for bad input."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        self._fit(X, y, Target("y", "number"))
        return self

    def predict(self, X: Any) -> Float[np.ndarray, " N"]:
        """The predicted number of each row."""
        predicted = self._outputs(X)
        return np.asarray(self.fitted_.preprocessing.decode_target(predicted))


class Autoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """An autoencoder as a transformer: `transform` gives the codes, `inverse_transform` draws rows from codes.

    Parameters
    ----------
    code : numbers in the code of a row. hidden : widths of the layers before it; after it they come in turn.
    activation : of the hidden layers and of the code; "identity" everywhere gives the span of the principal components.
    optimizer, lr, knobs, schedule, clip, epochs, batch, seed, x64, verbose : as for `GradiensClassifier`.

    Attributes
    ----------
    n_features_in_, feature_names_in_ : of the columns seen in `fit`, which are standardised inside.
    weights_ : the arrays of the network by name. error_ : mean squared error of the rows, in standard deviations.
    """

    def __init__(
        self,
        code: int = 2,
        *,
        hidden: int | tuple[int, ...] = (),
        activation: str = "tanh",
        optimizer: str = "adam",
        lr: float | None = None,
        knobs: dict[str, float] | None = None,
        schedule: str = "constant",
        clip: float = 0.0,
        epochs: int | None = None,
        batch: int = 64,
        seed: int = 0,
        x64: bool = False,
        verbose: bool = False,
    ):
        self.code = code
        self.hidden = hidden
        self.activation = activation
        self.optimizer = optimizer
        self.lr = lr
        self.knobs = knobs
        self.schedule = schedule
        self.clip = clip
        self.epochs = epochs
        self.batch = batch
        self.seed = seed
        self.x64 = x64
        self.verbose = verbose

    def fit(self, X: Any, y: Any = None) -> Autoencoder:
        """Train on the rows of X (N, D); a `Mistake`, which is a ValueError, for bad input."""
        X = validate_data(self, X, dtype=np.float64)
        own = ("code", "hidden", "activation", "verbose")
        given = {name: value for name, value in self.get_params(deep=False).items() if name not in own}
        spec = make_spec(data="matrix", **{**given, "knobs": self.knobs or {}})
        if not isinstance(self.code, int | np.integer) or self.code < 1:
            raise Mistake("a code of at least one number", self.code)
        names = tuple(f"x{i + 1}" for i in range(X.shape[1]))
        self.preprocessing_ = MatrixPreprocessing.fit(X, names, Target("", "number"))
        z, hidden = self.preprocessing_.encode(X).x, _widths(self.hidden)
        self.sizes_ = (X.shape[1], *hidden, int(self.code), *hidden[::-1], X.shape[1])
        model = fit_autoencoder(z, self.sizes_, spec, self.activation, quiet=not self.verbose)
        self.weights_ = {name: np.asarray(leaf) for name, leaf in named_leaves(model).items()}
        self._n_features_out = int(self.code)
        self.error_ = -self.score(X)
        return self

    def transform(self, X: Any) -> Float[np.ndarray, "N M"]:
        """The codes of the rows."""
        check_is_fitted(self, "weights_")
        X = validate_data(self, X, dtype=np.float64, reset=False)
        with jax.enable_x64(True):
            return codes_of(self._model(), self.preprocessing_.encode(X).x)

    def inverse_transform(self, X: Float[np.ndarray, "N M"]) -> Float[np.ndarray, "N D"]:
        """The rows that the codes X (N, M) are drawn as, in the units of the columns."""
        check_is_fitted(self, "weights_")
        codes = check_array(X, dtype="float64")
        if codes.shape[1] != self._n_features_out:
            raise Mistake(f"codes of {self._n_features_out} numbers", f"shape {codes.shape}")
        with jax.enable_x64(True):
            z = drawn_from(self._model(), codes)
        return z * np.asarray(self.preprocessing_.std) + np.asarray(self.preprocessing_.mean)

    def score(self, X: Any, y: Any = None) -> float:
        """Minus the mean squared error of the reconstruction, in standard deviations: higher is better."""
        X = validate_data(self, X, dtype=np.float64, reset=False)
        encode = self.preprocessing_.encode
        return -float(np.mean((encode(self.inverse_transform(self.transform(X))).x - encode(X).x) ** 2))

    def _model(self) -> network.Autoencoder:
        """The network in double precision."""
        template = jax.eval_shape(lambda: network.Autoencoder.make(self.sizes_, jax.random.key(0), self.activation))
        return fill(template, {name: leaf.astype(np.float64) for name, leaf in self.weights_.items()})
