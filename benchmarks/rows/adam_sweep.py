"""64 step sizes of Adam on one problem: one `vmap` against 64 runs of Optax."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.harness import Measure, Row

RATES = np.logspace(-4, 0, 64)
STEPS = 1000


def problem() -> tuple[Any, Any]:
    """Logistic regression on the Wisconsin data, 569 × 30 in standard units: the cost, its start."""
    import jax
    import jax.numpy as jnp
    from sklearn.datasets import load_breast_cancer

    data, target = load_breast_cancer(return_X_y=True)
    x = jnp.asarray((data - np.mean(data, 0)) / np.std(data, 0), jnp.float32)
    sign = jnp.asarray(1 - 2 * target, jnp.float32)

    def cost(w: Any) -> Any:
        return jnp.mean(jax.nn.softplus(-sign * (x @ w)))

    return cost, jnp.zeros(30, jnp.float32)


def quality(values: Any) -> dict[str, float]:
    return {"least": float(np.min(values)), "median": float(np.median(values))}


def ours(quick: bool) -> Measure:
    import jax
    import jax.numpy as jnp

    from gradiens import iterate
    from gradiens.optim.adam import Adam
    from gradiens.optim.descent import Descent

    cost, start = problem()
    sweep = Descent(lambda theta, t: cost(theta), Adam(lr=jnp.asarray(RATES, jnp.float32)))  # pyright: ignore
    first = iterate(sweep, start, steps=STEPS, quiet=True, keep=1)
    clock = time.perf_counter()
    found = iterate(sweep, start, steps=STEPS, quiet=True, keep=1)
    steady = (time.perf_counter() - clock) / STEPS
    values = jax.vmap(cost)(found.state.theta)
    return {"compile": first.seconds.compile, "steady": steady, "quality": quality(values)}


def optax_loop(quick: bool) -> Measure:
    """Optax as it is used: a compiled step in a Python loop; the step size is an argument, so it compiles once."""
    import jax
    import optax

    cost, start = problem()

    @jax.jit
    def step(theta: Any, state: Any, rate: Any) -> Any:
        update, state = optax.adam(rate).update(jax.grad(cost)(theta), state, theta)
        return optax.apply_updates(theta, update), state

    def run(rate: Any, steps: int) -> Any:
        theta, state = start, optax.adam(rate).init(start)
        for _ in range(steps):
            theta, state = step(theta, state, rate)
        return jax.block_until_ready(cost(theta))

    rates = [np.float32(rate) for rate in RATES]
    run(rates[0], 2)
    clock = time.perf_counter()
    values = [run(rate, STEPS) for rate in rates]
    return {"steady": (time.perf_counter() - clock) / STEPS, "quality": quality(values)}


def optax_scan(quick: bool) -> Measure:
    """Optax at its best without `vmap`: a whole run is one compiled `scan`, 64 runs one after the other."""
    import jax
    import optax

    cost, start = problem()

    @jax.jit
    def run(rate: Any) -> Any:
        method = optax.adam(rate)

        def step(carry: Any, _: Any) -> Any:
            theta, state = carry
            update, state = method.update(jax.grad(cost)(theta), state, theta)
            return (optax.apply_updates(theta, update), state), None

        (theta, _), _ = jax.lax.scan(step, (start, method.init(start)), None, length=STEPS)
        return cost(theta)

    rates = [np.float32(rate) for rate in RATES]
    run(rates[0]).block_until_ready()
    clock = time.perf_counter()
    values = [run(rate).block_until_ready() for rate in rates]
    return {"steady": (time.perf_counter() - clock) / STEPS, "quality": quality(values)}


ROW = Row(
    title="64 step sizes of Adam, 1,000 steps each on a logistic regression 569 × 30: a step of all",
    goal="≥ 5 × 64 runs of Optax",
    sides={"ours": ours, "Optax, compiled steps": optax_loop, "Optax, compiled runs": optax_scan},
    least_ratio=5.0,
    agree={"least": 1e-3, "median": 1e-3},
    note="Ours is one compiled sweep. The peer is Optax as it is used, one compiled step in a Python loop for each step "
    "size; beside it Optax with a whole run compiled into one scan, which is the harder peer.",
)
