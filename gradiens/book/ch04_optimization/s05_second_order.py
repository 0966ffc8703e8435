"""Second Order Methods.

Newton's method goes to the stationary point of the quadratic model. Where the model curves upwards that is downhill, and near a
strong minimum the number of right digits doubles from step to step; where it curves downwards the step leads uphill, to the
maximum, and damping is the repair. Quasi-Newton methods learn the inverse Hessian from changes of the gradient: in one
variable that is the secant method, in several BFGS, and from the last few steps alone L-BFGS. For least squares the Jacobian
of the residuals gives a Hessian that needs no second derivative; Levenberg and Marquardt turn it towards the gradient.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch04_optimization.curved_valley import METHODS, STARTS, Valley, iterations, valley
from gradiens.book.ch04_optimization.exponential_fit import DAMPINGS, START, Fit, fit
from gradiens.book.ch04_optimization.matrix_steps import matrix_steps
from gradiens.book.ch04_optimization.quartic import COEFFICIENTS, OneVariable, one_variable, order, stationary_points
from gradiens.book.ch04_optimization.quartic import STARTS as TWO
from gradiens.book.ch04_optimization.second_order_identities import D, Identities, identities
from gradiens.book.landscapes import contour, rosenbrock
from gradiens.core.module import Module, knob
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
RIVALS = ("gradient descent", "Adagrad", "Shampoo")


class Config(Module):
    """The number of random cases, of data points, of steps on a matrix."""

    cases: int = knob(10, 1, 200, says="random quadratics, and random changes of variables")
    rows: int = knob(20, 3, 10_000, says="points to which y = a exp(b t) is fitted")
    matrix: int = knob(300, 10, 10_000, says="steps of Shampoo and its rivals on a matrix of parameters")


class Record(NamedTuple):
    """One variable, Rosenbrock's valley, the fit, exact identities, a matrix of parameters."""

    one: OneVariable
    valley: Valley
    fit: Fit
    identities: Identities
    matrix: dict[str, Float[Numbers, "T1"]]


def run(config: Config, key: Array) -> Record:
    """Each part of the experiment by itself."""
    noise, cases, matrix = jax.random.split(key, 3)
    return Record(
        one_variable(),
        valley(),
        fit(noise, config.rows),
        identities(cases, config.cases),
        matrix_steps(matrix, config.matrix),
    )


def values(config: Config, record: Record) -> dict[str, float]:
    """The next iterates, the stationary points, the secant method's order, iterations in the valley, the fit."""
    low, top, high = stationary_points()
    (a, b), counts = record.fit.paths["Levenberg-Marquardt"].theta[-1], _counts(record)
    return {
        "next iterate from 2.5": float(record.one.newton[0, 1]),
        "next iterate from 1.7": float(record.one.newton[1, 1]),
        "damped, from 1.7": float(record.one.damped[1, 1]),
        "left minimum": float(low),
        "maximum": float(top),
        "right minimum": float(high),
        "order of the secant method": order(np.abs(np.asarray(record.one.secant) - high)),
        **{
            f"{name} from {start}: iterations": float(n)
            for name, row in counts.items()
            for start, n in zip(STARTS, row, strict=True)
        },
        "fit: a": float(a),
        "fit: b": float(b),
        **{f"matrix, {name}: C at the end": float(record.matrix[name][-1]) for name in RIVALS},
    }


