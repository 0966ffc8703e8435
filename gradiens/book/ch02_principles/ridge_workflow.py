"""Ridge regression on the diabetes data: a penalty is chosen by validation, and the chosen model is tested once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gradiens.classical.features.standardised import Standardised
from gradiens.classical.linear.least_squares import LinearFit, fit_linear
from gradiens.data.folds import k_fold
from gradiens.data.split import split
from gradiens.data.table import Table
from gradiens.evaluation.bootstrap import Interval, bootstrap_interval
from gradiens.evaluation.comparison import Effect, compare, compare_rows, corrected_t
from gradiens.evaluation.cross_validation import Validation, cross_validate, nested
from gradiens.evaluation.curves import Curve, learning_curve, validation_curve
from gradiens.evaluation.permutation import (
    PermutationTest,
    permutation_test,
    permutation_test_of_difference,
    permutation_test_of_fit,
)
from gradiens.evaluation.selection import choose, select
from gradiens.functions.metrics import mse

LAMBDAS = np.logspace(1.5, -3.5, 26).tolist()  # from the simplest model on
SHARES = (0.6, 0.2, 0.2)


class Ridge(NamedTuple):
    """A ridge regression in standard units. They are those of the rows that it was fitted to."""

    units: Standardised
    fit: LinearFit

    @classmethod
    def of(cls, l2: float) -> Callable[[np.ndarray, np.ndarray], Ridge]:
        """The method with penalty λ."""

        def fit(x: np.ndarray, y: np.ndarray) -> Ridge:
            units = Standardised.of(x)
            return cls(units, fit_linear(units.apply(x), y, l2))

        return fit

    def predict(self, x: np.ndarray) -> np.ndarray:
        """ŷ for each row."""
        return self.fit.predict(self.units.apply(x))


class Workflow(NamedTuple):
    """The choice of a penalty by one validation part and by folds, the test, and how sure one can be of it."""

    hold_out: float  # λ by the validation part
    hold_out_error: float  # its validation error
    best: int  # index of the λ with the least mean error over the folds
    simple: int  # the largest λ within one standard error of it
    test: Interval  # the error of the chosen model on the test rows
    against_plain: Effect  # least squares without a penalty on the same test rows
    against_mean: Effect  # the mean of y in the place of a model
    folds_against_plain: Effect  # the same comparison over folds, by the corrected t
    nested: Validation
    exchangeable: float  # p-value: are the predictions those of least squares?
    unrelated: float  # p-value: have the predictions to do with the test targets at all?
    learns: PermutationTest
    by_penalty: Curve
    by_rows: Curve

    def values(self) -> dict[str, float]:
        """The numbers by name."""
        means = self.by_penalty.test.mean(1)
        effects = {"least squares": self.against_plain, "the mean": self.against_mean}
        gains = {
            f"gain over {name}{end}": value
            for name, effect in effects.items()
            for end, value in (("", effect.difference), (", 95% from", effect.low), (", 95% to", effect.high))
        }
        return {
            "lambda by the validation part": self.hold_out, "its validation MSE": self.hold_out_error,
            "lambda by folds": LAMBDAS[self.best], "its MSE over the folds": means[self.best],
            "lambda by one standard error": LAMBDAS[self.simple], "MSE of that over the folds": means[self.simple],
            "test MSE": self.test.estimate, "test MSE, 95% from": self.test.low, "test MSE, 95% to": self.test.high,
            "nested MSE": self.nested.mean, "nested MSE, standard error": self.nested.standard_error, **gains,
            "gain over least squares by folds": self.folds_against_plain.difference,
            "gain over least squares by folds, p": self.folds_against_plain.p_value,
            "p of no difference to least squares": self.exchangeable,
            "p of no relation on the test rows": self.unrelated, "p of nothing to learn": self.learns.p_value,
        }  # fmt: skip


def rows_of(table: Table) -> tuple[Float[np.ndarray, "N D"], Float[np.ndarray, " N"]]:
    """Inputs and target as arrays."""
    return table.frame.drop(table.target).to_numpy(), table.frame[table.target].to_numpy().astype(np.float64)


def workflow(x: np.ndarray, y: np.ndarray, k: int, permutations: int, seed: int) -> Workflow:
    """Choose on training and validation rows, refit on both, test once."""
    train, val, test = split(y, "number", seed, SHARES)
    rest = np.sort(np.concatenate([train, val]))
    u, v = x[rest], y[rest]  # what is left when the test rows are locked away
    part = [(np.searchsorted(rest, train), np.searchsorted(rest, val))]
    held = select(Ridge.of, LAMBDAS, u, v, part, mse)
    folds = k_fold(len(rest), k, seed)
    by_penalty = validation_curve(Ridge.of, LAMBDAS, u, v, folds, mse)
    best, simple = (choose(by_penalty.test, rule=rule) for rule in ("best", "one-se"))
    chosen, plain = (Ridge.of(l2)(u, v).predict(x[test]) for l2 in (LAMBDAS[best], 0.0))
    squares = [(y[test] - made) ** 2 for made in (chosen, np.full(len(test), v.mean()))]
    ours, theirs = (cross_validate(Ridge.of(l2), u, v, folds, mse).scores for l2 in (LAMBDAS[best], 0.0))
    tested = len(rest) // k

    def search(x: np.ndarray, y: np.ndarray) -> object:
        return select(Ridge.of, LAMBDAS, x, y, k_fold(len(y), k, seed), mse)

    return Workflow(
        *(float(held.setting), float(held.mean[held.chosen]), best, simple),
        test=bootstrap_interval(mse, y[test], chosen, seed=seed),
        against_plain=compare(mse, y[test], chosen, plain, lower=True, seed=seed),
        against_mean=compare_rows(*squares, lower=True, seed=seed),
        folds_against_plain=corrected_t(ours, theirs, len(rest) - tested, tested, lower=True),
        nested=nested(search, u, v, folds, mse),
        exchangeable=permutation_test_of_difference(mse, y[test], chosen, plain, seed=seed, lower=True).p_value,
        unrelated=permutation_test(mse, y[test], chosen, seed=seed, lower=True).p_value,
        learns=permutation_test_of_fit(Ridge.of(LAMBDAS[best]), u, v, folds, mse, permutations=permutations,
                                       seed=seed, lower=True),
        by_penalty=by_penalty,
        by_rows=learning_curve(Ridge.of(LAMBDAS[best]), u, v, folds, mse, np.linspace(0.06, 1, 15), seed=seed),
    )  # fmt: skip
