"""A method for whole vectors as an Optax transformation: for programs that have a loop of their own.

    u = θ' - θ,   so that optax.apply_updates(θ, u) is the point the method goes to

Optax hands a transformation one gradient; these methods ask the cost for more, so they are given the cost itself.

Book: 4.4.  Source: DeepMind et al. (2020), Optax.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from gradiens.core.check import Mistake
from gradiens.optim.cost import Point, cost_of
from gradiens.optim.method_named import method_named


class State(NamedTuple):
    """The method's memory, and the point where it is: the cost is not asked again for what the last step knew."""

    memory: Any
    point: Point


def method_to_optax(method: Any, f: Callable[..., Any], loss: Callable[[Any], Any] | None = None) -> Any:
    """The `optax.GradientTransformationExtraArgs` that takes the steps of `method` (a name or an instance) on f(params).

    Its update needs the parameters, `update(g, state, params)`; g itself is not used. `loss` is that of `minimize`, for
    methods of residuals. Parameters that were changed from outside are noticed only by `init`.
    """
    import optax

    chosen = method_named(method)

    def init(params: Any) -> State:
        cost = cost_of(f, params, loss=loss)
        point = cost.at(cost.layout.ravel(params))
        return State(chosen.init(cost, point), point)

    def update(updates: Any, state: Any, params: Any = None, **_: Any) -> tuple[Any, Any]:
        if params is None:
            raise Mistake("the parameters", "none", "call update(gradient, state, parameters)")
        cost = cost_of(f, params, loss=loss)
        point, memory, _taken = chosen.step(cost, state.point, state.memory)
        return cost.layout.unravel(point.theta - state.point.theta), State(memory, point)

    return optax.GradientTransformationExtraArgs(init, update)
