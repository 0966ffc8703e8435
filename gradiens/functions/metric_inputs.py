"""What the metrics are given: class codes, probabilities, numbers and weights, checked once and in double precision."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake

Codes = Int[np.ndarray, " N"]
Numbers = Float[np.ndarray, "N ..."]
Weights = ArrayLike | None
ROUNDING = 1e-6  # by which a probability may lie outside [0, 1]


def numbers(a: ArrayLike) -> Numbers:
    """As double precision."""
    return np.asarray(a, np.float64)


def codes(y: ArrayLike) -> Codes:
    """Class codes of one or more rows. Raises `Mistake` for anything else, NaN and names among it."""
    y = np.asarray(y)
    if y.ndim != 1 or not len(y):
        raise Mistake("class codes of one or more rows", f"an array of shape {y.shape}", "probabilities come second")
    if y.dtype.kind not in "biuf":
        raise Mistake("class codes 0, 1, …", f"{y[0]!r}", "np.unique(y, return_inverse=True) makes codes of names")
    odd = y[~np.isfinite(y) | (y != np.floor(y))] if y.dtype.kind == "f" else y[:0]
    if len(odd):
        raise Mistake("whole class codes", f"{odd[0]:g}", "decide by a threshold or the largest first")
    if y.min() < 0:
        raise Mistake("class codes of at least 0", y.min())
    return y.astype(np.int64)


def both(y: ArrayLike, y_hat: ArrayLike) -> tuple[Codes, Codes]:
    """True and predicted codes of the same rows. Raises `Mistake` when their numbers differ."""
    y, y_hat = codes(y), codes(y_hat)
    if y.shape != y_hat.shape:
        raise Mistake(f"one predicted code for each of {len(y)} rows", len(y_hat))
    return y, y_hat


def with_chances(y: ArrayLike, p: ArrayLike) -> tuple[Codes, Float[np.ndarray, "N ..."]]:
    """Codes and scores, (N,) of class 1 or (N, K). Raises `Mistake` when rows or classes do not fit."""
    y, p = codes(y), numbers(p)
    if p.ndim not in (1, 2) or len(p) != len(y):
        raise Mistake(f"one row of probabilities for each of {len(y)} rows", f"shape {p.shape}")
    most = p.shape[1] if p.ndim == 2 else 2
    if y.max() >= most:
        raise Mistake(f"class codes 0 … {most - 1}", y.max(), "give a column of probabilities for every class")
    return y, p


def with_probabilities(y: ArrayLike, p: ArrayLike) -> tuple[Codes, Float[np.ndarray, "N ..."]]:
    """Codes and probabilities. Raises `Mistake` for numbers outside [0, 1], by more than rounding; NaN is let through."""
    y, p = with_chances(y, p)
    if np.any(np.abs(p - 0.5) > 0.5 + ROUNDING) or (p.ndim == 2 and np.any(p.sum(1) <= 0)):
        got = f"{np.nanmin(p):g} … {np.nanmax(p):g}"
        raise Mistake("probabilities from 0 to 1, some of each row positive", got, "take softmax of logits")
    return y, p


def columns(p: Float[np.ndarray, "N ..."]) -> Float[np.ndarray, "N K"]:
    """Probabilities with one column a class."""
    return np.stack([1 - p, p], axis=1) if p.ndim == 1 else p


def weighed(weights: Weights, n: int) -> Float[np.ndarray, " N"]:
    """The weights of n rows, 1 by default. Raises `Mistake` when one is negative or NaN, or all are 0."""
    w = np.ones(n) if weights is None else numbers(weights)
    if w.shape != (n,) or not (np.isfinite(w).all() and w.min() >= 0 < w.sum()):
        raise Mistake(f"{n} weights of at least 0, not all 0", f"shape {w.shape}, least {w.min(initial=0):g}")
    return w


def row_mean(terms: np.ndarray, weights: Weights) -> float:
    """The mean over the rows, by weight, and over whatever a row holds."""
    return float(np.mean(terms if weights is None else weighed(weights, len(terms)) @ terms / np.sum(weights)))
