"""The minimum of a quadratic with an L1 penalty, to rounding, by search over supports.

    min_w  ½ w'Gw - c'w + λ ‖w‖₁

On a support A with signs s the minimiser is one linear system, G_AA w_A = c_A - λ s. Where signs disagree, w goes
towards it until a coordinate is zero, which leaves A. At the minimum on A the slopes g = c - Gw say what is missing:
coordinates with |g_j| > λ enter with the sign of g_j, the worst first. Several enter together unless nothing moved the
last time; one alone always moves, and every move lowers the objective, so no support comes twice. From a neighbouring λ
it takes one or two systems.

Source: Osborne, Presnell & Turlach (2000).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from gradiens.classical.linear.active_factor import Factor, Quadratic
from gradiens.core.check import Failure

FIRST = 8  # coordinates that may enter an empty support together


@dataclasses.dataclass
class Support:
    """A point w with its support A, in order of entry, and the signs s of w_A."""

    w: Float[np.ndarray, "p"]
    active: Int[np.ndarray, "k"]
    signs: Float[np.ndarray, "k"]

    @classmethod
    def empty(cls, p: int) -> Support:
        """w = 0."""
        return cls(np.zeros(p), np.zeros(0, np.intp), np.zeros(0))


def minimise(factor: Factor, l1: float, at: Support, tolerance: float) -> tuple[Support, Float[np.ndarray, "p"]]:
    """The minimiser, from `at`, and its slopes g = c - Gw: |g_j| ≤ λ + `tolerance` outside the support.

    Raises `Failure` when supports go round in circles, which only rounding can cause.
    """
    problem = factor.problem
    for _ in range(100 + 10 * len(problem.c)):
        before, at = at.w, _within(factor, l1, at)
        slopes = problem.c - problem.times(at.w)
        missing = np.abs(slopes) - l1
        missing[at.active] = 0.0
        enter = np.flatnonzero(missing > tolerance)
        if not enter.size:
            return at, slopes
        moved = not np.array_equal(before, at.w)
        enter = enter[np.argsort(-missing[enter])[: _together(problem, len(at.active)) if moved else 1]]
        signs = np.concatenate([at.signs, np.sign(slopes[enter])])
        at = Support(at.w, np.concatenate([at.active, enter]), signs)
    raise Failure("the support of the lasso was not found", "scale the columns of x, or raise the penalty")


def _together(problem: Quadratic, k: int) -> int:
    """How many may enter a support of k: it may double, but stay well below the rank that G can have."""
    room = (len(problem.x) - k) // 2 if problem.kappa == 0 else len(problem.c)
    return max(1, min(k + FIRST, room))


def _within(factor: Factor, l1: float, at: Support) -> Support:
    """The minimiser on the support of `at`, less the coordinates that reach zero on the way."""
    w, active, signs = at.w.copy(), at.active, at.signs
    while len(active):
        target = factor.solve(active, factor.problem.c[active] - l1 * signs)
        wrong = target * signs <= 0
        if not wrong.any():
            w[active] = target
            break
        old = w[active]
        t = np.ones(len(active))  # a coordinate has gone from old to target, in which share of the way it is zero
        t[wrong] = old[wrong] / np.where(old == 0, 1.0, old - target)[wrong]
        t[~wrong] = np.inf
        stays = t > t.min()
        w[active] = np.where(stays, old + t.min() * (target - old), 0.0)
        active, signs = active[stays], signs[stays]
    return Support(w, active, signs)
