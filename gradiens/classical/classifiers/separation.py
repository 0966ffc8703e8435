"""Separation: whether a softmax (or logistic) regression without penalty has a best fit at all.

For weights W and the margins m_ik = (w_{y_i} - w_k)'x̃_i, k ≠ y_i, x̃ = (1, x), the data are

* completely separated when some W has every m_ik > 0: the likelihood tends to 1 along tW, t → ∞;
* quasi-separated when some W has every m_ik ≥ 0, not all 0: along tW the loss falls for ever to an infimum above 0;
* overlapping otherwise: the best fit exists.

One linear program decides (Konis 2007): maximise Σ s_ik subject to m_ik ≥ s_ik, 0 ≤ s_ik ≤ 1. At its optimum s_ik = 1
for every margin that can be made positive and s_ik = 0 for the others, and W is the direction: a certificate.

Book: 3.1, 3.3.  Source: Albert & Anderson (1984); Konis (2007), for two classes.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Bool, Float, Int

from gradiens.core.check import Failure, Mistake

PROGRAM = 2e6  # entries (N K)(K D) of the linear program up to which separation is decided exactly


@dataclasses.dataclass(frozen=True)
class Separation:
    """`kind` is "none", "quasi" or "complete"; W (D+1, K), intercepts in row 0, has margins ≥ 1 where separated, ≥ 0
    elsewhere."""

    kind: str
    w: Float[np.ndarray, "D1 K"]
    separated: Bool[np.ndarray, "N K"]


def margins(
    w: Float[np.ndarray, "D1 K"], x: Float[np.ndarray, "N D"], y: Int[np.ndarray, "N"]
) -> Float[np.ndarray, "N K"]:
    """m_ik = (w_{y_i} - w_k)'x̃_i; 0 at k = y_i."""
    scores = w[0] + np.asarray(x, np.float64) @ w[1:]
    return np.take_along_axis(scores, np.asarray(y)[:, None], axis=1) - scores


def separation(x: Float[np.ndarray, "N D"], y: Int[np.ndarray, "N"], classes: int) -> Separation:
    """Decide between none, quasi and complete separation by the linear program; the cost grows with (N K D)².

    Book: 3.1, 3.3.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    x, y = np.asarray(x, np.float64), np.asarray(y)
    if classes < 2 or x.ndim != 2 or len(x) != len(y):
        raise Mistake("x (N, D), y (N,) and at least two classes", f"x {x.shape}, y {y.shape}, {classes} classes")
    ones = np.hstack([np.ones((len(x), 1)), x])
    i, k = np.nonzero(np.arange(classes) != y[:, None])
    m = np.zeros((len(i), classes, ones.shape[1]))  # row (i, k) maps vec(W') to the margin m_ik
    np.put_along_axis(m, k[:, None, None], -ones[i][:, None, :], axis=1)
    np.put_along_axis(m, y[i][:, None, None], ones[i][:, None, :], axis=1)
    rows = csr_array(m.reshape(len(i), -1))
    free = m[0].size
    cost = np.concatenate([np.zeros(free), -np.ones(len(i))])
    bounds = [(None, None)] * free + [(0.0, 1.0)] * len(i)
    found = linprog(cost, A_ub=hstack([-rows, eye_array(len(i))]), b_ub=np.zeros(len(i)), bounds=bounds, method="highs")
    solution = found.x
    if solution is None:
        raise Failure(f"the linear program for separation was not solved: {found.message}", "scale the columns of x")
    separated = np.zeros((len(x), classes), bool)
    separated[i, k] = solution[free:] > 0.5
    kind = "complete" if separated[i, k].all() else "quasi" if separated.any() else "none"
    return Separation(kind, solution[:free].reshape(classes, -1).T, separated)


def how_separated(w: Float[np.ndarray, "D1 K"], x: Float[np.ndarray, "N D"], y: Int[np.ndarray, "N"]) -> str:
    """ "no", "quasi", "complete", or "unknown" where the linear program would be too large: what is known after a fit
    without penalty has ended at W, by the margins of W where they are a certificate."""
    others = np.arange(w.shape[1]) != np.asarray(y)[:, None]
    if margins(w, x, y)[others].min() > 0:
        return "complete"
    if len(y) * w.shape[1] * w.size > PROGRAM:
        return "unknown"
    kind = separation(x, y, w.shape[1]).kind
    return "no" if kind == "none" else kind


def in_words(separated: str) -> str:
    """What to call classes that are separated so."""
    return {"quasi": "quasi-separated", "complete": "completely separated"}[separated]
