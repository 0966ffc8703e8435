"""Why a minimisation stopped, in one word and in one sentence with advice."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradiens.core.iterate import Outcome
from gradiens.optim.minimiser import Minimise
from gradiens.optim.minimum import Certificate

Reason = tuple[str, bool, str]


def reason_of(problem: Minimise, outcome: Outcome, told: Certificate, most: int, first: float) -> Reason:
    """`(reason, success, message)` of a run of `most` steps from the value `first`, and the certificate of its end."""
    state, steps = outcome.state, outcome.steps
    residual = float(problem.method.residual(problem.cost, state.point))
    if outcome.stopped == "interrupted":
        return "interrupted", False, f"{outcome.says}: what was found so far"
    if float(state.point.value) < problem.floor or (outcome.stopped == "nan" and _falls(problem, state)):
        where = f"C = {float(state.point.value):.3g} at max |θ| = {float(jnp.max(jnp.abs(state.point.theta))):.3g}"
        return "unbounded", False, f"the cost seems unbounded below: {where} and falling; add a penalty or a constraint"
    if residual <= problem.tolerance:
        return _at_rest(residual, problem.tolerance, told, first - float(state.point.value))
    if outcome.stopped == "nan":
        return "nan", False, f"{outcome.says}; take a smaller step size, or a start nearer to the minimum"
    if bool(state.done):
        return _stuck(problem, state, residual, told)
    advice = f"give steps={10 * most}, or another method" if steps >= most else "go on"
    return (
        "steps",
        False,
        f"stopped after {steps} steps with a gradient of {residual:.2e} > {problem.tolerance:.1e}; {advice}",
    )


def _at_rest(residual: float, tolerance: float, told: Certificate, fallen: float) -> Reason:
    found = f"the gradient is {residual:.2e} ≤ {tolerance:.1e}"
    if told.down is not None:
        what, reason = ("a maximum", "maximum") if told.definite == "negative" else ("a saddle", "saddle")
        advice = "go on along certificate.down, or take trust_region or damped_newton"
        return (
            reason,
            False,
            f"{found}, but this is {what} (lowest eigenvalue of the Hessian {told.lowest:.3g}): {advice}",
        )
    if told.promised > 1e-3 * fallen > 0:
        more = f"the quadratic model still promises {told.promised:.3g}, of {fallen:.3g} won so far"
        return "far", False, f"{found}, but {more}: the cost is very flat or unbounded below; give a smaller tolerance"
    return "gradient", True, f"minimum found: {found}"


def _falls(problem: Minimise, state: Any) -> bool:
    """Whether the step that left the finite numbers led to -∞, or θ itself ran away."""
    new, _ = jax.jit(problem.step)(state, None)
    value, theta = float(new.point.value), np.asarray(state.point.theta)
    return value == -np.inf or (not np.isfinite(new.point.theta).all() and np.abs(theta).max() > 1e15)


def _stuck(problem: Minimise, state: Any, residual: float, told: Certificate) -> Reason:
    """No step lowers the cost, and the gradient is not small: a kink, rounding, or a step size that is 0."""
    kink = _kink(problem, state)
    if kink:
        return (
            "kink",
            False,
            (
                f"no step lowers the cost, yet the gradient is {residual:.2e}: the cost has a kink at {kink}, where it is not "
                "differentiable; smooth it, or take a subgradient method (sgd with a falling step)"
            ),
        )
    dtype = state.point.theta.dtype
    if _below_rounding(state, told):
        more = (
            "x64=True would go on" if dtype != np.float64 else "a larger tolerance is as near as float64 comes; scale C"
        )
        return (
            "precision",
            False,
            (
                f"{dtype} resolves no lower cost here: the gradient is {residual:.2e} > {problem.tolerance:.1e}, and what it "
                f"promises lies below the rounding of C = {float(state.point.value):.6g}; {more}"
            ),
        )
    return (
        "stuck",
        False,
        (
            f"no step along the direction lowers the cost, though the gradient is {residual:.2e} > {problem.tolerance:.1e}; "
            "check the gradient (gradiens.calculus.check_gradient), or take another method"
        ),
    )


def _below_rounding(state: Any, told: Certificate) -> bool:
    """Whether all that a quadratic model promises, ½ ‖g‖² / λ, is lost in the rounding of C, or the step in that of θ."""
    dtype = state.point.theta.dtype
    eps, tiny = float(jnp.finfo(dtype).eps), float(jnp.finfo(dtype).tiny)
    theta, value = np.asarray(state.point.theta, np.float64), float(state.point.value)
    length = float(np.linalg.norm(theta))
    # without a Hessian, that of a cost whose curvature changes it by itself over its own distance
    curvature = told.lowest if told.definite == "positive" else max(abs(value), tiny) / max(length, 1e-3) ** 2
    promised, step = told.gradient_norm**2 / (2 * curvature), told.gradient_norm / curvature
    return promised <= 1e3 * eps * max(abs(value), tiny) or step <= 10 * eps * length


def _kink(problem: Minimise, state: Any) -> str:
    """The name of an entry along which the slopes on both sides differ in sign by more than curvature explains, or ""."""
    theta, layout = state.point.theta, problem.cost.layout
    eps = float(jnp.finfo(theta.dtype).eps)
    gradient = jax.jit(problem.cost.grad)
    order = np.argsort(-np.abs(np.asarray(state.point.g)))[:20]
    for place in order.tolist():
        jumps = []
        for power in (1 / 4, 3 / 8):  # a jump stays as the step shrinks, a curvature's share does not
            h = eps**power * max(1.0, abs(float(theta[place])))
            right, left = (float(gradient(theta.at[place].add(side * h))[place]) for side in (1, -1))
            jumps.append((left, right))
        (left, right), (inner_left, inner_right) = jumps
        gap, inner = right - left, inner_right - inner_left
        if left < 0 < right and inner_left < 0 < inner_right and inner > 0.5 * gap:
            return layout.name(place)
    return ""
