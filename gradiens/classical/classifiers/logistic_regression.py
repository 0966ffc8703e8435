"""Logistic and softmax regression: the maximum-likelihood linear classifier, fitted to its optimum.

    p(k | x) = softmax(W'x + b)_k,    min 1/N Σ -ln p(y_i | x_i) + λ/2 ‖W‖²

With K = 2 one weight vector remains (class 0 has score 0, and p is the sigmoid); with more classes W has K columns.

Newton's method with halving of the step, H ΔW = -∇, where that is cheap; L-BFGS where the Hessian would be large.
Without penalty the optimum may not exist: see `gradiens.classical.classifiers.separation`.

Book: 3.1, 3.2, 3.3, 3.4.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from gradiens.classical.classifiers.separation import how_separated, in_words
from gradiens.classical.classifiers.softmax_lbfgs import compiled, lbfgs
from gradiens.core.check import Mistake

NEWTON = 400  # parameters up to which the Hessian is formed
SINGLE = 5e6  # entries of x above which the products run in its own float32


@dataclasses.dataclass(frozen=True)
class LogisticFit:
    """W (D, K), b (K,), the objective and the mean cross-entropy at them, and how the search ended.

    `separated` is "no", "quasi", "complete" or "unknown" (too large to decide). Where it is "quasi" or "complete" the
    estimate does not exist: the weights returned are one point on the way to infinity, and `says` tells so.
    """

    w: Float[np.ndarray, "D K"]
    b: Float[np.ndarray, "K"]
    objective: float
    cross_entropy: float
    iterations: int
    converged: bool
    separated: str
    says: str

    def scores(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N K"]:
        """W'x + b for each row."""
        x = np.asarray(x)
        return x @ self.w.astype(x.dtype) + self.b

    def predict_proba(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N K"]:
        """softmax(W'x + b) for each row."""
        return np.exp(_log_softmax(self.scores(x)))

    def predict(self, x: Float[np.ndarray, "N D"]) -> Int[np.ndarray, "N"]:
        """The most probable class of each row."""
        return np.argmax(self.scores(x), axis=1)


def fit_logistic(
    x: Float[np.ndarray, "N D"],
    y: Int[np.ndarray, "N"],
    classes: int,
    l2: float = 0.0,
    iterations: int = 100,
    tolerance: float = 1e-10,
) -> LogisticFit:
    """Fit by Newton (few parameters) or L-BFGS; stops when no entry of the gradient exceeds `tolerance`, or is lost
    in rounding.

    Book: 3.1, 3.2, 3.3, 3.4.

    `iterations` bounds L-BFGS, and Newton, which seldom needs twenty. A class without rows gets probability 0. Raises
    `Mistake` for bad shapes, class codes outside 0 … K-1, fewer than two classes present, a number not finite, or λ <
    0.
    """
    x, y, present = _checked(x, y, classes, l2)
    codes = np.searchsorted(present, y)
    problem = _Problem(x, codes, len(present), l2)
    size = problem.shape[0] * problem.shape[1]
    solve = _newton if size <= NEWTON else _lbfgs
    theta, iterations, converged = solve(problem, iterations, tolerance)
    full = np.zeros((theta.shape[0], len(present)))
    full[:, problem.pinned :] = theta
    separated = "no" if l2 > 0 else how_separated(full, x, codes)
    w, b = np.zeros((x.shape[1], classes)), np.full(classes, -np.inf)
    w[:, present], b[present] = full[1:], full[0]
    objective = problem.value(theta)[0]
    says = _says(separated, converged, iterations, l2)
    penalty = l2 / 2 * float(np.sum(theta[1:] ** 2))
    return LogisticFit(w, b, objective, objective - penalty, iterations, converged, separated, says)


class _Problem:
    """The objective over theta (D+1, C), intercepts in row 0; with two classes C = 1, the first being pinned to score
    0."""

    def __init__(self, x: np.ndarray, y: np.ndarray, classes: int, l2: float):
        single = x.dtype == np.float32 and x.size > SINGLE
        self.x = x if single else np.asarray(x, np.float64)
        self.y, self.l2 = y, l2
        self.pinned = 1 if classes == 2 else 0
        self.shape = (x.shape[1] + 1, classes - self.pinned)

    def value(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """The objective, its gradient, and the probabilities of the C columns."""
        n, rows = len(self.y), np.arange(len(self.y))
        z = (self.x @ theta[1:].astype(self.x.dtype)).astype(np.float64) + theta[0]
        log_p = _log_softmax(np.hstack([np.zeros((n, self.pinned)), z]))
        loss = -log_p[rows, self.y].mean() + self.l2 / 2 * np.sum(theta[1:] ** 2)
        p = np.exp(log_p)
        r = p.copy()
        r[rows, self.y] -= 1.0
        r = r[:, self.pinned :] / n
        g = np.vstack([r.sum(0), self.x.T @ r.astype(self.x.dtype)])
        g[1:] += self.l2 * theta[1:]
        return float(loss), g, p[:, self.pinned :]

    def hessian(self, p: np.ndarray) -> np.ndarray:
        """1/N Σ (diag(p) - pp') ⊗ x̃x̃' + λ, for theta raveled class by class."""
        (d, c), n = self.shape, len(self.y)
        x = np.hstack([np.ones((n, 1)), self.x])
        h = np.zeros((c, d, c, d))
        for k in range(c):
            for j in range(k, c):
                weight = p[:, k] * ((k == j) - p[:, j]) / n
                h[k, :, j] = h[j, :, k] = x.T @ (weight[:, None] * x)
            h[k, range(1, d), k, range(1, d)] += self.l2
        return h.reshape(c * d, c * d)


def _newton(problem: _Problem, iterations: int, tolerance: float) -> tuple[np.ndarray, int, bool]:
    """Newton with halving of the step until the objective falls (Armijo, 1e-4)."""
    theta = np.zeros(problem.shape)
    loss, g, p = problem.value(theta)
    for t in range(iterations):
        if np.abs(g).max() <= tolerance:
            return theta, t, True
        h = problem.hessian(p)
        # Adding one vector to all classes changes nothing: H is singular there, the gradient 0. So: a trace of damping.
        h.flat[:: len(h) + 1] += 1e-12 * np.trace(h)
        step = -np.linalg.solve(h, g.T.ravel()).reshape(g.T.shape).T
        slope, size = float(np.sum(g * step)), 1.0
        trial = problem.value(theta + step)
        while trial[0] > loss + 1e-4 * size * slope and size > 1e-10:
            size /= 2
            trial = problem.value(theta + size * step)
        if trial[0] >= loss:  # nothing left but rounding
            return theta, t, bool(-slope <= 1e-12 * max(1.0, loss))
        theta = theta + size * step
        loss, g, p = trial
    return theta, iterations, bool(np.abs(g).max() <= tolerance)


def _lbfgs(problem: _Problem, iterations: int, tolerance: float) -> tuple[np.ndarray, int, bool]:
    """L-BFGS in better coordinates; large single-precision data are evaluated by a compiled program."""
    x, l2, shape = problem.x, problem.l2, problem.shape
    objective = compiled(x, problem.y, shape, l2) if x.dtype == np.float32 else lambda theta: problem.value(theta)[:2]
    return lbfgs(objective, x, shape, l2, iterations, tolerance)


def _says(separated: str, converged: bool, iterations: int, l2: float) -> str:
    if separated in ("quasi", "complete"):
        advice = "the estimate does not exist (the weights grow for ever); give a penalty, such as l2=1e-4"
        return f"the classes are {in_words(separated)}, so {advice}"
    if not converged:
        return f"stopped after {iterations} iterations, before the optimum"
    return f"optimum found in {iterations} iterations" + (f" with l2={l2:g}" if l2 else "")


def _log_softmax(z: np.ndarray) -> np.ndarray:
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def _checked(x: np.ndarray, y: np.ndarray, classes: int, l2: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, y = np.asarray(x), np.asarray(y)
    if x.ndim != 2 or y.shape != (len(x),) or len(x) < 1:
        raise Mistake("x of shape (N, D) and y of length N ≥ 1", f"x {x.shape} and y {y.shape}")
    if not np.isfinite(x).all():
        raise Mistake("finite numbers in x", "NaN or Inf")
    if l2 < 0:
        raise Mistake("a penalty l2 of at least 0", l2)
    present = np.unique(y)
    if present[0] < 0 or present[-1] >= classes:
        raise Mistake(f"class codes 0 … {classes - 1}", f"{present[0]} … {present[-1]}")
    if len(present) < 2:
        raise Mistake("rows of at least two classes", f"one class, {present[0]}")
    return x, y, present
