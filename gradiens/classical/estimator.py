"""One interface over all methods: parameters first, then fit, then predict, transform and score.

    fitted = estimator(fit_kmeans, k=3).fit(x)          a method x ↦ fit, unsupervised
    fitted = estimator(fit_linear, l2=0.1).fit(x, y)    a method (x, y) ↦ fit, supervised
    fitted.predict(x), fitted.transform(x), fitted.score(x, y)

An estimator knows no data: it is a function and a dictionary of parameters, checked against the function's signature. It
is never changed: `with_` makes another, and fitting makes a `Fitted`, which holds the fit and does not change either. A
fit is a pure function of parameters, data and seed.

Book: 2.1.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradiens.core.check import Mistake, known
from gradiens.functions.metrics import accuracy, r2

GIVEN = ("x", "y", "seed")  # what comes with the data


@dataclasses.dataclass(frozen=True)
class Estimator:
    """A method and its parameters, before any data. `estimator` makes one."""

    method: Callable[..., Any]
    parameters: Mapping[str, Any]

    @property
    def supervised(self) -> bool:
        """Whether the method learns from targets y."""
        return "y" in inspect.signature(self.method).parameters

    def with_(self, **changes: Any) -> Estimator:
        """Another estimator, with some parameters changed; without changes an equal one."""
        return estimator(self.method, **{**self.parameters, **changes})

    def fit(self, x: Any, y: Any = None, seed: int = 0) -> Fitted:
        """Learn from rows x, and targets y where the method is supervised.

        Raises `Mistake` where y is missing, or given to a method that takes none, and whatever the method raises.
        """
        if self.supervised != (y is not None):
            raise Mistake(
                "targets y" if self.supervised else "no targets: the method is unsupervised", type(y).__name__
            )
        data = (x, y) if self.supervised else (x,)
        chance = {"seed": seed} if "seed" in inspect.signature(self.method).parameters else {}
        return Fitted(self, self.method(*data, **self.parameters, **chance))


@dataclasses.dataclass(frozen=True)
class Fitted:
    """An estimator and what it has learned, `model`."""

    estimator: Estimator
    model: Any

    def learned(self) -> dict[str, Any]:
        """The fitted numbers by name."""
        return {field.name: getattr(self.model, field.name) for field in dataclasses.fields(self.model)}

    def predict(self, x: Any) -> np.ndarray:
        """What the method says of each row: a number, a class, a cluster, a reconstruction, a log-density."""
        return self._ask("predict", x)

    def transform(self, x: Any) -> np.ndarray:
        """Other numbers for each row: scores, distances."""
        return self._ask("transform", x)

    def score(self, x: Any, y: Any = None) -> float:
        """How good it is on these rows, larger is better: R² of numbers, the accuracy of classes, the method's own."""
        if not self.estimator.supervised:
            return float(self._ask("score", x))
        if y is None:
            raise Mistake("targets y", "none", "the score of a supervised method compares with them")
        predicted = self.predict(x)
        return accuracy(y, predicted) if predicted.dtype.kind in "iub" else r2(y, predicted)

    def _ask(self, what: str, x: Any) -> Any:
        method = getattr(self.model, what, None)
        if method is None:
            can = [name for name in ("predict", "transform", "score") if hasattr(self.model, name)]
            raise Mistake(f"a method that can {what}", type(self.model).__name__, f"it can {', '.join(can)}")
        return method(x)


def estimator(method: Callable[..., Any], **parameters: Any) -> Estimator:
    """The estimator of a method `fit_…(x)` or `fit_…(x, y)` with some of its parameters.

    Book: 2.1.

    Raises `Mistake` for a parameter that the method does not have, or one without a default that is missing.
    """
    declared = {name: p for name, p in inspect.signature(method).parameters.items() if name not in GIVEN}
    for name in parameters:
        known(f"parameter of {method.__name__}", name, declared)
    missing = [name for name, p in declared.items() if p.default is p.empty and name not in parameters]
    if missing:
        raise Mistake(f"a value for {missing[0]}", "none", f"{method.__name__} has no default for it")
    return Estimator(method, dict(parameters))


@dataclasses.dataclass(frozen=True)
class Pipeline:
    """Estimators in a row: each but the last transforms what the next one gets, on new rows as on those of the fit.

    Book: 2.1.
    """

    steps: tuple[Estimator, ...]

    def fit(self, x: Any, y: Any = None, seed: int = 0) -> FittedPipeline:
        """Fit each step to what the steps before it make of x."""
        fitted = []
        for step in self.steps:
            fitted.append(step.fit(x, y if step.supervised else None, seed))
            x = fitted[-1].transform(x) if len(fitted) < len(self.steps) else x
        return FittedPipeline(tuple(fitted))


@dataclasses.dataclass(frozen=True)
class FittedPipeline:
    """The fitted steps of a pipeline."""

    steps: tuple[Fitted, ...]

    def before_last(self, x: Any) -> Any:
        """What the last step gets."""
        for step in self.steps[:-1]:
            x = step.transform(x)
        return x

    def predict(self, x: Any) -> np.ndarray:
        """The last step's."""
        return self.steps[-1].predict(self.before_last(x))

    def transform(self, x: Any) -> np.ndarray:
        """The last step's."""
        return self.steps[-1].transform(self.before_last(x))

    def score(self, x: Any, y: Any = None) -> float:
        """The last step's."""
        return self.steps[-1].score(self.before_last(x), y)
