"""Polynomial features: all monomials x₁^e₁ ⋯ x_p^e_p with e₁ + … + e_p ≤ d, the constant first. There are C(p+d, d).

Book: 3.3, 3.4.
"""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
from jaxtyping import Float, Int

from gradiens.core.check import Mistake


def exponents(p: int, degree: int) -> Int[np.ndarray, "M p"]:
    """The exponents (e₁, …, e_p) of the monomials in p variables, by total degree, then with x₁ first."""
    if p < 1 or degree < 0:
        raise Mistake("at least one variable and a degree of at least 0", f"{p} variables, degree {degree}")
    factors = [c for total in range(degree + 1) for c in combinations_with_replacement(range(p), total)]
    return np.array([[c.count(j) for j in range(p)] for c in factors], np.int64)


def polynomial_features(x: Float[np.ndarray, "N p"], degree: int) -> Float[np.ndarray, "N M"]:
    """The monomials of degree at most `degree` of each row of x, in the order of `exponents`; column 0 is 1.

    Book: 3.3, 3.4.
    """
    x = np.asarray(x)
    if x.ndim != 2:
        raise Mistake("x of shape (N, p)", f"shape {x.shape}")
    out = np.ones((len(x), len(exponents(x.shape[1], degree))), x.dtype)
    for j in range(x.shape[1]):
        powers = x[:, j, None] ** np.arange(degree + 1, dtype=x.dtype)
        out *= powers[:, exponents(x.shape[1], degree)[:, j]]
    return out
