"""One entry of a gradient against difference quotients of the function along its coordinate.

    D(h) = (f(x + h eᵢ) - f(x - h eᵢ)) / (2 h),   error = |D(2h) - D(h)| + 2 σ / h,   σ the noise of f

Where the slopes to the left and to the right differ and go on differing as the step is halved, f has a kink.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

MARGIN = 10.0  # of the estimated error of a difference
KINK = 0.6  # ratio of the jumps of the slope at h and 2h: 1/2 where f is smooth, 1 at a kink
EPS = float(np.finfo(float).eps)


class Component(NamedTuple):
    """One entry of the gradient: its name, what stands there, the difference quotient with its error, and a remark."""

    name: str
    got: float
    expected: float
    error: float
    note: str = ""

    def __str__(self) -> str:
        said = f"{self.name}: expected {self.expected:.8g} ± {self.error:.1g}, got {self.got:.8g}"
        return said + (f" ({self.note})" if self.note else "")


class Slopes(NamedTuple):
    """What the values of f around x say of its slope along one coordinate."""

    central: float
    error: float
    noise: float
    finite: bool
    left: float
    right: float
    kink: bool


def slopes(at: Callable[[Any], float], x: np.ndarray, value: float, i: int, rough: float) -> Slopes:
    """The slopes of f (`at`) at x, where it has the value `value`, along coordinate i; `rough` is the noise of f."""
    h = EPS ** (1 / 3) * max(1.0, abs(x[i]))
    left2, left1, right1, right2 = near = [at(_moved(x, i, step)) for step in (-2 * h, -h, h, 2 * h)]
    central, wide = (right1 - left1) / (2 * h), (right2 - left2) / (4 * h)
    noise = 2 * max(rough, EPS * max(map(abs, near))) / h
    error = abs(wide - central) + noise
    left, right = (value - left1) / h, (right1 - value) / h
    jump, jump2 = abs(right - left), abs(right2 + left2 - 2 * value) / (2 * h)
    kink = jump > max(KINK * jump2, 1e-3 * max(abs(left), abs(right)), 4 * MARGIN * noise, 4 * error)
    return Slopes(central, error, noise, bool(np.all(np.isfinite(near))), left, right, kink)


def judged(found: Slopes, g: float, name: str, tolerance: float) -> tuple[Component, bool, float]:
    """The entry g of the gradient: what is to be said of it, whether it is wrong, and its relative difference (0 where
    it cannot be judged)."""
    central, error = found.central, found.error
    off, size = abs(g - central), max(abs(g), abs(central), float(np.finfo(float).tiny))
    allowed = tolerance * size + MARGIN * error
    if not np.isfinite(g):
        return Component(name, g, central, error, "not a finite number"), True, 0.0
    if not found.finite:
        return Component(name, g, central, error, "the function is not finite beside this point"), False, 0.0
    if found.kink:
        low, high = sorted((found.left, found.right))
        note = f"a kink: slope {found.left:.6g} on the left, {found.right:.6g} on the right"
        return Component(name, g, central, error, note), not low - allowed <= g <= high + allowed, 0.0
    told = off > allowed or error <= 1e-3 * size or off <= MARGIN * found.noise
    return (
        Component(name, g, central, error, "" if told else "too rough to tell"),
        off > allowed,
        off / max(size, error),
    )


def _moved(x: np.ndarray, i: int, step: float) -> np.ndarray:
    y = x.copy()
    y[i] += step
    return y
