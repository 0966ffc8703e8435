"""The matrix product of arrays with one or two axes, transposed: what a reverse pass sends to its two factors.

    Z = A B:   Ā = Z̄ Bᵀ,   B̄ = Aᵀ Z̄

Book: 4.6.  Source: Griewank & Walther (2008), section 3.2.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def pull_left(z_bar: Any, a: Any, b: Any) -> Any:
    """Ā = Z̄ Bᵀ; a vector stands for a row on the left, for a column on the right."""
    if np.ndim(b) == 1:
        return z_bar * b if np.ndim(a) == 1 else z_bar[:, None] * b[None, :]
    return b @ z_bar if np.ndim(a) == 1 else z_bar @ b.T


def pull_right(z_bar: Any, a: Any, b: Any) -> Any:
    """B̄ = Aᵀ Z̄."""
    if np.ndim(a) == 1:
        return z_bar * a if np.ndim(b) == 1 else a[:, None] * z_bar[None, :]
    return a.T @ z_bar
