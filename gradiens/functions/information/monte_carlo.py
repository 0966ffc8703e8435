"""An expectation by the mean over draws, with its standard error: unbiased, error falling as n^(-1/2).

    KL(p ‖ q) = E_p log(p(X)/q(X)) ≈ 1/n Σ log(p(xᵢ)/q(xᵢ)),    s.e. = s/√n

Book: B.2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake

KIND = "sample estimate"


class MonteCarlo(NamedTuple):
    """The mean, its standard error, and the number of draws."""

    value: float
    error: float
    draws: int


def monte_carlo_kl(log_p: ArrayLike, log_q: ArrayLike) -> MonteCarlo:
    """KL(p ‖ q) from the log densities of both laws at draws from p.

    Raises `Mistake` for fewer than 2 draws or two lengths.

    Book: B.2.
    """
    log_p, log_q = np.asarray(log_p, np.float64), np.asarray(log_q, np.float64)
    if log_p.ndim != 1 or log_p.shape != log_q.shape or len(log_p) < 2:
        raise Mistake("two log densities at 2 draws or more", f"shapes {log_p.shape} and {log_q.shape}")
    ratio = log_p - log_q
    return MonteCarlo(float(ratio.mean()), float(ratio.std(ddof=1) / np.sqrt(len(ratio))), len(ratio))
