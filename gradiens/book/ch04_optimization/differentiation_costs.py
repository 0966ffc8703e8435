"""What differentiation costs: operations counted on tapes, seconds on a clock, states in memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.calculus.checkpointing import pull_back
from gradiens.calculus.implicit import implicit_solution
from gradiens.calculus.random_expression import RandomExpression
from gradiens.calculus.reverse import record

SIZES = (4, 16, 64, 256, 1024)  # inputs of the function whose gradient is timed
CHAIN = 64  # steps of the chain that is checkpointed
EVERY = (1, 2, 4, 8, 16, 32, 64)


def layers(x: Any, xp: Any = np) -> Any:
    """A number of n inputs in 6 n operations or so: what is timed."""
    h = xp.tanh(x * x + 0.5)
    return xp.sum(xp.sin(h * x) * h)


def counted(seed: int, operations: int) -> tuple[int, int]:
    """The operations of a random graph and of its reverse pass."""
    point = np.random.default_rng(seed).normal(size=3)
    tape = record(RandomExpression(seed, operations=operations), *point)
    return tape.operations, tape.reverse_operations


def work(n: int) -> tuple[int, int]:
    """Forward mode evaluates, and multiplies each partial derivative by a tangent, n times; reverse mode once."""
    tape = record(layers, np.linspace(0.1, 1.0, n))
    once = tape.operations + tape.reverse_operations
    return n * once, once


def seconds(n: int) -> tuple[float, float]:
    """The seconds of one gradient by each mode, compiled: the least of five."""
    x = jnp.linspace(0.1, 1.0, n)
    f = lambda x: layers(x, jnp)  # noqa: E731
    return _clocked(jax.jit(jax.jacfwd(f)), x), _clocked(jax.jit(jax.grad(f)), x)


def _clocked(f: Callable[[Array], Array], x: Array) -> float:
    f(x).block_until_ready()
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        f(x).block_until_ready()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def checkpointed(every: int) -> tuple[int, float]:
    """The states held at most, and the derivative, of a chain of sines of which every `every`-th state is kept."""
    found = pull_back(jnp.sin, jnp.asarray(1.0), jnp.asarray(1.0), CHAIN, every)
    return found.states, float(found.adjoint)


def through_a_solver() -> Float[Array, "2"]:
    """d y/d x at 0.7 of the solution of y + sin(y)/2 = x, by the theorem and through 60 steps of the solver."""
    equation = lambda y, x: y + 0.5 * jnp.sin(y) - x  # noqa: E731
    solve = lambda x: jax.lax.fori_loop(0, 60, lambda _, y: y - 0.6 * equation(y, x), x)  # noqa: E731
    x = jnp.asarray([0.7])
    return jnp.concatenate([jax.jacrev(implicit_solution(equation, solve))(x)[0], jax.jacfwd(solve)(x)[0]])
