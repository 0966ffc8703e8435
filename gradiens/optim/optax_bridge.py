"""Optax both ways: any of its transformations where an optimizer is wanted, and any of our optimizers as one of its.

Both have the same anatomy, and Optax's update is our Δ, with its sign: θ' = θ + Δ.

Book: 4.3.  Source: DeepMind et al. (2020), Optax.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator
from typing import Any

import equinox as eqx
import jax

from gradiens.core.check import Mistake, known
from gradiens.optim.optimizer import Optimizer


class FromOptax(Optimizer):
    """An Optax transformation as an optimizer over the whole parameter tree."""

    transformation: Any = eqx.field(static=True)

    def init_tree(self, theta: Any) -> Any:
        """The transformation's own state."""
        with _lenient():
            return self.transformation.init(theta)

    def step_tree(self, state: Any, g: Any, theta: Any) -> tuple[Any, Any]:
        """Optax returns (updates, state), we (state, update)."""
        with _lenient():
            update, state = self.transformation.update(g, state, theta)
        return state, update


@contextlib.contextmanager
def _lenient() -> Iterator[None]:
    """JAX's own promotion of dtypes and ranks, which Optax is written for, also where ours is strict."""
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        yield


def from_optax(transformation: Any) -> Optimizer:
    """The optimizer that does what an `optax.GradientTransformation` does."""
    return FromOptax(transformation)


def optax_named(name: str, **options: Any) -> Optimizer:
    """The optimizer `optax.NAME(**options)`, with `lr` for its learning_rate; what Optax refuses is a `Mistake`."""
    import optax

    makers = [n for n in dir(optax) if "learning_rate" in _parameters(getattr(optax, n))]
    make = getattr(optax, known("optimizer of Optax", name, makers))
    options["learning_rate"] = options.pop("lr", 1e-3)
    for option in options:
        known(f"option of optax.{name}", option, _parameters(make))
    try:
        return from_optax(make(**options))
    except (TypeError, ValueError) as error:
        raise Mistake(f"options that optax.{name} takes", f"{options}", str(error)) from None


def _parameters(make: Any) -> list[str]:
    return list(inspect.signature(make).parameters) if inspect.isfunction(make) else []


def to_optax(optimizer: Optimizer) -> Any:
    """The `optax.GradientTransformation` that does what `optimizer` does; its update needs the parameters."""
    import optax

    def init(params: Any) -> Any:
        return optimizer.init_tree(params)

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        if params is None:
            raise Mistake("the parameters", "none", "call update(gradient, state, parameters)")
        state, step = optimizer.step_tree(state, updates, params)
        return step, state

    return optax.GradientTransformation(init, update)


def as_optimizer(method: Any) -> Optimizer:
    """`method` if it is an optimizer; the optimizer of an Optax transformation; otherwise a `Mistake`."""
    if isinstance(method, Optimizer):
        return method
    if callable(getattr(method, "init", None)) and callable(getattr(method, "update", None)):
        return from_optax(method)
    raise Mistake(
        "an optimizer or an Optax transformation", type(method).__name__, "gradiens show --all lists the optimizers"
    )
