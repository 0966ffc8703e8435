"""Taylor's Theorem.

Around a point a function is nearly its linear model, and more nearly its quadratic one: what they leave out falls with
the square and with the cube of the distance. Rosenbrock's function and exp(sin x + y²) show it at three points each, in
random directions, down to distances of 2⁻¹²; beyond that rounding takes over. Bounds on the next derivative bound the
remainder, which is how a step size for descent is chosen. Jets compute the coefficients of higher order in one pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.appendix_a_calculus.draws import generator
from gradiens.calculus.derivatives import gauss_newton_vector, hessian_vector
from gradiens.calculus.jets import jet_along
from gradiens.calculus.taylor import derivatives_along, expansion, integral_remainder, remainder, taylor_model
from gradiens.core.module import Module, knob
from gradiens.report.figure import Figure, Series

H = 2.0 ** -np.arange(1, 13)
FITTED = slice(5, 10)  # 2⁻⁶ … 2⁻¹⁰
ORDER = 5  # of the jets
Function = Callable[..., Any]


def rosenbrock(t: Any, xp: Any = jnp) -> Any:
    """(1 - t₁)² + 100 (t₂ - t₁²)²."""
    return (1 - t[0]) ** 2 + 100 * (t[1] - t[0] ** 2) ** 2


def wave(t: Any, xp: Any = jnp) -> Any:
    """exp(sin x + y²)."""
    return xp.exp(xp.sin(t[0]) + t[1] ** 2)


def mixed(t: Any, xp: Any = jnp) -> Any:
    """√(1 + x²) tanh(x y) / (2 + cos y) + log(3 + x y)."""
    return xp.sqrt(1 + t[0] ** 2) * xp.tanh(t[0] * t[1]) / (2 + xp.cos(t[1])) + xp.log(3 + t[0] * t[1])


# functions with the points where they are looked at; the next derivative is not zero there
LOOKED: dict[str, tuple[Function, np.ndarray]] = {
    "Rosenbrock": (rosenbrock, np.asarray([[-1.2, 1.0], [0.5, 0.5], [2.0, -1.0]])),
    "exp(sin x + y²)": (wave, np.asarray([[0.3, 0.5], [-1.0, 0.8], [2.0, -0.4]])),
}


class Config(Module):
    """How many directions and pairs of points are tried."""

    directions: int = knob(20, 3, 500, says="random unit directions at each point")
    pairs: int = knob(1000, 10, 100000, says="pairs of points on which the bounds are tried")
    rows: int = knob(8, 1, 100, says="terms of the function Σ log(1 + e^(a·x)) whose bounds are tried")


class Record(NamedTuple):
    """Remainders by function, point, direction and distance, and what is to agree."""

    linear: Float[Array, "F P K H"]  # |f - linear model|
    quadratic: Float[Array, "F P K H"]
    exact_quadratic: Float[Array, "2 N"]  # a quadratic at random points, and its quadratic model
    exact_affine: Float[Array, "2 N m"]  # an affine map at random points, and its linear expansion
    first: Float[Array, " V"]  # |R₁| over L/2 |y - x|²
    second: Float[Array, " V"]  # |R₂| over M/6 |y - x|³
    jets: Float[Array, "J 6"]  # derivatives along a direction by our jets
    nested: Float[Array, "J 6"]  # by differentiating again and again
    integral: Float[Array, "2"]  # the remainder, and its integral form
    gauss_newton: Float[Array, "2 n"]  # G v and H v of a least-squares cost whose model is affine


def run(config: Config, key: Array) -> Record:
    """Measure remainders; try the bounds on a function whose L and M are known."""
    rng = generator(key)
    angles = rng.uniform(0, 2 * np.pi, size=config.directions)
    d = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    remainders = [_remainders(f, points, d) for f, points in LOOKED.values()]
    first, second = _bounded(config, rng)
    x, along = rng.uniform(-0.8, 0.8, size=(2, 2))
    tried = (rosenbrock, wave, mixed)
    return Record(
        linear=jnp.stack([one[0] for one in remainders]),
        quadratic=jnp.stack([one[1] for one in remainders]),
        **_exact(rng),
        first=first,
        second=second,
        jets=jnp.asarray([jet_along(lambda t, f=f: f(t, np), x, along, ORDER) for f in tried]),
        nested=jnp.stack([jax.jit(lambda x, d, f=f: derivatives_along(f, x, d, ORDER))(x, along) for f in tried]),
        integral=jax.jit(lambda x, d: jnp.stack([remainder(wave, x, d, 2), integral_remainder(wave, x, d, 2)]))(
            x, along
        ),
        gauss_newton=_gauss_newton(rng),
    )


def _remainders(f: Function, points: np.ndarray, d: np.ndarray) -> tuple[Array, Array]:
    """What the linear and the quadratic model leave out at x + h d."""

    @jax.jit
    def models(x: Array) -> tuple[Array, Array]:
        y = x[None, None] + H[:, None] * d[:, None, :]
        linear, quadratic = taylor_model(f, x, 1), taylor_model(f, x, 2)
        left = jax.vmap(jax.vmap(lambda y: jnp.stack([f(y) - linear(y), f(y) - quadratic(y)])))(y)
        return jnp.abs(left[..., 0]), jnp.abs(left[..., 1])

    linear, quadratic = zip(*(models(x) for x in points))
    return jnp.stack(linear), jnp.stack(quadratic)


def _exact(rng: np.random.Generator) -> dict[str, Array]:
    """A quadratic and an affine map, with their models around one point, at others."""
    A, b, x, y = rng.normal(size=(5, 5)), rng.normal(size=5), rng.normal(size=5), rng.normal(size=(10, 5))
    f = lambda x: x @ A @ x + b @ x + 1.0  # noqa: E731
    g = lambda x: A @ x + b  # noqa: E731

    @jax.jit
    def both(x: Array, y: Array) -> dict[str, Array]:
        model = taylor_model(f, x)
        expanded = jax.vmap(lambda y: expansion(g, x, y - x, 1))(y)
        return {
            "exact_quadratic": jnp.stack([jax.vmap(f)(y), jax.vmap(model)(y)]),
            "exact_affine": jnp.stack([jax.vmap(g)(y), expanded]),
        }

    return both(jnp.asarray(x), jnp.asarray(y))


def _bounded(config: Config, rng: np.random.Generator) -> tuple[Array, Array]:
    """The remainders of Σ log(1 + e^(a·x)) over their bounds: log(1 + eᶻ) has |″| ≤ 1/4 and |‴| ≤ 1/(6√3)."""
    a = rng.normal(size=(config.rows, 3))
    x, y = rng.normal(size=(2, config.pairs, 3)) * 2
    L = float(np.linalg.eigvalsh(a.T @ a)[-1]) / 4
    M = float(np.sum(np.linalg.norm(a, axis=1) ** 3)) / (6 * math.sqrt(3))
    f = lambda x: jnp.sum(jax.nn.softplus(a @ x))  # noqa: E731
    d = np.linalg.norm(y - x, axis=1)
    left = jax.jit(jax.vmap(lambda x, d: jnp.stack([remainder(f, x, d, 1), remainder(f, x, d, 2)])))(x, y - x)
    return jnp.abs(left[:, 0]) / (L / 2 * d**2), jnp.abs(left[:, 1]) / (M / 6 * d**3)


def _gauss_newton(rng: np.random.Generator) -> Float[Array, "2 n"]:
    A, b, x, v = rng.normal(size=(6, 4)), rng.normal(size=6), rng.normal(size=4), rng.normal(size=4)
    model, loss = lambda x: A @ x - b, lambda z: jnp.sum(z**2) / 2

    @jax.jit
    def both(x: Array, v: Array) -> Array:
        return jnp.stack([gauss_newton_vector(model, loss, x, v), hessian_vector(lambda x: loss(model(x)), x, v)])

    return both(jnp.asarray(x), jnp.asarray(v))


def _slopes(remainders: Any) -> Float[np.ndarray, "*F"]:
    """The median over the directions of the slopes of log |R| by log h, over the distances that are fitted;
    an array over the axes before them."""
    log_h, log_r = np.log(H[FITTED]), np.log(np.asarray(remainders)[..., FITTED])
    centred = log_h - log_h.mean()
    return np.median(log_r @ centred / (centred @ centred), axis=-1)


def values(config: Config, record: Record) -> dict[str, float]:
    """Median slopes by function and point; how much of the bounds is used."""
    found = {}
    for name, remainders in (("linear", record.linear), ("quadratic", record.quadratic)):
        for (function, (_, points)), slopes in zip(LOOKED.items(), _slopes(remainders)):
            found |= {f"{name}, {function} at ({x[0]:g}, {x[1]:g})": s for x, s in zip(points, slopes)}
    found |= {"largest share of L/2 |d|²": np.max(record.first), "largest share of M/6 |d|³": np.max(record.second)}
    return {name: float(value) for name, value in found.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Remainders against the distance; exp(sin x + y²) with its models around a point."""
    both = {"linear": np.asarray(record.linear), "quadratic": np.asarray(record.quadratic)}
    figures = []
    for place, name in enumerate(LOOKED):
        lines = [
            Series("line", H, np.median(at, axis=0), label=f"of the {kind} model" if i == 0 else "", colour=c)
            for c, (kind, remainders) in enumerate(both.items())
            for i, at in enumerate(remainders[place])
        ]
        slopes = {kind: ", ".join(f"{s:.3f}" for s in _slopes(all_[place])) for kind, all_ in both.items()}
        says = f"Slopes at three points: linear model {slopes['linear']}, quadratic model {slopes['quadratic']}."
        title = f"Median remainders of {name}"
        figures.append(Figure(title, lines, "distance h", "|remainder|", log_x=True, log_y=True, summary=says))
    return (*figures, *_models())


