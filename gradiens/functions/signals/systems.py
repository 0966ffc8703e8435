"""Systems: maps from signals x_0 … x_{n-1} to signals, whose output at t depends on x_0 … x_t alone (causal, at rest before 0).

    linear            H(α x + β y) = α H(x) + β H(y)
    time-invariant    H(D x) = D H(x),  (D x)_t = x_{t-1}:  a later input gives the same output, later
    both              H(x) = h * x  with the impulse response  h = H(δ)

The errors are relative to the largest number on the two sides: rounding for a system that has the property, near 1 for one
that has not.

Book: 6.2.  Source: Oppenheim & Schafer (2010), chapter 2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake
from gradiens.functions.signals.sequences import discrete_convolution

System = Callable[[np.ndarray], np.ndarray]


def impulse_response(system: System, n: int) -> Float[np.ndarray, " n"]:
    """h = H(δ) at t = 0 … n - 1.

    Book: 6.2.  Source: Oppenheim & Schafer (2010), chapter 2.
    """
    return _answer(system, np.eye(1, n)[0])


def linearity_error(system: System, n: int, rng: np.random.Generator, trials: int = 20) -> float:
    """The largest |H(α x + β y) - α H(x) - β H(y)|, relative, over random x, y, α, β.

    Book: 6.2.
    """
    worst = 0.0
    for _ in range(trials):
        x, y = rng.normal(size=(2, n))
        α, β = rng.normal(size=2)
        worst = max(worst, _apart(_answer(system, α * x + β * y), α * _answer(system, x) + β * _answer(system, y)))
    return worst


def invariance_error(system: System, n: int, rng: np.random.Generator, trials: int = 20) -> float:
    """The largest |H(Dˢ x) - Dˢ H(x)|, relative, over random x and delays s = 1 … n - 1.

    Book: 6.2.
    """
    worst = 0.0
    for _ in range(trials):
        x, s = rng.normal(size=n), int(rng.integers(1, n))
        worst = max(worst, _apart(_answer(system, delay(x, s)), delay(_answer(system, x), s)))
    return worst


def response_error(system: System, n: int, rng: np.random.Generator, trials: int = 20) -> float:
    """The largest |H(x) - h * x|, relative, over random x: rounding exactly for linear, time-invariant systems.

    Book: 6.2.
    """
    h = impulse_response(system, n)
    draws = rng.normal(size=(trials, n))
    return max(_apart(_answer(system, x), discrete_convolution(h, x)[:n]) for x in draws)


def delay(x: Float[np.ndarray, " n"], s: int) -> Float[np.ndarray, " n"]:
    """Dˢ x on the same times: s zeros first, the last s numbers lost."""
    return np.concatenate([np.zeros(s), x[: len(x) - s]])


def _answer(system: System, x: np.ndarray) -> np.ndarray:
    y = np.asarray(system(x), np.float64)
    if y.shape != x.shape:
        raise Mistake(f"a system that answers {len(x)} numbers with {len(x)}", f"shape {y.shape}")
    return y


def _apart(a: np.ndarray, b: np.ndarray) -> float:
    scale = max(np.abs(a).max(), np.abs(b).max())
    return float(np.abs(a - b).max() / scale) if scale else 0.0
