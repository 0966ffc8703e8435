"""The solution so far, where it is not the point θ at which the next gradient is taken.

Schedule-free AdamW and averaged methods take their gradients along one sequence and come closer to the minimum in another,
which they keep in their state. Evaluate the model at `solution(state, theta)`.

Book: 4.2.
"""

from __future__ import annotations

from typing import Any

import jax

from gradiens.optim import accumulation, averaging, schedule_free


def solution(state: Any, theta: Any) -> Any:
    """The parameters to evaluate, from an optimizer's state (`Descent`'s `state.optimizer`) and θ: θ itself for most methods."""
    if isinstance(state, accumulation.State):
        return solution(state.optimizer, theta)
    if isinstance(state, averaging.State):
        return state.x
    if isinstance(state, tuple) and state and all(isinstance(leaf, schedule_free.State) for leaf in state):
        return jax.tree.structure(theta).unflatten([leaf.x for leaf in state])
    return theta
