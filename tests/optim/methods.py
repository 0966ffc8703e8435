"""Shared by the tests of the methods for whole vectors: running one step by step; Rosenbrock's function by SciPy."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import rosen, rosen_der, rosen_hess

from gradiens.optim.cost import Cost, cost_of
from gradiens.optim.minimiser import TOLD, Minimise
from gradiens.optim.problems.rosenbrock import Rosenbrock

__all__ = ["START", "end", "plain", "quadratic", "rosen", "rosen_der", "rosen_hess", "rosenbrock", "run", "walk"]

START = np.array([-1.2, 1.0])


def rosenbrock(d: int = 2) -> Cost:
    """The cost, of residuals."""
    return Rosenbrock(d).cost()


def plain(f, theta0) -> Cost:
    """The cost of a function of one number."""
    return cost_of(f, jnp.asarray(theta0))


def quadratic(seed: int = 0, d: int = 4, kappa: float = 30.0):
    """(cost, A, b) of ½ xᵀA x - bᵀx, A by NumPy."""
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.normal(size=(d, d)))[0]
    A, b = (Q * np.linspace(1, kappa, d)) @ Q.T, rng.normal(size=d)
    return cost_of(_quadratic, jnp.asarray(b), (jnp.asarray(A), jnp.asarray(b))), A, b


def _quadratic(x, A, b):
    return x @ A @ x / 2 - b @ x


@jax.jit
def _begin(method, cost, theta):
    point = cost.at(theta)
    return point, method.init(cost, point)


@jax.jit
def _step(method, cost, point, memory):
    return method.step(cost, point, memory)


def walk(method, cost, theta0, steps):
    """[(point, memory, taken)], the start first (with None)."""
    point, memory = _begin(method, cost, jnp.asarray(theta0))
    path = [(point, memory, None)]
    for _ in range(steps):
        point, memory, taken = _step(method, cost, point, memory)
        path.append((point, memory, taken))
    return path


def run(problem, theta, most):
    """(state at the end, largest rise of the value in one step, whether each kind of trouble was told)."""

    def on(carry):
        return ~carry[0].done & (carry[0].t < most)

    def step(carry):
        state, rise, told = carry
        before = problem.method.shown(problem.cost, state.point)
        state, info = problem.step(state, None)
        return state, jnp.maximum(rise, info.value - before), told.at[info.trouble].set(True)

    first = problem.init(theta)
    return jax.lax.while_loop(on, step, (first, jnp.zeros_like(first.point.value), jnp.zeros(len(TOLD) + 1, bool)))


_run = jax.jit(run)


def end(method, cost, theta0, tolerance=1e-8, most=2000):
    """The state at the end."""
    return _run(Minimise(cost, method, tolerance), jnp.asarray(theta0), most)[0]
