"""A few rows that stand for many, whatever their order: of classes that lie one behind the other, each has its share."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int


def spread(rows: int, most: int) -> Int[np.ndarray, " n"]:
    """The indices, ascending, of n = min(rows, most) rows: one drawn from each of n stretches of the same length, always alike.

    Neither the first rows nor every k-th: files are sorted by class, and classes that take turns have a period.
    """
    n = min(rows, most)
    first = np.arange(n + 1) * rows // max(n, 1)
    return np.random.Generator(np.random.Philox(key=0)).integers(first[:-1], first[1:])