def _counts(record: Record) -> dict[str, list[int]]:
    return {name: iterations(record.valley.paths[name]) for name in METHODS}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The quartic with two models, how fast errors fall, the valley, the fit, the family of steps, the matrix."""
    matrix = [Series("line", None, record.matrix[name], label=name) for name in RIVALS]
    return (
        _models(record),
        _errors(record),
        *_in_valley(record),
        _fitted(record),
        _family(record),
        Figure("A matrix of parameters", matrix, "step", "C", log_y=True),
    )


def _models(record: Record) -> Figure:
    t = np.linspace(-2, 4, 241)
    lines = [Series("line", t, np.polyval(COEFFICIENTS, t), label="C")]
    for i, start in enumerate(TWO):
        c, slope, bend = np.asarray(record.one.derivatives[i])
        near = np.linspace(start - 1.6, start + 1.6, 81)
        model = c + slope * (near - start) + bend / 2 * (near - start) ** 2
        lines.append(Series("line", near, model, label=f"model at {start}"))
        x = np.asarray(record.one.newton[i, :2])
        lines.append(Series("points", x, np.polyval(COEFFICIENTS, x), label=f"{start} and the next", colour=1 + i))
    return Figure("Two quadratic models of a quartic", lines, "t", "C")


def _errors(record: Record) -> Figure:
    high = stationary_points()[2]
    paths = {
        "Newton from 2.5": record.one.newton[0],
        "damped Newton from 2.5": record.one.damped[0],
        "secant from 2.5, 2.6": record.one.secant,
    }
    lines = [
        Series("line", None, _above(np.abs(np.asarray(path) - high), 1e-15), label=name) for name, path in paths.items()
    ]
    return Figure("Distance to the minimum of the quartic", lines, "step", "error", log_y=True)


def _above(values: Numbers, least: float) -> np.ndarray:
    values = np.asarray(values)
    return np.where(values > least, values, np.nan)


def _in_valley(record: Record) -> tuple[Figure, Figure]:
    ground = contour(rosenbrock, np.linspace(-1.4, 1.3, 136), np.linspace(-0.6, 1.4, 101), log=True)
    bfgs = record.valley.paths["BFGS"].theta
    paths = [
        Series("line", path[:, 0], path[:, 1], label=f"from {start}", colour=1 + i)
        for i, (path, start) in enumerate(zip(bfgs, STARTS, strict=True))
    ]
    best = Series("points", [1.0], [1.0], label="minimum", colour=4)
    falls = [
        Series("line", None, _above(record.valley.paths[name].value[2, :71], 1e-24), label=name) for name in METHODS
    ]
    return (
        Figure("BFGS in Rosenbrock's valley", [ground, *paths, best], "θ₁", "θ₂"),
        Figure("The cost from (-1.2, 1)", falls, "iteration", "C", log_y=True),
    )


def _fitted(record: Record) -> Figure:
    t, end = np.asarray(record.fit.t), record.fit.paths["Levenberg-Marquardt"].theta[-1]
    curve = lambda a, b: a * np.exp(b * t)  # noqa: E731
    return Figure(
        "y = a exp(b t), by Levenberg-Marquardt",
        [
            Series("points", t, record.fit.y, label="data"),
            Series("line", t, curve(float(end[0]), float(end[1])), label="fitted"),
            Series("line", t, curve(*START), label="start", guide=True),
        ],
        "t",
        "y",
    )


def _family(record: Record) -> Figure:
    newton, scaled = _departures(record)
    lines = [
        Series("line", DAMPINGS, newton, label="from Gauss-Newton's step"),
        Series("line", DAMPINGS, scaled, label="from the scaled gradient"),
    ]
    return Figure("Levenberg-Marquardt between two methods", lines, "λ", "relative distance", log_x=True, log_y=True)


def _departures(record: Record) -> tuple[np.ndarray, np.ndarray]:
    """How far the step for each λ is from Gauss-Newton's, and λ times it from -g/diag(JᵀJ), relatively."""
    steps, newton, scaled = (
        np.asarray(part) for part in (record.fit.steps, record.fit.gauss_newton, record.fit.scaled)
    )
    from_newton = np.linalg.norm(steps - newton, axis=1) / np.linalg.norm(newton)
    return from_newton, np.linalg.norm(DAMPINGS[:, None] * steps - scaled, axis=1) / np.linalg.norm(scaled)


def claim_newton_goes_uphill_where_the_model_is_concave(config: Config, record: Record) -> bool:
    """Claim 1: C'' > 0 at 2.5 and < 0 at 1.7; the second step moves uphill, toward the maximum, and damping repairs it: its
    step goes downhill, and its path ends in a minimum."""
    _, top, high = stationary_points()
    bends = np.asarray(record.one.derivatives[:, 2])
    (start, to), damped = np.asarray(record.one.newton[1, :2]), np.asarray(record.one.damped[1])
    C = lambda t: np.polyval(COEFFICIENTS, t)  # noqa: E731
    uphill = C(to) > C(start) and abs(to - top) < abs(start - top)
    repaired = bool(np.all(np.diff(C(damped)) <= 1e-12)) and C(damped[1]) < C(start) and abs(damped[-1] - high) < 1e-6
    return bool(bends[0] > 0 > bends[1] and uphill and repaired)


def claim_newton_solves_quadratics_in_any_coordinates(config: Config, record: Record) -> bool:
    """Claim 2: Newton solves a quadratic in one step and is invariant under affine changes of variables."""
    i = record.identities
    g = np.linalg.norm(i.newton, axis=-1)
    apart = np.linalg.norm(i.plain - i.changed, axis=-1) / np.linalg.norm(i.plain, axis=-1)
    return bool(np.all(g[:, 1] <= 1e-9 * g[:, 0]) and np.all(apart <= 1e-9))


