"""ADAM and Other Gradient Descent Extensions.

Gradient descent crawls along Rosenbrock's curved valley. Momentum averages past gradients: what alternates across the
valley cancels, what agrees along it adds up, so that after the same number of steps more memory has come further.
RMSprop divides by a running mean of squares, ADAM does both and corrects the start; its steps have a size that the
scale of C cannot change and that a closed formula bounds. AMSGRAD never lets a step size grow again; LION takes the sign of
the mean alone, so that it hovers where the others settle, and a running mean of its iterates goes down the middle.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from gradiens.book.landscapes import contour, rosenbrock
from gradiens.core.iterate import iterate
from gradiens.core.module import Module, knob
from gradiens.optim.adam import Adam
from gradiens.optim.adamw import AdamW
from gradiens.optim.amsgrad import AMSGrad
from gradiens.optim.averaging import averaged
from gradiens.optim.descent import Descent
from gradiens.optim.lion import Lion
from gradiens.optim.momentum import Momentum
from gradiens.optim.optimizer import Optimizer
from gradiens.optim.rmsprop import RMSprop
from gradiens.optim.sgd import SGD
from gradiens.optim.solution import solution
from gradiens.report.figure import Figure, Series

MEMORIES = (0.9, 0.5, 0.0)
SCALES = (1e-3, 7.0, 1e4)  # c of claim 4
BETA, GAMMA = 0.9, 0.999  # b and c of claim 5


class Config(Module):
    """The start and the rates."""

    start_1: float = knob(0.4, -2.0, 2.0, says="first coordinate of the start")
    start_2: float = knob(-0.2, -2.0, 2.0, says="second coordinate of the start")
    steps: int = knob(1000, 10, 20000, says="iterations")
    rate: float = knob(0.001, 1e-6, 0.1, "log", says="α; momentum with memory b takes the step size α/(1-b)")
    adaptive_rate: float = knob(0.01, 1e-6, 1.0, "log", says="step size of RMSprop, ADAM, AMSGRAD and LION")
    memory: float = knob(0.95, 0.0, 0.9999, says="memory of the mean of LION's iterates")
    sequences: int = knob(5, 1, 100, says="random gradient sequences on which the bound of ADAM's steps is tried")


class Record(NamedTuple):
    """Paths with the start first, and the steps that ADAM takes on given gradients."""

    momentum: Float[Array, "T1 3 2"]  # side by side for MEMORIES
    heavy_ball: Float[Array, "T1 3 2"]
    descent: Float[Array, "T1 2"]
    rmsprop: Float[Array, "T1 2"]
    adam: Float[Array, "T1 2"]
    adamw: Float[Array, "T1 2"]
    amsgrad: Float[Array, "T1 2"]
    lion: Float[Array, "T1 2"]
    lion_mean: Float[Array, "T1 2"]  # the running mean of the iterates
    unfloored: Float[Array, "T1 2"]  # ADAM with ε = 0
    scaled: Float[Array, "T1 3 2"]  # the same on c C, for each of SCALES
    averages: Float[Array, "2 T 4"]  # corrected means of a constant gradient, and of its square
    constant: Float[Array, "4"]
    random_steps: Float[Array, "N T"]  # ADAM's steps on random gradients, step size 1
    growing_steps: Float[Array, "T"]  # on gradients proportional to (b/c)^-t


def run(config: Config, key: Array) -> Record:
    """Descend Rosenbrock by each method; feed ADAM constant, random and growing gradients."""
    α, b, steps = config.rate, jnp.asarray(MEMORIES), config.steps
    path = lambda method, c=1.0: _path(config, method, c)  # noqa: E731
    unfloored = Adam(config.adaptive_rate, BETA, GAMMA, 0.0)
    unit = Adam(1.0, BETA, GAMMA, 0.0)
    at, many, constant_key = jax.random.split(key, 3)
    noise = jax.random.t(at, 2.0, (config.sequences, steps)) * jnp.exp(jax.random.normal(many, (config.sequences, 1)))
    constant = jax.random.normal(constant_key, (4,))
    states, _ = _feed(unit, jnp.tile(constant, (steps, 1)))
    t = jnp.arange(1, steps + 1)[:, None].astype(constant.dtype)
    growing = (GAMMA / BETA) ** jnp.arange(min(steps, 2000)).astype(constant.dtype)
    return Record(
        momentum=path(Momentum(α / (1 - b), b)),  # pyright: ignore[reportArgumentType] - a knob of several values: a sweep
        heavy_ball=jnp.stack([path(optax.sgd(α, momentum=float(b))) for b in MEMORIES], axis=1),
        descent=path(SGD(α)),
        rmsprop=path(RMSprop(config.adaptive_rate)),
        adam=path(Adam(config.adaptive_rate)),
        adamw=path(AdamW(config.adaptive_rate, decay=0.0)),
        amsgrad=path(AMSGrad(config.adaptive_rate)),
        lion=path(Lion(config.adaptive_rate)),
        lion_mean=path(averaged(Lion(config.adaptive_rate), config.memory)),
        unfloored=path(unfloored),
        scaled=jnp.stack([path(unfloored, c) for c in SCALES], axis=1),
        averages=jnp.stack([states.v / (1 - BETA**t), states.s / (1 - GAMMA**t)]),
        constant=constant,
        random_steps=jax.vmap(lambda g: _feed(unit, g)[1])(noise),
        growing_steps=_feed(unit, growing)[1],
    )


def _path(config: Config, method: Optimizer | optax.GradientTransformation, c: float = 1.0) -> Float[Array, "T1 2"]:
    """The iterates of `method` on c · Rosenbrock, the start first; side by side when its knobs hold several values.

    Of an averaged method, the means.
    """
    start = jnp.asarray([config.start_1, config.start_2])
    algorithm = Descent(lambda theta, t: c * rosenbrock(theta), method)
    reached = lambda state, info: solution(state.optimizer, state.theta)  # noqa: E731
    outcome = iterate(algorithm, start, steps=config.steps, record=reached, keep=None, quiet=True)
    return jnp.concatenate([jnp.broadcast_to(start, (1, *outcome.trace.shape[1:])), outcome.trace])


def _feed(adam: Adam, gradients: Float[Array, "T *d"]) -> tuple:
    """ADAM's states and steps on a given sequence of gradients."""
    zero = jnp.zeros_like(gradients[0])

    def step(state, g):
        state, update = adam.step(state, g, zero)
        return state, (state, update)

    return jax.lax.scan(step, adam.init(zero), gradients)[1]


