"""The cost of one example: what training lowers, evaluation reports and the equations print is this one function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
from jax.ad_checkpoint import checkpoint_name
from jaxtyping import Array, Float

RAW = "raw output of the model"  # the name is for the printer and costs nothing


def cost_of(model: Any, loss: Callable[[Any, Any], Array], x: Any, y: Any) -> Float[Array, ""]:
    """C(x, y): what a model that has a cost of its own says (`has_cost`, `cost(x, y)`), else loss(model(x), y)."""
    if getattr(model, "has_cost", False):
        return model.cost(x, y)
    return loss(raw(model(x)), y)


def raw(output: Any) -> Any:
    """`output`, marked for the printer as what the model returns before the link makes a prediction of it."""
    return jax.tree.map(lambda leaf: checkpoint_name(leaf, RAW), output)
