"""The tent map folded k times: depth makes exponentially many linear pieces of few units.

    T(x) = 2 relu(x) - 4 relu(x - ½),   ŷ = T(T(… T(x)))

On [0, 1] T rises to 1 and falls to 0 again, and each further T folds the graph once more: 2ᵏ linear pieces from 2k units in k
layers. N relu units in one layer have at most N + 1 pieces, so that they would have to be 2ᵏ - 1.

Book: 5.2.  Source: Telgarsky (2016).
"""

from __future__ import annotations

import jax
import numpy as np
from jaxtyping import Array

from gradiens.core.check import Mistake
from gradiens.nn.constructive.relu_interpolant import dense
from gradiens.nn.mlp import MLP

KIND = "model"


def tent_map(k: int) -> MLP:
    """T ∘ … ∘ T, k times, with k hidden layers of two units.

    Book: 5.2.  Source: Telgarsky (2016).
    """
    if k < 1:
        raise Mistake("at least one fold", k)
    bend, T = np.array([0.0, -0.5]), np.array([[2.0, -4.0]])
    first, again = dense(np.ones((2, 1)), bend), dense(np.ones((2, 1)) @ T, bend)
    return MLP((first, *[again] * (k - 1), dense(T, np.zeros(1))), "relu")


def _example(key: Array) -> tuple[MLP, Array]:
    return tent_map(2), jax.random.uniform(key, (1,))


tent_map.example = _example  # pyright: ignore[reportFunctionMemberAccess]