def _bound(t: np.ndarray, b: float = BETA, c: float = GAMMA) -> np.ndarray:
    """The bound of claim 5 for step size 1."""
    r = b**2 / c
    return (1 - b) / (1 - b**t) * np.sqrt((1 - c**t) / (1 - c)) * np.sqrt((1 - r**t) / (1 - r))


def _cost(path: Array) -> np.ndarray:
    return np.asarray(jax.vmap(rosenbrock)(path.reshape(-1, 2))).reshape(path.shape[:-1])


def _distance(path: Array) -> np.ndarray:
    return np.linalg.norm(np.asarray(path) - 1.0, axis=-1)


def values(config: Config, record: Record) -> dict[str, float]:
    """End points, their cost and their distance to (1, 1)."""
    paths = {f"momentum {b:g}": path for b, path in zip(MEMORIES, record.momentum.swapaxes(0, 1), strict=True)}
    found = {}
    adaptive = {name: getattr(record, name) for name in ("rmsprop", "adam", "amsgrad", "lion", "lion_mean")}
    for name, path in {**paths, **adaptive}.items():
        end = {"theta_1": path[-1, 0], "theta_2": path[-1, 1], "C": _cost(path)[-1], "distance": _distance(path)[-1]}
        found |= {f"{name.replace('_', ' ')}: {what}": float(value) for what, value in end.items()}
    return {**found, "limit of the bound": float(_bound(np.asarray(1e6)))}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The paths in the valley, and the cost along them."""
    named = {f"b = {b:g}": path for b, path in zip(MEMORIES, record.momentum.swapaxes(0, 1), strict=True)}
    adaptive = {"RMSprop": record.rmsprop, "ADAM": record.adam, "AMSGRAD": record.amsgrad}
    adaptive |= {"LION": record.lion, "mean of LION's": record.lion_mean}
    valley = contour(rosenbrock, np.linspace(-0.2, 1.2, 141), np.linspace(-0.4, 1.2, 161), log=True)
    best = Series("points", [1.0], [1.0], label="minimum")

    def paths(title: str, which: dict[str, Array]) -> Figure:
        lines = [Series("line", path[:, 0], path[:, 1], label=name) for name, path in which.items()]
        return Figure(title, [valley, *lines, best], "θ₁", "θ₂")

    costs = [Series("line", None, _cost(path), label=name) for name, path in {**named, **adaptive}.items()]
    return (
        paths(f"Momentum on Rosenbrock, {config.steps} steps", named),
        paths("RMSprop, ADAM and their kin from the same start", adaptive),
        Figure("The cost along the paths", costs, "step", "C", log_y=True),
    )


def claim_more_memory_comes_further(config: Config, record: Record) -> bool:
    """Claim 1: distance to (1, 1), and C, after all steps: b = 0.9 < b = 0.5 < b = 0."""
    ends = record.momentum[-1]
    return bool(np.all(np.diff(_distance(ends)) > 0) and np.all(np.diff(_cost(ends)) > 0))


def claim_momentum_is_the_heavy_ball(config: Config, record: Record) -> bool:
    """Claim 2: v = b v + (1-b) g with step α/(1-b) is the heavy ball v = b v + g with step α; b = 0 is gradient
    descent."""
    ball = np.allclose(record.momentum, record.heavy_ball, rtol=1e-9, atol=1e-12)
    return ball and np.allclose(record.momentum[:, 2], record.descent, rtol=1e-9, atol=1e-12)


def claim_corrected_average_of_a_constant_is_the_constant(config: Config, record: Record) -> bool:
    """Claim 3: the bias-corrected average of a constant sequence is that constant at every step."""
    expected = np.stack([record.constant, record.constant**2])[:, None]
    return np.allclose(record.averages, expected, rtol=1e-9, atol=0)


def claim_adam_ignores_the_scale_of_the_cost(config: Config, record: Record) -> bool:
    """Claim 4: with ε = 0 ADAM's first step is rate · sign(g), and all steps are unchanged when C is multiplied by c
    > 0."""
    g = jax.grad(rosenbrock)(record.unfloored[0])
    first = np.allclose(
        record.unfloored[1] - record.unfloored[0], -config.adaptive_rate * jnp.sign(g), rtol=1e-9, atol=0
    )
    return first and np.allclose(record.scaled, record.unfloored[:, None], rtol=1e-9, atol=0)


def claim_adam_steps_are_bounded(config: Config, record: Record) -> bool:
    """Claim 5: |step t| ≤ rate (1-b)/(1-bᵗ) √((1-cᵗ)/(1-c)) √((1-rᵗ)/(1-r)), r = b²/c, with equality for gradients
    proportional to (b/c)^(t-i); for b = 0.9, c = 0.999 the factor tends to 7.27029."""
    t = np.arange(1, record.random_steps.shape[1] + 1)
    held = bool(np.all(np.abs(record.random_steps) <= _bound(t) * (1 + 1e-12)))
    attained = np.allclose(np.abs(record.growing_steps), _bound(t[: len(record.growing_steps)]), rtol=1e-9, atol=0)
    return held and attained and bool(abs(_bound(np.asarray(1e6)) - 7.27029) < 5e-6)


def claim_adamw_without_decay_is_adam(config: Config, record: Record) -> bool:
    """Claim 6: ADAMW with decay 0 equals ADAM."""
    return np.allclose(record.adamw, record.adam, rtol=1e-12, atol=0)
