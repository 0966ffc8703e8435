"""Derivatives.

The gradient collects the partial derivatives, gives every directional derivative as an inner product, points where the
function grows fastest and stands on its level sets. Rules spare the work for functions of matrices; each is checked here
by automatic differentiation and by central differences. Differences themselves have two errors: truncation, which falls
with a power of the step, and rounding, which grows as the step falls. The complex step has only the first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from textwrap import indent
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.appendix_a_calculus.draws import generator
from gradiens.calculus.derivatives import directional, gradient, hessian, wirtinger
from gradiens.calculus.finite_differences import ORDER, difference, estimate
from gradiens.calculus.gradient_check import check_gradient
from gradiens.calculus.implicit import implicit_jacobian
from gradiens.calculus.matrix_rules import RULES
from gradiens.calculus.noise import noise_level
from gradiens.calculus.tape_text import columns
from gradiens.core.module import Module, knob
from gradiens.report.figure import Figure, Series

FIRST = ("linear", "quadratic", "least squares")
MATRICES = ("trace", "log determinant", "trace of inverse")
FIELD = "Level sets of log(1 + x² + x y + y²), and at 81 points a line along the gradient, orthogonal to them."
STEP = 1e-5  # of central differences that check
STEPS = np.logspace(-1, -15, 57)
FITTED = (STEPS <= 1.001e-2) & (STEPS >= 0.999e-4)
SMOOTH: dict[str, Callable[[Array], Array]] = {
    "exp(sin x + y²)": lambda x: jnp.exp(jnp.sin(x[0]) + x[1] ** 2),
    "log(1 + x² + x y + y²)": lambda x: jnp.log(1 + x[0] ** 2 + x[0] * x[1] + x[1] ** 2),
    "x tanh(x + 2 y)": lambda x: x[0] * jnp.tanh(x[0] + 2 * x[1]),
}


class Config(Module):
    """Where the differences are taken, and how many directions are tried."""

    at: float = knob(0.3, -1.2, 1.2, says="x at which exp(sin x) is differentiated")
    directions: int = knob(360, 8, 10000, says="directions in which the slope of a surface is taken")
    points: int = knob(5, 1, 100, says="random points of each surface")


class Record(NamedTuple):
    """Errors of the rules and of the differences; slopes, tangents and Hessians of surfaces."""

    rules: Float[Array, "R 2"]  # relative error of each rule against automatic differentiation, central differences
    slopes: Float[Array, "F N K"]  # along unit directions, by central differences
    inner: Float[Array, "F N K"]  # ∇f · d
    along_gradient: Float[Array, "F N 2"]  # the slope along ∇f / |∇f|, and |∇f|
    tangents: Float[Array, "F N"]  # cosine of the gradient and a chord of the level set
    hessians: Float[Array, "F N 3"]  # size, asymmetry, error against differences of the gradient
    mixed: Float[Array, "2"]  # the two mixed partials of the counterexample at 0
    errors: Float[Array, "3 H"]  # of forward, central, complex differences by step
    estimated: Float[Array, "2"]  # central difference with the library's own step: its error, and its estimate of it
    noise: Float[Array, ""]  # of the values of exp(sin x), in units of rounding of its value
    checker: Float[Array, "2"]  # components that the gradient checker finds wrong: of a right, of a wrong gradient
    complex_pair: Float[Array, "2"]  # |∂f/∂z - 2z|, |∂f/∂z̄| of z²
    implicit: Float[Array, "2"]  # dy/dx on the ellipse x² + 4y² = 4, by the theorem and by its formula


def run(config: Config, key: Array) -> Record:
    """Try each rule on random inputs, each surface at random points, each difference at all steps."""
    rng = generator(key)
    points = jnp.asarray(rng.uniform(-1.0, 1.0, size=(len(SMOOTH), config.points, 2)))
    look = lambda f: jax.jit(jax.vmap(lambda x: _surface(f, config.directions, x)))  # noqa: E731
    surfaces = [look(f)(x) for f, x in zip(SMOOTH.values(), points)]
    slopes, inner, along, tangents, hessians = (jnp.stack(parts) for parts in zip(*surfaces))
    x = config.at
    exact = math.cos(x) * math.exp(math.sin(x))
    wave = lambda x: np.exp(np.sin(x))  # noqa: E731
    errors = [[abs(float(difference(wave, x, 1.0, h, scheme)) - exact) for h in STEPS] for scheme in ORDER]
    central = estimate(wave, x, 1.0)
    z = jnp.asarray([1.0 + 2.0j])
    by_z, by_bar = jax.jit(lambda z: wirtinger(lambda z: z**2, z))(z)
    on, top = jnp.asarray([1.2]), jnp.asarray([0.8])  # 1.2² + 4 · 0.8² = 4
    return Record(
        rules=jnp.asarray([_rule_errors(name, rng) for name in RULES]),
        slopes=slopes,
        inner=inner,
        along_gradient=along,
        tangents=tangents,
        hessians=hessians,
        mixed=jnp.asarray(_mixed()),
        errors=jnp.asarray(errors),
        estimated=jnp.asarray([abs(float(central.value) - exact), float(central.error)]),
        noise=jnp.asarray(noise_level(lambda v: float(wave(v[0])), np.asarray([x])) / math.ulp(float(wave(x)))),
        checker=_checked(points[0, 0]),
        complex_pair=jnp.concatenate([jnp.abs(by_z - 2 * z), jnp.abs(by_bar)]),
        implicit=jnp.asarray([jax.jit(_ellipse_slope)(top, on), -1.2 / 3.2]),
    )


def _rule_errors(name: str, rng: np.random.Generator) -> tuple[float, float]:
    """The relative error of a rule against JAX and against central differences, along a random direction."""
    rule = RULES[name]
    x, *constants = rule.draw(rng)
    v = rng.normal(size=x.shape)
    v = v + v.T if name == "eigenvalue" else v

    @jax.jit
    def three(x: Array, v: Array, constants: list[Array]) -> tuple[Array, Array, Array]:
        f = lambda x: rule.f(x, *constants)  # noqa: E731
        got = rule.derivative(x, v, *constants) if rule.along else jnp.vdot(rule.derivative(x, *constants), v)
        return got, directional(f, x, v), (f(x + STEP * v) - f(x - STEP * v)) / (2 * STEP)

    got, by_jax, by_differences = map(np.asarray, three(x, v, constants))
    size = np.max(np.abs(got))
    return float(np.max(np.abs(got - by_jax)) / size), float(np.max(np.abs(got - by_differences)) / size)


def _surface(f: Callable[[Array], Array], directions: int, x: Float[Array, "2"]) -> tuple[Array, ...]:
    """Slopes in all directions, their inner products with the gradient, the steepest, a tangent, the Hessian."""
    angles = jnp.linspace(0, 2 * jnp.pi, directions, endpoint=False)
    d = jnp.stack([jnp.cos(angles), jnp.sin(angles)], axis=1)
    g, H = gradient(f, x), hessian(f, x)
    length = jnp.linalg.norm(g)
    slopes = jax.vmap(lambda d: (f(x + STEP * d) - f(x - STEP * d)) / (2 * STEP))(
        jnp.concatenate([d, g[None] / length])
    )
    slope = jax.vmap(lambda e: (gradient(f, x + STEP * e) - gradient(f, x - STEP * e)) / (2 * STEP))
    told = jnp.stack([jnp.max(jnp.abs(part)) for part in (H, H - H.T, H - slope(jnp.eye(2)).T)])
    return slopes[:-1], d @ g, jnp.stack([slopes[-1], length]), _tangent(f, x, g / length), told


def _tangent(f: Callable[[Array], Array], x: Array, up: Array, r: float = 1e-4) -> Array:
    """The cosine of the gradient and the chord between the two points of the level set on a small circle around x."""
    angles = jnp.linspace(0, 2 * jnp.pi, 361)
    on = jax.vmap(lambda a: f(x + r * jnp.stack([jnp.cos(a), jnp.sin(a)])) - f(x))
    found = on(angles)
    crossed = jnp.nonzero(found[:-1] * found[1:] <= 0, size=2)[0]

    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = (low + high) / 2
        same = on(low) * on(middle) > 0
        return jnp.where(same, middle, low), jnp.where(same, high, middle)

    a = jax.lax.fori_loop(0, 40, halve, (angles[crossed], angles[crossed + 1]))[0]
    chord = jnp.stack([jnp.cos(a[1]) - jnp.cos(a[0]), jnp.sin(a[1]) - jnp.sin(a[0])])
    return chord @ up / jnp.linalg.norm(chord)


def _ellipse_slope(y: Float[Array, "1"], x: Float[Array, "1"]) -> Array:
    return implicit_jacobian(lambda y, x: x**2 + 4 * y**2 - 4, y, x)[0, 0]


def _mixed() -> tuple[float, float]:
    """∂/∂y of ∂f/∂x and ∂/∂x of ∂f/∂y at 0 for f = xy(x² - y²)/(x² + y²), f(0) = 0, by differences of the gradient."""
    f = lambda x: x[0] * x[1] * (x[0] ** 2 - x[1] ** 2) / (x[0] ** 2 + x[1] ** 2)  # noqa: E731
    h = 1e-3
    slope = jax.jit(lambda x: gradient(f, x))
    at = lambda x, y: np.asarray(slope(jnp.asarray([x, y])))  # noqa: E731
    return (
        float(at(0.0, h)[0] - at(0.0, -h)[0]) / (2 * h),
        float(at(h, 0.0)[1] - at(-h, 0.0)[1]) / (2 * h),
    )


def _checked(x: Array) -> Float[Array, "2"]:
    f = SMOOTH["exp(sin x + y²)"]
    wrong = lambda x: gradient(f, x) * jnp.asarray([1.0, -1.0])  # noqa: E731
    return jnp.asarray([float(len(check_gradient(f, x, g).wrong)) for g in (None, wrong)])


def _slope(errors: Any) -> float:
    """The order of an error: the slope of its logarithm by that of the step, over the steps that are fitted."""
    return float(np.polyfit(np.log(STEPS[FITTED]), np.log(np.asarray(errors)[FITTED]), 1)[0])


def values(config: Config, record: Record) -> dict[str, float]:
    """Least errors and fitted orders of the differences, the largest errors of the rules."""
    found = {f"{scheme}: least error": np.min(e) for scheme, e in zip(ORDER, record.errors)}
    found |= {f"{scheme}: order": _slope(e) for scheme, e in zip(ORDER, record.errors)}
    found |= {"rules, largest error by JAX": np.max(record.rules[:, 0])}
    found |= {"rules, largest error by differences": np.max(record.rules[:, 1])}
    found |= {"central with the library's step: error": record.estimated[0], "its estimate": record.estimated[1]}
    found |= {"noise of exp(sin x), units in the last place": record.noise}
    found |= {"mixed partial, x first": record.mixed[0], "mixed partial, y first": record.mixed[1]}
    return {name: float(value) for name, value in found.items()}


def text(config: Config, record: Record) -> str:
    """The table of rules with their errors."""
    rows = [["rule", "error by JAX", "by central differences"]]
    rows += [[rule.says, f"{a:.1e}", f"{b:.1e}"] for rule, (a, b) in zip(RULES.values(), record.rules)]
    return (
        "Rules for derivatives by vectors and matrices, on random inputs.\n\n"
        + indent(columns(rows), "    ")
        + f"\n\nErrors are relative to the largest entry; the differences have step {STEP:g}."
    )


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """A gradient field on its level sets; the errors of the differences."""
    f, grid = SMOOTH["log(1 + x² + x y + y²)"], np.linspace(-1.5, 1.5, 81)
    mesh = jnp.stack(jnp.meshgrid(jnp.asarray(grid), jnp.asarray(grid)), axis=-1)
    level = Series("contour", grid, grid, jax.vmap(jax.vmap(f))(mesh), "f")
    errors = [
        Series("line", STEPS, np.maximum(np.asarray(e), 1e-18), label=scheme) for scheme, e in zip(ORDER, record.errors)
    ]
    steps = [f"{scheme} {STEPS[np.argmin(e)]:.0e}" for scheme, e in zip(ORDER, record.errors)]
    says = (
        f"Errors fall with the step and rise again by rounding, but for the complex step. Least at: {', '.join(steps)}."
    )
    return (
        Figure("Gradients stand on level sets", [level, *_arrows(f)], "x", "y", square=True, summary=FIELD),
        Figure(
            f"Error of differences of exp(sin x) at {config.at:g}",
            errors,
            "step h",
            "error",
            log_x=True,
            log_y=True,
            summary=says,
        ),
    )


def _arrows(f: Callable[[Array], Array]) -> list[Series]:
    at = np.stack(np.meshgrid(*[np.linspace(-1.3, 1.3, 9)] * 2), axis=-1).reshape(-1, 2)
    tip = at + 0.22 * np.asarray(jax.vmap(lambda x: gradient(f, x))(jnp.asarray(at)))
    gap = np.full(len(at), np.nan)
    x, y = (np.stack([at[:, i], tip[:, i], gap], axis=1).ravel() for i in (0, 1))
    return [Series("line", x, y, label="gradient"), Series("points", at[:, 0], at[:, 1], colour=0)]


def _rules_hold(record: Record, names: tuple[str, ...]) -> bool:
    errors = np.asarray(record.rules)[[list(RULES).index(name) for name in names]]
    return bool(np.all(errors <= [1e-9, 1e-6]))


def claim_rules_for_vectors(config: Config, record: Record) -> bool:
    """Claim 1: ∇ aᵀx = a; ∇ xᵀA x = (A + Aᵀ) x; ∇ |A x - b|² = 2 Aᵀ(A x - b)."""
    return _rules_hold(record, FIRST)


def claim_rules_for_matrices(config: Config, record: Record) -> bool:
    """Claim 2: ∂ tr(A X)/∂X = Aᵀ; ∂ log|det X|/∂X = X⁻ᵀ; ∂ tr(X⁻¹A)/∂X = -(X⁻¹A X⁻¹)ᵀ; and every other rule of the
    table."""
    return _rules_hold(record, MATRICES) and _rules_hold(record, tuple(RULES))


def claim_directional_derivatives(config: Config, record: Record) -> bool:
    """Claim 3: the directional derivative is ∇f·d, largest for d along the gradient; the gradient is orthogonal to the
    tangents of level sets."""
    steepest, length = record.along_gradient[..., 0], record.along_gradient[..., 1]
    size = length[..., None]
    inner = np.all(np.abs(record.slopes - record.inner) <= 1e-6 * size)
    most = np.all(record.slopes <= steepest[..., None] + 1e-6 * size) & np.all(
        np.abs(steepest - length) <= 1e-6 * length
    )
    return bool(inner & most & np.all(np.abs(record.tangents) < 1e-3))


def claim_hessians_are_symmetric(config: Config, record: Record) -> bool:
    """Claim 4: Hessians of smooth functions are symmetric; xy(x² - y²)/(x² + y²) has mixed partials -1 and 1 at 0."""
    size, skew, error = np.moveaxis(np.asarray(record.hessians), -1, 0)
    symmetric = bool(np.all(skew <= 1e-9 * size) & np.all(error <= 1e-6 * size))
    return symmetric and np.allclose(record.mixed, [-1, 1], rtol=1e-9)


def claim_least_errors(config: Config, record: Record) -> bool:
    """Claim 5: the least error that is attained: complex step < central < forward difference."""
    forward, central, complex_step = np.min(record.errors, axis=1)
    return bool((complex_step < central) & (central < forward))


def claim_orders(config: Config, record: Record) -> bool:
    """Claim 6: fitted orders of the errors for steps 10⁻² … 10⁻⁴: forward 1, central 2, complex step 2 (± 0.1)."""
    return all(abs(_slope(e) - order) <= 0.1 for e, order in zip(record.errors, ORDER.values()))


def claim_checker_and_theorems(config: Config, record: Record) -> bool:
    """Claim 7: the estimate of a difference's error covers it, the measured noise of the function is a few units in the
    last place; the gradient checker accepts the right gradient and finds
    the one wrong component; z² has ∂f/∂z̄ = 0; the implicit function theorem gives the slope of an ellipse."""
    covered = bool(record.estimated[0] <= record.estimated[1]) and 0.3 < float(record.noise) < 10
    found = list(np.asarray(record.checker)) == [0.0, 1.0]
    holomorphic = bool(np.all(record.complex_pair < 1e-12))
    return covered and found and holomorphic and math.isclose(*map(float, record.implicit), rel_tol=1e-12)
