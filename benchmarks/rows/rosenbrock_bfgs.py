"""Rosenbrock in 100 dimensions by BFGS."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.harness import Measure, Row

START = np.resize([-1.2, 1.0], 100)
TOLERANCE = 1e-6
CALLS = 20


def ours(quick: bool) -> Measure:
    import jax.numpy as jnp

    from gradiens import minimize

    def rosenbrock(theta: Any) -> Any:
        return jnp.sum(100.0 * (theta[1:] - theta[:-1] ** 2) ** 2 + (1 - theta[:-1]) ** 2)

    def call() -> Any:
        return minimize(rosenbrock, START, "bfgs", tolerance=TOLERANCE, certificate=False, quiet=True)

    first = call()
    clock = time.perf_counter()
    found = [call() for _ in range(CALLS)][-1]
    steady = (time.perf_counter() - clock) / CALLS
    numbers = {"cost": found.value, "steps": float(found.steps), "evaluations": float(found.nfev)}
    return {"compile": first.seconds["compile"], "steady": steady, "quality": numbers}


def peer(quick: bool) -> Measure:
    from scipy.optimize import minimize, rosen, rosen_der

    options = {"gtol": TOLERANCE, "maxiter": 10_000}
    clock = time.perf_counter()
    found = [minimize(rosen, START, jac=rosen_der, method="BFGS", options=options) for _ in range(CALLS)][-1]
    steady = (time.perf_counter() - clock) / CALLS
    return {"steady": steady,
            "quality": {"cost": float(found.fun), "steps": float(found.nit), "evaluations": float(found.nfev)}}  # fmt: skip


ROW = Row(
    title="Rosenbrock in 100 dimensions from (-1.2, 1, …) by BFGS to a gradient of 1e-6",
    goal="≥ 3 × SciPy's BFGS",
    sides={"ours": ours, "SciPy": peer},
    least_ratio=3.0,
    note="A whole call of `minimize` without the certificate, compiled programs kept, against a whole call of "
    "`scipy.optimize.minimize` with the gradient given. Each counts its own steps and evaluations.",
)
