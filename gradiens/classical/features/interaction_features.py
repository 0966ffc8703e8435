"""Interaction features: products of different columns, so that the slope of one depends on the value of another.

    x_(j₁) x_(j₂) ⋯ x_(j_k),   j₁ < j₂ < … < j_k,   k = 2 … d

Book: 2.4.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake


def interactions(p: int, degree: int = 2) -> list[tuple[int, ...]]:
    """The sets of 2 … `degree` of p columns, by size and then in order.

    Book: 2.4.
    """
    if p < 1 or degree < 2:
        raise Mistake("at least one column and a degree of at least 2", f"{p} columns, degree {degree}")
    return [chosen for k in range(2, degree + 1) for chosen in combinations(range(p), k)]


def interaction_features(x: Float[np.ndarray, "N p"], degree: int = 2) -> Float[np.ndarray, "N M"]:
    """The columns of x, then the product of each set of `interactions`.

    Book: 2.4.

    Raises `Mistake` for what is no matrix, or a degree below 2.
    """
    x = np.asarray(x)
    if x.ndim != 2:
        raise Mistake("x of shape (N, p)", f"shape {x.shape}")
    products = [np.prod(x[:, chosen], axis=1) for chosen in interactions(x.shape[1], degree)]
    return np.column_stack([x, *products])
