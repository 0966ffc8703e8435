"""PERCEPTRON: correct the weights whenever an example is on the wrong side, and only then.

    w' = w + y x   if y (w·x) ≤ 0,   else w

y = ±1, and the bias is the weight of a constant input 1. If some unit vector u has y (u·x) ≥ γ > 0 for every example and
no input is longer than R, then from w = 0 there are at most (R/γ)² mistakes, in whatever order the examples come: each
mistake adds at least γ to w·u and at most R² to ‖w‖². If no such u exists the rule never stops.

Book: 1.3.  Source: Rosenblatt (1958); Novikoff (1962) for the bound.
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from gradiens.core.check import Mistake
from gradiens.core.iterate import iterate
from gradiens.core.module import Module


class State(NamedTuple):
    """The weights, how many examples there are, and how many of them are still to be seen right in a row."""

    w: Float[Array, "D1"]
    examples: Int[Array, ""]
    left: Int[Array, ""]


class Perceptron(Module):
    """The rule: one step is one example (x, y), a constant input among the x; the info says whether it was a mistake.

    Book: 1.3.  Source: Rosenblatt (1958).
    """

    def init(self, w: Float[Array, "D1"], examples: int) -> State:
        """Before the first example."""
        return State(jnp.asarray(w), jnp.int32(examples), jnp.int32(examples))

    def step(self, state: State, example: tuple[Array, Array]) -> tuple[State, Bool[Array, ""]]:
        """Look at one example."""
        x, y = example
        mistake = y * (state.w @ x) <= 0
        w = jnp.where(mistake, state.w + y * x, state.w)
        return State(w, state.examples, jnp.where(mistake, state.examples, state.left - 1)), mistake


@dataclasses.dataclass(frozen=True)
class PerceptronFit:
    """Weights and bias, the mistakes of each pass over the examples, and whether the rule has stopped by itself."""

    w: Float[np.ndarray, "D"]
    b: float
    mistakes_by_pass: Int[np.ndarray, "T"]
    converged: bool
    says: str

    @property
    def mistakes(self) -> int:
        """Mistakes in all, which are also the corrections."""
        return int(self.mistakes_by_pass.sum())

    def scores(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N"]:
        """w·x + b for each row."""
        return np.asarray(x, np.float64) @ self.w + self.b

    def predict(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N"]:
        """The side of each row: +1 or -1."""
        return np.where(self.scores(x) > 0, 1.0, -1.0)


def fit_perceptron(x: Float[np.ndarray, "N D"], y: Float[np.ndarray, "N"], passes: int = 1000) -> PerceptronFit:
    """The rule from w = 0 on the rows in their order, again and again, until one pass is without a mistake.

    Book: 1.3.

    y is ±1. It gives up after `passes` passes: the classes may be inseparable, or the margin narrow. Raises `Mistake`
    for bad shapes, targets other than ±1, or numbers not finite.
    """
    x, y = _checked(x, y)
    ones, n = _augmented(x), len(x)

    def feed(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        rows = np.arange(first, last) % n
        return ones[rows], y[rows]

    with jax.enable_x64(True):
        start = np.zeros(ones.shape[1]), n
        done = iterate(Perceptron(), *start, steps=passes * n, feed=feed, until=_right, keep=None, quiet=True)
    found = np.asarray(done.trace)
    by_pass = np.add.reduceat(found.astype(np.int64), np.arange(0, len(found), n))
    w, converged = np.asarray(done.state.w), done.stopped == "until"
    says = f"every example is right after {len(by_pass)} passes and {by_pass.sum()} mistakes"
    if not converged:
        says = f"still {by_pass[-1]} mistakes in pass {passes}: the classes are inseparable, or their margin is narrow"
    return PerceptronFit(w[1:], float(w[0]), by_pass, converged, says)


def margin(w: Float[np.ndarray, "D"], b: float, x: Float[np.ndarray, "N D"], y: Float[np.ndarray, "N"]) -> float:
    """γ = min y (w·x + b) / ‖(b, w)‖, the margin of the unit vector along (b, w); positive where it separates.

    Book: 1.3.
    """
    x, y = _checked(x, y)
    u = np.append(b, w) / np.linalg.norm(np.append(b, w))
    return float(np.min(y * (_augmented(x) @ u)))


def mistake_bound(x: Float[np.ndarray, "N D"], gamma: float) -> float:
    """(R/γ)² with R the length of the longest (1, x): no perceptron from w = 0 makes more mistakes.

    Book: 1.3.  Source: Novikoff (1962).
    """
    if not gamma > 0:
        raise Mistake("a margin γ > 0", gamma, "the bound holds for a vector that separates the classes")
    return float(np.max(np.sum(_augmented(np.asarray(x, np.float64)) ** 2, axis=1)) / gamma**2)


def _right(state: State, info: Any) -> Array:
    return state.left <= 0


def _augmented(x: np.ndarray) -> np.ndarray:
    return np.hstack([np.ones((len(x), 1)), x])


def _checked(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if x.ndim != 2 or y.shape != (len(x),) or not len(x):
        raise Mistake("x of shape (N, D) and y of length N ≥ 1", f"x {x.shape} and y {y.shape}")
    if not np.isfinite(x).all():
        raise Mistake("finite numbers in x", "NaN or Inf")
    if not np.isin(y, (-1.0, 1.0)).all():
        raise Mistake("targets +1 and -1", f"{np.unique(y)[:4]}")
    return x, y
