"""Descent along the gradients of single examples of a finite sum, and all the minibatches that there are.

The `config` of a section that uses this has the knobs `steps`, `rate`, `delay` and `memory`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.iterate import iterate
from gradiens.optim.averaging import averaged
from gradiens.optim.descent import Descent
from gradiens.optim.problems.finite_sum import FiniteSum
from gradiens.optim.schedule_free import ScheduleFree
from gradiens.optim.schedules import RobbinsMonro, Schedule
from gradiens.optim.sgd import SGD
from gradiens.optim.solution import solution

Numbers = Array | np.ndarray
MEETING = ((2.0, 2.0),) * 5  # all points of the finite sum, where they are one


class Sums(NamedTuple):
    """Iterates on the finite sum, the start first; those of single examples for each seed."""

    full: Float[Numbers, "T1 2"]
    single: Float[Numbers, "T1 S 2"]
    mean: Float[Numbers, "T1 S 2"]  # of the iterates of `single`
    shrinking: Float[Numbers, "T1 S 2"]
    schedule_free: Float[Numbers, "T1 S 2"]
    meeting: Float[Numbers, "T1 S 2"]  # all points equal


class Batches(NamedTuple):
    """At one θ: the gradients of single examples; for each size b the mean over all minibatches and their variance."""

    gradients: Float[Numbers, "N 2"]
    mean: Float[Numbers, "N 2"]
    variance: Float[Numbers, "N"]  # E |g - ∇C|², b = 1 … N


def descend(config: Any, start: Float[Array, "2"], key: Array, seeds: int) -> Sums:
    """The full gradient; single examples drawn by the keys of `seeds` seeds, with a constant step, with shrinking steps, by
    schedule-free ADAMW, and where all points are one."""
    keys = jax.vmap(lambda seed: jax.random.fold_in(key, seed))(jnp.arange(seeds))
    problem, meeting = FiniteSum(), FiniteSum(x=MEETING)

    def path(loss: Callable, method: Any, keys: Array | None, schedule: Schedule | None = None) -> list[Array]:
        both = lambda s, info: (s.theta, solution(s.optimizer, s.theta))  # noqa: E731
        descent = Descent(loss, method, schedule)
        found = iterate(descent, start, steps=config.steps, key=keys, record=both, keep=None, quiet=True).trace
        return [jnp.concatenate([jnp.broadcast_to(start, (1, *a.shape[1:])), a]) for a in found]

    single, mean = path(_one_of(problem), averaged(SGD(config.rate), config.memory), keys)
    schedule = RobbinsMonro(config.steps, config.delay)
    return Sums(
        full=path(lambda theta, t: problem(theta), SGD(config.rate), None)[0],
        single=single,
        mean=mean,
        shrinking=path(_one_of(problem), SGD(config.rate), keys, schedule)[0],
        schedule_free=path(_one_of(problem), ScheduleFree(0.1), keys)[1],
        meeting=path(_one_of(meeting), SGD(config.rate), keys)[0],
    )


def _one_of(problem: FiniteSum) -> Callable[[Array, Array], Array]:
    """The cost of an example that a key draws."""
    return lambda theta, key: problem.terms(theta)[jax.random.randint(key, (), 0, len(problem.c))]


def batches(gradients: Float[Array, "N 2"]) -> Batches:
    """All minibatches of each size, without replacement."""
    n, full = len(gradients), jnp.mean(gradients, axis=0)
    means, variances = [], []
    for b in range(1, n + 1):
        rows = np.array(list(combinations(range(n), b)))
        g = np.asarray(gradients)[rows].mean(axis=1)
        means.append(g.mean(axis=0))
        variances.append(np.mean(np.sum((g - np.asarray(full)) ** 2, axis=1)))
    return Batches(gradients, np.stack(means), np.stack(variances))
