"""Noise whose maximum likelihood is a loss: normal noise is squared error, Laplace noise is absolute error.

    normal:   ln p(e) = -e²/(2σ²) - ln(σ √(2π)),   σ̂² = mean e²,    max ℓ = -N/2 (ln(2π σ̂²) + 1)
    Laplace:  ln p(e) = -|e|/b - ln(2b),           b̂ = mean |e|,    max ℓ = -N (ln(2 b̂) + 1)

At its best scale each likelihood falls as its error grows, so the parameters that maximise it are the least squares, or
the least absolute deviations.

Book: 2.4.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake

Errors = Float[np.ndarray, "*N"]


def normal_log_density(e: Errors, deviation: float = 1.0) -> Errors:
    """ln of the normal density of mean 0 and this standard deviation σ, at each e.

    Book: 2.4.
    """
    e, σ = np.asarray(e, np.float64), _positive(deviation)
    return -(e**2) / (2 * σ**2) - np.log(σ * np.sqrt(2 * np.pi))


def laplace_log_density(e: Errors, scale: float = 1.0) -> Errors:
    """ln of the Laplace density of median 0 and this mean absolute value b, at each e.

    Book: 2.4.
    """
    e, b = np.asarray(e, np.float64), _positive(scale)
    return -np.abs(e) / b - np.log(2 * b)


def normal_log_likelihood(e: Errors) -> float:
    """Σ ln p(e_i) under normal noise of the most likely σ.

    Book: 2.4.

    Raises `Mistake` when all errors are 0: the likelihood has no bound.
    """
    return float(np.sum(normal_log_density(e, float(np.sqrt(np.mean(np.asarray(e, np.float64) ** 2))))))


def laplace_log_likelihood(e: Errors) -> float:
    """Σ ln p(e_i) under Laplace noise of the most likely b.

    Book: 2.4.

    Raises `Mistake` when all errors are 0: the likelihood has no bound.
    """
    return float(np.sum(laplace_log_density(e, float(np.mean(np.abs(e))))))


def _positive(scale: float) -> float:
    if not scale > 0:
        raise Mistake("a scale above 0", scale)
    return scale
