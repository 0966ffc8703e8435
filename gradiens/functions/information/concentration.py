"""How improbable it is that a mean of n independent terms is far from its expectation.

    P(X̄ ≥ a) ≤ exp(-n KL(a ‖ θ)),  a ≥ θ               X of 0 and 1 with mean θ; KL of the two coins
    P(X̄ - μ ≥ t) ≤ exp(-n t² / (2 (σ² + b t/3)))       X ≤ μ + b, variance σ²

The first is exact to the first order in the exponent: -log P / n tends to KL(a ‖ θ). The second knows of the law only its
variance and a bound, and is never smaller than the first for coins.

Book: B.2.  Source: Chernoff (1952); Boucheron, Lugosi & Massart (2013), sections 2.2 and 2.8.
"""

from __future__ import annotations

import numpy as np

from gradiens.core.check import Mistake

KIND = "bound"


def chernoff_bound(n: int, theta: float, a: float) -> float:
    """A bound of P(X̄ ≥ a) for the mean of n coins that show 1 with probability θ; 1 where a ≤ θ.

    Raises `Mistake` unless n ≥ 1, 0 < θ < 1 and 0 ≤ a ≤ 1.

    Book: B.2.  Source: Chernoff (1952).
    """
    from scipy.special import rel_entr

    if n < 1 or not 0 < theta < 1 or not 0 <= a <= 1:
        raise Mistake("n ≥ 1, 0 < θ < 1 and 0 ≤ a ≤ 1", f"n {n}, θ {theta}, a {a}")
    if a <= theta:
        return 1.0
    kl = rel_entr(a, theta) + rel_entr(1 - a, 1 - theta)
    return float(np.exp(-n * kl))


def bernstein_bound(n: int, t: float, variance: float, bound: float) -> float:
    """A bound of P(X̄ - μ ≥ t) for the mean of n independent terms of this variance, none above μ + bound.

    Raises `Mistake` unless n ≥ 1, t ≥ 0, variance ≥ 0, bound ≥ 0 and one of the two last is positive.

    Book: B.2.  Source: Boucheron, Lugosi & Massart (2013), section 2.8.
    """
    if n < 1 or min(t, variance, bound) < 0 or not variance + bound > 0:
        raise Mistake("n ≥ 1, and t, a variance and a bound of at least 0", f"n {n}, t {t}, {variance}, {bound}")
    return float(np.exp(-n * t**2 / (2 * (variance + bound * t / 3)))) if t else 1.0
