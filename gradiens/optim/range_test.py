"""The range test of the step size: it grows from step to step, and the loss tells where it is too small and too large.

    αₜ = α_low (α_high / α_low)^(t/(T-1)),   t = 0 … T-1
    θ' = θ + Δ with the step size αₜ,        Cₜ the loss before the step

Where Cₜ falls fastest against log α is a good step size to begin with; where it turns upwards the step size is too large.
On a parabola of curvature λ it turns at 2/λ exactly. Losses of minibatches are smoothed by a running mean, corrected for its
start.

Book: 3.6, 5.5.  Source: Smith (2017), section 3.3.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.iterate import iterate
from gradiens.core.module import knob, knobs
from gradiens.optim.descent import Descent
from gradiens.optim.optimizer import Optimizer
from gradiens.optim.schedules import Schedule, Step

KIND = "test of a setting"


class _Growing(Schedule):
    """From 1 by a constant factor a step up to `ratio` at the last."""

    ratio: float = knob(1e4, 1.0, None, "log", "last step size over the first")

    def __call__(self, t: Step) -> Float[Array, ""]:
        """ratio^(t/(T-1))."""
        return self.ratio ** self.part(t, 0, self.steps - 1)


@dataclasses.dataclass(frozen=True)
class RangeTest:
    """The step size of each step, the loss before it, and the smoothed loss; they end where the loss was not finite."""

    rates: Float[np.ndarray, " T"]
    losses: Float[np.ndarray, " T"]
    smooth: Float[np.ndarray, " T"]

    @property
    def turn(self) -> float:
        """The step size at the least smoothed loss: too large by then."""
        return float(self.rates[np.argmin(self.smooth)])

    @property
    def steepest(self) -> float:
        """The step size before the turn at which the smoothed loss falls fastest against log α."""
        last = max(int(np.argmin(self.smooth)), 1)
        slope = np.gradient(self.smooth, np.log(self.rates))[: last + 1]
        return float(self.rates[np.argmin(slope)])


def range_test(
    loss: Callable[[Any, Any], Array],
    theta: Any,
    optimizer: Optimizer,
    low: float = 1e-4,
    high: float = 10.0,
    steps: int = 200,
    feed: Callable[[int, int], Any] | None = None,
    memory: float = 0.9,
) -> RangeTest:
    """Descend from `theta` on `loss(theta, input)`, the optimizer's `lr` growing from `low` to `high`; `feed` as `iterate`.

    `memory` is that of the running mean of the losses, 0 for none.

    Book: 3.6, 5.5.  Source: Smith (2017), section 3.3.

    Raises `Mistake` for an optimizer without a knob lr, a range that is empty or not positive, or fewer than 3 steps.
    """
    if "lr" not in knobs(type(optimizer)):
        raise Mistake("an optimizer with a step size lr", type(optimizer).__name__, "for example SGD() or Adam()")
    if not 0 < low < high < np.inf or steps < 3 or not 0 <= memory < 1:
        got = f"{low:g} to {high:g}, {steps} steps, memory {memory:g}"
        raise Mistake("step sizes 0 < low < high, at least 3 steps, a memory in [0, 1)", got)
    descent = Descent(loss, dataclasses.replace(optimizer, lr=low), _Growing(steps, high / low))  # pyright: ignore
    outcome = iterate(
        descent, theta, steps=steps, feed=feed, record=lambda state, info: info.loss, keep=None, quiet=True
    )
    losses = np.asarray(outcome.trace, np.float64)
    losses = losses[: int(np.argmin(np.isfinite(losses)))] if not np.isfinite(losses).all() else losses
    if len(losses) < 3:
        raise Mistake("a loss that is finite for three steps", f"{len(losses)} steps", "begin with a smaller low")
    rates = low * (high / low) ** (np.arange(len(losses)) / (steps - 1))
    return RangeTest(rates, losses, _running_mean(losses, memory))


def _running_mean(losses: np.ndarray, memory: float) -> np.ndarray:
    """Σ mⁱ C_(t-i) / Σ mⁱ."""
    weighed, total, found = 0.0, 0.0, np.empty(len(losses))
    for t, value in enumerate(losses):
        weighed, total = memory * weighed + value, memory * total + 1
        found[t] = weighed / total
    return found