def claim_errors_are_squared_and_the_secant_is_in_between(config: Config, record: Record) -> bool:
    """Claim 3: near a strong minimum eₖ₊₁/eₖ² is bounded, for the quartic by max |C'''|/(2 min C'') between 2.5 and 3.7,
    for Rosenbrock by ‖H⁻¹‖ at (1, 1) times a Lipschitz constant of H within 0.1; the secant method's fitted order (for C' = 0 of
    (a), from 2.5, 2.6) lies in [1.4, 1.8]."""
    high = stationary_points()[2]
    quartic = [np.abs(np.asarray(record.one.newton[0]) - high)]
    valley = np.linalg.norm(np.asarray(record.valley.paths["Newton"].theta) - 1, axis=-1)
    lipschitz = np.sqrt(
        (2400 * 1.1) ** 2 + 3 * 400**2
    )  # of [[1200 a² - 400 b + 2, -400 a], [-400 a, 200]] for |a| ≤ 1.1
    inverse = 1 / np.linalg.eigvalsh([[802, -400], [-400, 200]])[0]
    bounded = _squared(quartic, 0.6, (24 * 3.7 - 24) / (2 * 11)) and _squared(valley, 0.1, inverse * lipschitz)
    return bounded and 1.4 <= order(np.abs(np.asarray(record.one.secant) - high)) <= 1.8


def _squared(errors: Numbers | list[np.ndarray], near: float, bound: float) -> bool:
    """Whether eₖ₊₁ ≤ bound · eₖ² for all errors that are near, and above the root of rounding, in every row."""
    for e in errors:
        counted = (e[:-1] < near) & (e[:-1] > 1e-7)
        if not counted.any() or np.any(e[1:][counted] > bound * e[:-1][counted] ** 2) or e[-1] > 1e-9:
            return False
    return True


def claim_bfgs_learns_the_inverse_hessian(config: Config, record: Record) -> bool:
    """Claim 4: the BFGS inverse satisfies B y = s and stays positive definite while yᵀs > 0; with exact search on an
    n-quadratic it ends in n steps with B = inverse Hessian."""
    path, B = record.valley.paths["BFGS"], np.asarray(record.valley.B)
    s, y = np.diff(np.asarray(path.theta), axis=1), np.diff(np.asarray(path.g), axis=1)
    curved = np.sum(s * y, axis=-1) > 0
    apart = np.linalg.norm(np.einsum("ntij,ntj->nti", B, y) - s, axis=-1) <= 1e-9 * np.linalg.norm(s, axis=-1)
    definite = np.linalg.eigvalsh(B)[..., 0] > 0
    learnt = bool(np.any(curved) and np.all(apart[curved]) and np.all(definite))
    return learnt and _ends_with_the_inverse(record.identities)


def _ends_with_the_inverse(i: Identities) -> bool:
    """Whether the gradient after n steps is 0, and B H = I."""
    g = np.linalg.norm(i.bfgs, axis=-1)
    return bool(np.all(g[:, D] <= 1e-9 * g[:, 0])) and np.allclose(i.B @ i.matrices, np.eye(D), rtol=0, atol=1e-9)


def claim_limited_memory_that_is_enough_is_bfgs(config: Config, record: Record) -> bool:
    """Claim 5: L-BFGS with memory ≥ steps taken equals BFGS from the same initial matrix."""
    whole, limited = record.identities.whole, record.identities.limited
    moved = bool(np.all(np.linalg.norm(whole[:, 1] - whole[:, 0], axis=-1) > 0))
    return moved and np.allclose(limited, whole, rtol=1e-9, atol=1e-12)


def claim_bfgs_takes_at_most_sixty_iterations(config: Config, record: Record) -> bool:
    """Claim 6: BFGS on Rosenbrock from (0.4, -0.2), (0.2, -0.2), (-1.2, 1) to a gradient of 1e-8: at most 60 iterations each,
    final C < 1e-15."""
    path = record.valley.paths["BFGS"]
    counts = iterations(path)
    return all(0 < n <= 60 and bool(path.value[i, n] < 1e-15) for i, n in enumerate(counts))


def claim_levenberg_marquardt_lies_between_two_methods(config: Config, record: Record) -> bool:
    """Claim 7: Levenberg-Marquardt tends to Gauss-Newton as λ → 0 and to a scaled gradient step as λ → ∞: the relative
    distance is at most 10 λ, and 10/λ, and falls below 1e-6."""
    newton, scaled = _departures(record)
    small, large = DAMPINGS <= 1e-2, (DAMPINGS >= 1e2) & (DAMPINGS <= 1e6)  # beyond, θ' - θ drowns in the rounding of θ
    to_newton = np.all(newton[small] <= 10 * DAMPINGS[small]) and newton[0] < 1e-6
    return bool(to_newton and np.all(scaled[large] <= 10 / DAMPINGS[large]) and np.min(scaled) < 1e-6)
