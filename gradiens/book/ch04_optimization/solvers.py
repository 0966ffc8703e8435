"""Seven solvers on one smooth convex problem, each from 0: paths of the cost, and what an iteration takes of time."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.iterate import iterate
from gradiens.core.module import Module
from gradiens.optim.adam import Adam
from gradiens.optim.bfgs import BFGS
from gradiens.optim.descent import Descent
from gradiens.optim.lbfgs import LBFGS
from gradiens.optim.minimiser import Minimise
from gradiens.optim.momentum import Momentum
from gradiens.optim.newton import Newton
from gradiens.optim.problems.logistic import LogisticProblem
from gradiens.optim.rmsprop import RMSprop
from gradiens.optim.schedules import Exponential
from gradiens.optim.sgd import SGD

Numbers = Array | np.ndarray
SECOND = ("Newton", "BFGS", "L-BFGS")
FIRST = ("gradient descent", "momentum", "RMSprop", "ADAM")
FEW = 100  # iterations of the methods of second order


class Walk(NamedTuple):
    """θ and C at the start and after each iteration; seconds for one iteration, compilation apart."""

    theta: Float[Numbers, "T1 d"]
    value: Float[Numbers, "T1"]
    seconds: float


def algorithms(problem: LogisticProblem, steps: int, rate: float, decay: float, memory: float) -> dict[str, Module]:
    """The solvers: constant steps of 1/L, RMSprop and ADAM with rate · decayᵗ, and those of second order."""
    cost, α = problem.cost(), 1 / problem.smoothness()
    fading = Exponential(steps, decay)
    second = {"Newton": Newton(), "BFGS": BFGS(), "L-BFGS": LBFGS()}
    first = {"gradient descent": SGD(α), "momentum": Momentum(α / (1 - memory), memory)}
    return {
        **{name: Minimise(cost, method, 0.0) for name, method in second.items()},
        **{name: Descent(_mean_loss(problem), method) for name, method in first.items()},
        "RMSprop": Descent(_mean_loss(problem), RMSprop(rate), fading),
        "ADAM": Descent(_mean_loss(problem), Adam(rate), fading),
    }


def _mean_loss(problem: LogisticProblem) -> Any:
    return lambda theta, t: problem(theta)


def _theta(state: Any, info: Any = None) -> Array:
    return state.point.theta if hasattr(state, "point") else state.theta


def timed(problem: LogisticProblem, solvers: dict[str, Module], steps: int) -> dict[str, Walk]:
    """Every solver from 0 by itself, for `steps` iterations; one of second order until it has nothing left to do."""
    start, walks = problem.start(), {}
    values = jax.jit(jax.vmap(problem))
    for name, solver in solvers.items():
        until = (lambda state, info: state.done) if name in SECOND else None
        most = FEW if name in SECOND else steps
        out = iterate(solver, start, steps=most, record=_theta, until=until, keep=None, quiet=True)
        theta = np.concatenate([np.asarray(start)[None], out.trace])
        walks[name] = Walk(theta, values(jnp.asarray(theta)), out.seconds.run / out.steps)
    return walks


def together(problem: LogisticProblem, solvers: dict[str, Module], steps: int) -> dict[str, Walk]:
    """The same in one compiled program, which is sooner ready and tells no times (they are 0)."""
    start = problem.start()

    def walk(solver: Any, most: int) -> Walk:
        def step(state: Any, t: Array) -> tuple[Any, Array]:
            state, _ = solver.step(state, t)
            return state, _theta(state)

        theta = jax.lax.scan(step, solver.init(start), jnp.arange(most))[1]
        theta = jnp.concatenate([start[None], theta])
        return Walk(theta, jax.vmap(problem)(theta), 0.0)

    return jax.jit(lambda: {name: walk(s, FEW if name in SECOND else steps) for name, s in solvers.items()})()


def iterations_to(values: Numbers, least: float, gap: float) -> float:
    """The first iteration with C - C* ≤ gap; NaN where there is none."""
    reached = np.asarray(values) - least <= gap
    return float(np.argmax(reached)) if reached.any() else float("nan")


def weighted_least_squares(
    X: Float[np.ndarray, "d N"], y: Float[np.ndarray, "N"], theta: Float[np.ndarray, "d"]
) -> np.ndarray:
    """argmin Σ wᵢ (zᵢ - xᵢᵀθ')², the working responses z = Xᵀθ + (y - p)/w and weights w = p (1 - p) those of θ."""
    η = theta @ X
    p = 1 / (1 + np.exp(-η))
    w = p * (1 - p)
    root = np.sqrt(w)
    return np.linalg.lstsq((root * X).T, root * (η + (y - p) / w))[0]
