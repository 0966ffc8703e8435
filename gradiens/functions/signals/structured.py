"""The matrices of convolution: with b fixed, x ↦ b * x is linear, and its matrix is constant along the diagonals.

    T(b)_{ti} = b_{t-i}             Toeplitz, (m + n - 1) × n:   T(b) x = b * x
    C(b)_{ti} = b_{(t-i) mod n}     circulant, n × n:            C(b) x = b ⊛ x

All circulants have the same eigenvectors, the columns of the Fourier matrix; the eigenvalues are the transform of b.

Book: 6.2.  Source: Golub & Van Loan (2013), section 4.7 and 4.8.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake


def toeplitz(b: Float[np.ndarray, " m"], n: int) -> Float[np.ndarray, "t n"]:
    """T(b): column i holds b from row i on.

    Raises `Mistake` for an empty b, or less than one column.

    Book: 6.2.  Source: Golub & Van Loan (2013), section 4.7.
    """
    b = _filled(b)
    if n < 1:
        raise Mistake("one column or more", n)
    t, i = np.indices((len(b) + n - 1, n))
    inside = (t >= i) & (t - i < len(b))
    return np.where(inside, b[np.clip(t - i, 0, len(b) - 1)], 0.0)


def circulant(b: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n n"]:
    """C(b): each column is the one before it, turned down by one.

    Book: 6.2.  Source: Golub & Van Loan (2013), section 4.8.
    """
    b = _filled(b)
    t, i = np.indices((len(b), len(b)))
    return b[(t - i) % len(b)]


def _filled(b: np.ndarray) -> np.ndarray:
    b = np.asarray(b, np.float64)
    if b.ndim != 1 or not b.size:
        raise Mistake("a sequence of one number or more", f"shape {b.shape}")
    return b
