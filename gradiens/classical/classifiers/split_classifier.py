"""The split classifier: a random hyperplane through the mean, and a least-squares classifier of its own on either side.

    side(x) = sign (x - m)·v,   v ~ N(0, I)
    ŷ = argmax_k w_k·x + b_k   with the weights of the side of x

The simplest tree of linear classifiers: twice the weights, and scores that are linear on each half of the space only. The
split looks at no label.

Book: 2.8.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Bool, Float, Int

from gradiens.classical.classifiers.linear_classifier import largest
from gradiens.classical.linear.least_squares import LinearFit, fit_linear
from gradiens.core.check import Failure, Mistake


@dataclasses.dataclass(frozen=True)
class SplitClassifier:
    """A point m of the hyperplane, its normal v, and the K scores of the side behind and of the side before it."""

    mean: Float[np.ndarray, "D"]
    normal: Float[np.ndarray, "D"]
    sides: tuple[LinearFit, LinearFit]

    def before(self, x: Float[np.ndarray, "N D"]) -> Bool[np.ndarray, "N"]:
        """Whether (x - m)·v > 0, for each row."""
        return np.asarray(x) @ self.normal > self.mean @ self.normal

    def scores(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N K"]:
        """The K scores of each row by the fit of its side."""
        x = np.asarray(x)
        before, out = self.before(x), np.empty((len(x), len(self.sides[0].b)))
        for rows, side in zip((~before, before), self.sides, strict=True):
            out[rows] = side.predict(x[rows])
        return out

    def predict(self, x: Float[np.ndarray, "N D"]) -> Int[np.ndarray, "N"]:
        """The class of each row: the largest score of its side."""
        return largest(self.scores(x))


def fit_split_classifier(
    x: Float[np.ndarray, "N D"], y: Int[np.ndarray, "N"], classes: int, normal: Float[np.ndarray, "D"]
) -> SplitClassifier:
    """Split the rows by the hyperplane through their mean with this normal, and fit one-vs-rest with targets ±1 to each
    side. A class without rows on a side has score -1 there.

    Book: 2.8.

    Raises `Mistake` for bad shapes or class codes outside 0 … K-1, `Failure` where all rows lie on one side.
    """
    x, y, normal = np.asarray(x), np.asarray(y), np.asarray(normal, np.float64)
    if x.ndim != 2 or y.shape != (len(x),) or normal.shape != x.shape[1:]:
        raise Mistake("x (N, D), y (N,) and a normal (D,)", f"x {x.shape}, y {y.shape}, normal {normal.shape}")
    if len(y) and (y.min() < 0 or y.max() >= classes):
        raise Mistake(f"class codes 0 … {classes - 1}", f"{y.min()} … {y.max()}")
    mean = x.mean(0, dtype=np.float64)
    before = x @ normal > mean @ normal
    if before.all() or not before.any():
        raise Failure("the hyperplane has all rows on one side", "take a normal along which the rows differ")
    targets = np.where(y[:, None] == np.arange(classes), 1.0, -1.0)
    behind, ahead = (fit_linear(x[rows], targets[rows]) for rows in (~before, before))
    return SplitClassifier(mean, normal, (behind, ahead))