def _models() -> list[Figure]:
    """The function, its linear and its quadratic model over one box."""
    x, grid = np.asarray([0.3, 0.5]), np.linspace(-0.8, 0.8, 61)
    y = jnp.asarray(np.stack(np.meshgrid(x[0] + grid, x[1] + grid), axis=-1))
    shown: dict[str, Function] = {"exp(sin x + y²)": wave}
    shown |= {
        f"its {name} model": taylor_model(wave, jnp.asarray(x), order)
        for name, order in (("linear", 1), ("quadratic", 2))
    }
    at = Series("points", [x[0]], [x[1]], label="point")
    return [
        Figure(
            title,
            [Series("contour", x[0] + grid, x[1] + grid, jax.jit(jax.vmap(jax.vmap(f)))(y), "f"), at],
            "x",
            "y",
            square=True,
        )
        for title, f in shown.items()
    ]


def claim_orders_of_the_remainders(config: Config, record: Record) -> bool:
    """Claim 1: the median slopes of the remainders over the directions are 2 (linear) and 3 (quadratic), ± 0.05, for
    h = 2⁻⁶ … 2⁻¹⁰."""
    linear, quadratic = np.abs(_slopes(record.linear) - 2), np.abs(_slopes(record.quadratic) - 3)
    return bool(np.all(linear <= 0.05) and np.all(quadratic <= 0.05))


