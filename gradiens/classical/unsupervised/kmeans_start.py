"""K-means++: starting centres far apart, each drawn among the points with probability proportional to D².

    c_1 uniform;   P(c_{k+1} = x_i) = D_i² / Σ_j D_j²,   D_i the distance of x_i to the nearest centre so far

The expected W of such centres is at most 8 (ln K + 2) times the least one. Each centre is the best, for W, of 2 + ⌊ln K⌋
points so drawn, which is what scikit-learn does too.

Book: 2.2.  Source: Arthur & Vassilvitskii (2007); the several trials are in their section 5.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake


def plus_plus(x: Float[np.ndarray, "N D"], k: int, rng: np.random.Generator) -> Float[np.ndarray, "K D"]:
    """K points of x as centres, drawn by `rng`.

    Book: 2.2.  Source: Arthur & Vassilvitskii (2007).

    Raises `Mistake` unless 1 ≤ k ≤ N.
    """
    N = len(x)
    if not 1 <= k <= N:
        raise Mistake(f"between 1 and {N} centres for {N} points", k)
    length = np.einsum("nd,nd->n", x, x)
    trials = 2 + int(np.log(k))
    chosen = [int(rng.integers(N))]
    d = _squared(x, length, chosen)[0]
    for _ in range(k - 1):
        total = np.cumsum(d, dtype=np.float64)
        drawn = np.searchsorted(total, rng.random(trials) * total[-1]) if total[-1] > 0 else rng.integers(N, size=1)
        drawn = np.minimum(drawn, N - 1)
        nearer = np.minimum(d, _squared(x, length, drawn))
        best = int(np.argmin(nearer.sum(axis=1, dtype=np.float64)))
        chosen.append(int(drawn[best]))
        d = nearer[best]
    return x[chosen].copy()


def _squared(x: np.ndarray, length: np.ndarray, rows: object) -> Float[np.ndarray, "T N"]:
    """‖x - x_r‖² = ‖x‖² - 2 x'x_r + ‖x_r‖² for each row r, exactly 0 at that row."""
    r = np.asarray(rows)
    d = np.maximum(length + length[r, None] - 2 * (x[r] @ x.T), 0)
    d[np.arange(len(r)), r] = 0
    return d
