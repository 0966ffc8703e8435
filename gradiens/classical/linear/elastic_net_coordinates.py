"""COORDINATE DESCENT for the elastic net: each weight in turn is set to its best value, a shrunk soft threshold.

    min_w  ½ w'Gw - c'w + λ ‖w‖₁ + κ/2 ‖w‖²

    u = c_j - Σ_k G_jk w_k + G_jj w_j
    w_j' = sign(u) max(|u| - λ, 0) / (G_jj + κ)

A step is one sweep over j = 1 … p, each weight with the values that the others have by then; c - Gw is kept, so that a
sweep costs p² and no more than p where few weights change. With G = X'X/N and c = X'y/N it is the problem of
`gradiens.classical.linear.elastic_net`, whose search over supports is exact and faster on a path; this is the method to watch.

Book: 2.6.  Source: Friedman, Hastie & Tibshirani (2010).
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.classical.linear.elastic_net import ElasticNetFit, duality_gap, prepared
from gradiens.core.check import Failure
from gradiens.core.iterate import iterate
from gradiens.core.module import Module, knob


class State(NamedTuple):
    """The weights w and what is left, r = c - Gw."""

    w: Float[Array, "p"]
    r: Float[Array, "p"]


class Info(NamedTuple):
    """The weights after a sweep, the objective, and the largest violation of the conditions of the minimum."""

    w: Float[Array, "p"]
    objective: Float[Array, ""]
    violation: Float[Array, ""]


class ElasticNetCoordinates(Module):
    """Sweeps of coordinate descent on ½ w'Gw - c'w + λ ‖w‖₁ + κ/2 ‖w‖². The objective never rises.

    Book: 2.6.  Source: Friedman, Hastie & Tibshirani (2010).
    """

    G: Float[Array, "p p"]
    c: Float[Array, "p"]
    l1: float = knob(0.0, 0.0, None, says="weight λ of the penalty ‖w‖₁")
    l2: float = knob(0.0, 0.0, None, says="weight κ of the penalty ‖w‖²/2")

    def init(self, w: Float[Array, "p"]) -> State:
        """From the weights w."""
        return State(w, self.c - self.G @ w)

    def step(self, state: State, t: Array) -> tuple[State, Info]:
        """One sweep."""
        λ, κ = self.l1, self.l2

        def coordinate(j: Array, at: State) -> State:
            w, r = at
            u = r[j] + self.G[j, j] * w[j]
            new = jnp.sign(u) * jnp.maximum(jnp.abs(u) - λ, 0) / (self.G[j, j] + κ)
            new = jnp.where(self.G[j, j] + κ > 0, new, w[j])  # a column of zeros has any weight: it stays
            return State(w.at[j].set(new), r - self.G[j] * (new - w[j]))

        w, r = jax.lax.fori_loop(0, len(self.c), coordinate, state)
        objective = -jnp.dot(w, self.c + r) / 2 + λ * jnp.sum(jnp.abs(w)) + κ / 2 * jnp.dot(w, w)
        v = r - κ * w
        violation = jnp.max(jnp.where(w == 0, jnp.maximum(jnp.abs(v) - λ, 0), jnp.abs(v - λ * jnp.sign(w))))
        return State(w, r), Info(w, objective, violation)


def fit_elastic_net_by_coordinates(
    x: Float[np.ndarray, "N p"],
    y: Float[np.ndarray, "N"],
    penalty: float,
    ratio: float = 1.0,
    intercept: bool = True,
    tolerance: float = 1e-10,
    sweeps: int = 10_000,
) -> ElasticNetFit:
    """The elastic net with penalty α and share ρ = `ratio` of L1, by sweeps from w = 0.

    Book: 2.6.  Source: Friedman, Hastie & Tibshirani (2010).

    It stops when no condition of the minimum is violated by more than `tolerance` times max |X'y|/N. Raises `Failure`
    when `sweeps` are too few, and `Mistake` as `elastic_net_path` does.
    """
    data = prepared(x, y, ratio, [penalty], intercept)
    l1, l2, most = penalty * ratio, penalty * (1 - ratio), tolerance * float(np.abs(data.c).max())
    with jax.enable_x64(True):
        G = jnp.asarray(data.x.T @ data.x / len(data.x))
        algorithm = ElasticNetCoordinates(G, jnp.asarray(data.c), l1, l2)
        start, until = jnp.zeros_like(algorithm.c), lambda state, info: info.violation <= most
        outcome = iterate(algorithm, start, steps=sweeps, keep=1, until=until, quiet=True)
        w, r = (np.asarray(part) + 0.0 for part in outcome.state)  # no -0
    if outcome.stopped != "until":
        raise Failure(f"coordinate descent was not done after {sweeps} sweeps", "allow more, or take fit_elastic_net")
    gap = duality_gap(w, r - l2 * w, data.c, data.yy, l1)
    return ElasticNetFit(penalty, ratio, w, float(data.intercept(w)), gap)
