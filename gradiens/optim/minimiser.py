"""Methods for the whole vector: they may ask the cost for more than one gradient, and remember more than a coordinate's past.

    (point', memory') = step(cost, point, memory)        point = (θ, C(θ), ∇C(θ))

`RULES` names the methods of a class that are its formulas, and what each of them gives: they are what `step` calls and what is
printed. Their arguments are called as on paper: small Latin letters are vectors, capitals matrices, Greek ones numbers.

`Minimise` is the algorithm that the loop runs. Any optimizer of single gradients is a method too.

Book: 4.4, 4.5.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from gradiens.core.module import Module, knob
from gradiens.optim.cost import Cost, Point
from gradiens.optim.optax_bridge import as_optimizer
from gradiens.optim.optimizer import Optimizer


class Counts(NamedTuple):
    """How often the cost was asked: for values (alone or with a gradient), gradients, products H p, whole Hessians."""

    values: Int[Array, ""] | int = 0
    gradients: Int[Array, ""] | int = 0
    products: Int[Array, ""] | int = 0
    hessians: Int[Array, ""] | int = 0

    def __add__(self, other: Any) -> Counts:  # pyright: ignore[reportIncompatibleMethodOverride] - sums, not concatenation
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


# What a step has to tell. A method goes on after all but the first kind, whose step is of length 0.
FINE, STUCK, UPHILL, INDEFINITE, SINGULAR = range(5)
TOLD = {
    STUCK: "no step along the direction lowers the cost",
    UPHILL: "the direction led uphill and was replaced by that of the steepest descent",
    INDEFINITE: "the Hessian is indefinite",
    SINGULAR: "the Hessian is singular",
}


class Taken(NamedTuple):
    """What came of a step: its factor α, the count of questions, and what there is to tell of it.

    α = 0 with nothing to tell is a trial that was turned down: the next one is another.
    """

    alpha: Float[Array, ""] | float = 1.0
    counts: Counts = Counts()
    trouble: Int[Array, ""] | int = FINE


class Minimiser(Module):
    """Base of all methods for whole vectors."""

    KIND: ClassVar[str] = "minimiser"
    RULES: ClassVar[dict[str, Any]] = {}

    def init(self, cost: Cost, point: Point) -> Any:
        """The memory before the first step."""
        return ()

    def step(self, cost: Cost, point: Point, memory: Any) -> tuple[Point, Any, Taken]:
        """One step."""
        raise NotImplementedError

    def residual(self, cost: Cost, point: Point) -> Float[Array, ""]:
        """What is 0 at a minimum and measured against the tolerance: max |gᵢ|, unless a method knows better."""
        return jnp.max(jnp.abs(point.g))

    def shown(self, cost: Cost, point: Point) -> Float[Array, ""]:
        """The value that the method lowers: C, unless the method adds a penalty."""
        return point.value


class FirstOrder(Minimiser):
    """An optimizer of single gradients as a method: θ' = θ + Δ(∇C(θ))."""

    optimizer: Optimizer

    def init(self, cost: Cost, point: Point) -> Any:
        """The optimizer's own."""
        return self.optimizer.init_tree(cost.layout.unravel(point.theta))

    def step(self, cost: Cost, point: Point, memory: Any) -> tuple[Point, Any, Taken]:
        """The optimizer's step, on the tree of the parameters: some methods treat a matrix as one."""
        tree = cost.layout.unravel
        memory, update = self.optimizer.step_tree(memory, tree(point.g), tree(point.theta))
        new = cost.at(point.theta + cost.layout.ravel(update))
        return new, memory, Taken(1.0, Counts(1, 1))


def as_minimiser(method: Any) -> Minimiser:
    """`method` if it is one for whole vectors; else that of an optimizer, ours or Optax's."""
    return method if isinstance(method, Minimiser) else FirstOrder(as_optimizer(method))


class State(NamedTuple):
    """Steps taken, where they led, the method's memory, all questions asked, the least residual so far, the steps since
    anything was gained, whether all is done."""

    t: Int[Array, ""]
    point: Point
    memory: Any
    counts: Counts
    best: Float[Array, ""]
    idle: Int[Array, ""]
    done: Bool[Array, ""]


class Info(NamedTuple):
    """After a step: the value, the residual (max |gᵢ|), the step's length and factor, and what there is to tell of it."""

    value: Float[Array, ""]
    residual: Float[Array, ""]
    length: Float[Array, ""]
    alpha: Float[Array, ""]
    trouble: Int[Array, ""]


class Minimise(Module):
    """Steps of a method until the residual is at most `tolerance`, the value below `floor`, or `patience` steps in a row
    changed the value by no more than its rounding and brought no smaller residual.
    """

    cost: Cost
    method: Minimiser
    tolerance: float = knob(1e-6, 0.0, None, "log", "largest entry of the gradient at the end")
    floor: float = knob(-1e20, None, None, says="a value below which the cost is called unbounded")
    patience: int = knob(50, 1, None, says="steps without any gain that end the run")

    def init(self, theta: Float[Array, "d"]) -> State:
        """No step taken."""
        point = self.cost.at(theta)
        memory = self.method.init(self.cost, point)
        residual, zero = self.method.residual(self.cost, point), jnp.int32(0)
        counts = Counts(*map(jnp.int32, (1, 1, 0, 0)))
        return State(zero, point, memory, counts, residual, zero, residual <= self.tolerance)

    def step(self, state: State, _: Any) -> tuple[State, Info]:
        """One step, the tally, the verdict."""
        old = state.point
        point, memory, taken = self.method.step(self.cost, old, state.memory)
        residual, value = self.method.residual(self.cost, point), self.method.shown(self.cost, point)
        flat = jnp.abs(point.value - old.value) <= 4 * jnp.finfo(value.dtype).eps * jnp.abs(old.value)
        idle = jnp.where(flat & ~(residual < state.best), state.idle + 1, 0)
        done = (residual <= self.tolerance) | (value < self.floor) | (idle >= self.patience) | (taken.trouble == STUCK)
        counts = Counts(*(jnp.asarray(n, jnp.int32) for n in state.counts + taken.counts))
        length, alpha = jnp.linalg.norm(point.theta - old.theta), jnp.asarray(taken.alpha, value.dtype)
        info = Info(value, residual, length, alpha, jnp.asarray(taken.trouble, jnp.int32))
        best = jnp.minimum(state.best, residual)
        return State(state.t + 1, point, memory, counts, best, idle, done), info