def claim_models_are_exact(config: Config, record: Record) -> bool:
    """Claim 2: the quadratic model is exact for quadratics, the linear one for affine maps."""
    return np.allclose(*record.exact_quadratic, rtol=1e-9, atol=1e-12) and np.allclose(
        *record.exact_affine, rtol=1e-9, atol=1e-12
    )


def claim_bounds_of_the_remainders(config: Config, record: Record) -> bool:
    """Claim 3: |f(y) - f(x) - ∇f(x)·(y-x)| ≤ L/2 |y-x|² for an L-smooth f; with an M-Lipschitz Hessian the remainder of
    second order is at most M/6 |y-x|³."""
    return bool(np.all(record.first <= 1 + 1e-9) and np.all(record.second <= 1 + 1e-9))


def claim_jets(config: Config, record: Record) -> bool:
    """Claim 4: jets of order k agree with nested differentiation, k ≤ 5."""
    size = np.max(np.abs(record.nested), axis=1, keepdims=True)
    return bool(np.all(np.abs(record.jets - record.nested) <= 1e-9 * size))


def claim_integral_form_and_gauss_newton(config: Config, record: Record) -> bool:
    """Claim 5: the remainder is ∫ (1-t)²/2 D³f(x + t d)[d, d, d] dt; the Gauss-Newton matrix of an affine model is the
    Hessian."""
    integral = np.allclose(record.integral[0], record.integral[1], rtol=1e-9)
    return integral and np.allclose(record.gauss_newton[0], record.gauss_newton[1], rtol=1e-9)
