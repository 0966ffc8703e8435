"""Bias and variance of a method, by simulation: learn from many training sets, look at the same points each time.

    E (y - f̂(x))² = (f(x) - E f̂(x))² + Var f̂(x) + σ²       bias² + variance + noise, at each x

f is the true function, f̂ the one learnt from random rows, y = f(x) + noise of variance σ² that training has not seen.
With means over the simulated training sets in the place of E, mean (f - f̂)² = bias² + variance holds exactly.

Book: 2.6.  Source: Geman, Bienenstock & Doursat (1992).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake
from gradiens.evaluation.fitting import Fit, Output, predicted


@dataclasses.dataclass(frozen=True)
class Decomposition:
    """bias², variance and noise at each of M points; R training sets."""

    bias2: Float[np.ndarray, " M"]
    variance: Float[np.ndarray, " M"]
    noise: Float[np.ndarray, " M"]
    repeats: int

    @property
    def expected(self) -> Float[np.ndarray, " M"]:
        """bias² + variance + noise: the expected squared error at each point."""
        return self.bias2 + self.variance + self.noise

    def means(self) -> dict[str, float]:
        """The three parts and their sum, averaged over the points."""
        parts = {"bias2": self.bias2, "variance": self.variance, "noise": self.noise, "expected": self.expected}
        return {name: float(np.mean(part)) for name, part in parts.items()}


def decompose(predictions: Float[ArrayLike, "R M"], truth: Float[ArrayLike, " M"], noise: ArrayLike) -> Decomposition:
    """The decomposition from R predictions at M points, the true values there and the variance σ² of the noise.

    Book: 2.6.

    Raises `Mistake` when the shapes do not agree, there is one training set only, or σ² < 0.
    """
    p, f = np.asarray(predictions, np.float64), np.asarray(truth, np.float64)
    if p.ndim != 2 or len(p) < 2 or f.shape != p.shape[1:]:
        raise Mistake("predictions (R, M) with R ≥ 2 and truth (M,)", f"{p.shape} and {f.shape}")
    if np.min(noise) < 0:
        raise Mistake("a variance of the noise of at least 0", np.min(noise))
    bias2 = (f - p.mean(0)) ** 2
    return Decomposition(bias2, p.var(0), np.broadcast_to(np.asarray(noise, np.float64), f.shape), len(p))


def bias_variance(
    fit: Fit,
    draw: Callable[[np.random.Generator], tuple[Any, np.ndarray]],
    x: Any,
    truth: Float[ArrayLike, " M"],
    noise: ArrayLike,
    repeats: int = 200,
    seed: int = 0,
    output: Output = predicted,
) -> Decomposition:
    """Fit to `repeats` training sets `draw(rng) -> (x, y)` and decompose the error at the points x.

    Book: 2.6.

    Raises `Mistake` for fewer than two repeats, a negative seed, and as `decompose` does.
    """
    if repeats < 2 or seed < 0:
        raise Mistake("at least 2 repeats and a seed of at least 0", f"{repeats}, seed {seed}")
    rng = np.random.Generator(np.random.Philox(key=seed))
    return decompose([output(fit(*draw(rng)), x) for _ in range(repeats)], truth, noise)
