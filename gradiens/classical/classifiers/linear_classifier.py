"""From two classes to K: one-vs-rest and one-vs-one, over any method that fits a score to targets ±1.

    one-vs-rest:  K scores, class k against the others;           ŷ = argmax_k s_k
    one-vs-one:   K(K-1)/2 scores, class a (+1) against b (-1);    ŷ = the class with most votes, ties to the lowest

With least squares as the method these are the linear classifiers: one-vs-rest scores then sum to 2 - K, since the
targets do.

Book: 2.8, 3.3.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, Protocol

import numpy as np
from jaxtyping import Float, Int

from gradiens.classical.linear.least_squares import LinearFit, fit_linear
from gradiens.core.check import Mistake, known


class Scorer(Protocol):
    """A fitted model of two classes: positive for the one, negative for the other."""

    def predict(self, x: Any) -> np.ndarray:
        """One score a row."""
        ...


TwoClassFit = Callable[[np.ndarray, np.ndarray], Scorer]  # (x, targets ±1) -> Scorer


def pairs(classes: int) -> list[tuple[int, int]]:
    """The pairs a < b of one-vs-one, in order."""
    return list(combinations(range(classes), 2))


def largest(scores: Float[np.ndarray, "N K"]) -> Int[np.ndarray, "N"]:
    """The class with the largest one-vs-rest score."""
    return np.argmax(scores, axis=1)


def majority(scores: Float[np.ndarray, "N P"], classes: int) -> Int[np.ndarray, "N"]:
    """The class with most votes: of pair (a, b) a positive score votes for a, any other for b; ties to the lowest
    class."""
    first = np.asarray(scores) > 0
    votes = np.zeros((len(first), classes), np.int64)
    for column, (a, b) in enumerate(pairs(classes)):
        votes[:, a] += first[:, column]
        votes[:, b] += ~first[:, column]
    return np.argmax(votes, axis=1)


@dataclasses.dataclass(frozen=True)
class OneVsRest:
    """K fitted scorers, class k against the rest. `fit` makes one; the default method is least squares.

    Book: 2.8, 3.3.
    """

    scorers: Sequence[Scorer]

    @classmethod
    def fit(cls, x: np.ndarray, y: np.ndarray, classes: int, method: TwoClassFit = fit_linear) -> OneVsRest:
        """Fit `method` to the targets +1 (class k) and -1 (every other), for each k."""
        x, y = _checked(x, y, classes)
        return cls([method(x, np.where(y == k, 1.0, -1.0)) for k in range(classes)])

    def scores(self, x: np.ndarray) -> Float[np.ndarray, "N K"]:
        """The K scores of each row."""
        return np.stack([scorer.predict(x) for scorer in self.scorers], axis=1)

    def predict(self, x: np.ndarray) -> Int[np.ndarray, "N"]:
        """The class of each row."""
        return largest(self.scores(x))


@dataclasses.dataclass(frozen=True)
class OneVsOne:
    """K(K-1)/2 fitted scorers, class a against class b on their rows alone. `fit` makes one; least squares by default.

    Book: 2.8, 3.3.
    """

    scorers: Sequence[Scorer]
    classes: int

    @classmethod
    def fit(cls, x: np.ndarray, y: np.ndarray, classes: int, method: TwoClassFit = fit_linear) -> OneVsOne:
        """Fit `method` to +1 (class a) and -1 (class b) on the rows of the two, for each pair a < b."""
        x, y = _checked(x, y, classes)
        rows = [(y == a, y == b) for a, b in pairs(classes)]
        return cls([method(x[a | b], np.where(a[a | b], 1.0, -1.0)) for a, b in rows], classes)

    def scores(self, x: np.ndarray) -> Float[np.ndarray, "N P"]:
        """The scores of each row, a column for each of `pairs(K)`."""
        return np.stack([scorer.predict(x) for scorer in self.scorers], axis=1)

    def predict(self, x: np.ndarray) -> Int[np.ndarray, "N"]:
        """The class of each row."""
        return majority(self.scores(x), self.classes)


def fit_linear_classifier(
    x: np.ndarray, y: np.ndarray, classes: int, scheme: str = "one-vs-rest"
) -> OneVsRest | OneVsOne:
    """The least-squares classifier with targets ±1, by "one-vs-rest" or "one-vs-one".

    Book: 2.8, 3.3.

    Raises `Mistake` for an unknown scheme, a class code outside 0 … K-1, or a class without rows.
    """
    if known("scheme", scheme, ("one-vs-rest", "one-vs-one")) == "one-vs-one":
        return OneVsOne.fit(x, y, classes)
    x, y = _checked(x, y, classes)
    both = fit_linear(x, np.where(y[:, None] == np.arange(classes), 1.0, -1.0))  # one decomposition for all classes
    return OneVsRest([LinearFit(both.w[:, k], both.b[k], both.rank) for k in range(classes)])


def _checked(x: np.ndarray, y: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(x), np.asarray(y)
    absent = [k for k in range(classes) if not np.any(y == k)]
    if absent or len(x) != len(y) or y.min() < 0 or y.max() >= classes:
        got = f"none of class {absent[0]}" if absent else f"codes {y.min()} … {y.max()} for {len(x)} rows"
        raise Mistake(f"class codes 0 … {classes - 1}, one for each row and each present", got)
    return x, y
