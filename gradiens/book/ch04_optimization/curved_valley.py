"""Methods of second order in Rosenbrock's valley, from three starts, all in one compiled program."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch04_optimization.paths import paths_of
from gradiens.book.landscapes import rosenbrock
from gradiens.optim.bfgs import BFGS
from gradiens.optim.cost import Point
from gradiens.optim.damped_newton import DampedNewton
from gradiens.optim.dfp import DFP
from gradiens.optim.lbfgs import LBFGS
from gradiens.optim.newton import Newton
from gradiens.optim.newton_cg import NewtonCG
from gradiens.optim.sr1 import SR1
from gradiens.optim.trust_region import TrustRegion

STARTS = ((0.4, -0.2), (0.2, -0.2), (-1.2, 1.0))
TOLERANCE = 1e-8  # of the largest entry of the gradient
METHODS = {
    "BFGS": BFGS(),
    "L-BFGS": LBFGS(),
    "DFP": DFP(),
    "SR1": SR1(),
    "Newton": Newton(),
    "damped Newton": DampedNewton(),
    "trust region": TrustRegion(),
    "Newton-CG": NewtonCG(),
}


class Valley(NamedTuple):
    """The paths from STARTS by method, and the inverse Hessian of BFGS after each step."""

    paths: dict[str, Point]
    B: Float[Array, "3 T 2 2"]


@jax.jit
def valley() -> Valley:
    """A hundred steps of each method."""
    starts = jnp.asarray(STARTS)
    bfgs, B = paths_of(rosenbrock, METHODS["BFGS"], starts, 100, keep=lambda state, info: state.memory.B)
    others = {name: paths_of(rosenbrock, method, starts, 100)[0] for name, method in list(METHODS.items())[1:]}
    return Valley({"BFGS": bfgs, **others}, B)


def iterations(path: Point) -> list[int]:
    """The steps until the gradient is within the tolerance, from each start; -1 where it never is."""
    reached = np.max(np.abs(np.asarray(path.g)), axis=-1) <= TOLERANCE
    return [int(np.argmax(row)) if row.any() else -1 for row in reached]
