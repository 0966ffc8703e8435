"""Entropy and mutual information from counts: by the observed shares (plug-in), and with the first term of their bias
removed.

    Ĥ = -Σ (nₖ/n) log(nₖ/n),   bias -(K-1)/(2n) + O(n⁻²)        Miller-Madow: Ĥ + (K̂-1)/(2n)

K̂ is the number of outcomes that occurred. Mutual information is biased upwards by (K-1)(L-1)/(2n).

Book: B.1.  Source: Miller (1955).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake, known

KIND = "sample estimate"


def entropy_of_counts(counts: ArrayLike, correction: str = "miller_madow") -> float:
    """Entropy of the law that gave these counts, in nats; `correction` is "miller_madow" or "none".

    Raises `Mistake` when a count is negative, none is positive, or the correction is unknown.

    Book: B.1.  Source: Miller (1955).
    """
    known("correction", correction, ("miller_madow", "none"))
    n = _checked(counts)
    total, seen = n.sum(), n[n > 0]
    plain = np.log(total) - np.sum(seen * np.log(seen)) / total
    return float(plain + (len(seen) - 1) / (2 * total) * (correction == "miller_madow"))


def mutual_information_of_counts(counts: ArrayLike, correction: str = "miller_madow") -> float:
    """Mutual information of rows and columns of a table of counts: H(rows) + H(columns) - H(pairs), each as above.

    Corrected it may fall below 0. Raises `Mistake` when the counts are no table.

    Book: B.1.  Source: Miller (1955).
    """
    table = _checked(counts)
    if table.ndim != 2:
        raise Mistake("a table of counts", f"shape {table.shape}")
    parts = (table.sum(1), table.sum(0))
    return sum(entropy_of_counts(part, correction) for part in parts) - entropy_of_counts(table, correction)


def _checked(counts: ArrayLike) -> np.ndarray:
    n = np.asarray(counts, np.float64)
    if not n.size or not np.isfinite(n).all() or n.min() < 0 or not n.sum() > 0:
        raise Mistake("counts of at least 0, one of them positive", f"{n.ravel()[:5].tolist()}")
    return n
