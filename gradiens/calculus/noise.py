"""How rough the values of a function are: the size of the rounding errors in what it computes.

    σ² = (k!)² / (2k)! · mean of (Δᵏf)²

High differences of a smooth function over tiny steps vanish; what is left of them is noise. Of independent errors with
variance σ², the k-th difference has variance σ² (2k)! / (k!)².

Book: A.2.  Source: Moré & Wild (2011).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

ORDER, POINTS, STEP = 4, 12, 1e-6


def noise_level(f: Callable[[Any], float], x: Float[np.ndarray, " d"], seed: int = 0) -> float:
    """The standard deviation of the errors in the values of f near x; at least the unit of rounding times |f|.

        σ² = (k!)² / (2k)! · mean of (Δᵏf)²

    The values are taken along a random direction, a little beside x: at x itself f may have a kink.

    Book: A.2.  Source: Moré & Wild (2011).
    """
    d = np.random.default_rng(seed).normal(size=x.shape) * np.maximum(1.0, np.abs(x))
    values = np.asarray([f(x + (0.01 + STEP * j) * d) for j in range(POINTS)])
    floor = float(np.finfo(float).eps) * abs(f(x))
    if not np.all(np.isfinite(values)):
        return floor
    scale = math.factorial(ORDER) ** 2 / math.factorial(2 * ORDER)
    return max(floor, float(np.sqrt(scale * np.mean(np.diff(values, ORDER) ** 2))))
