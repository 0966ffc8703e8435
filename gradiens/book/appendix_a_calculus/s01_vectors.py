"""Vectors and Functions in R^n.

Norms measure vectors in different ways, and in n dimensions no two of them differ by more than a factor that depends on
n. Random vectors try the inequalities; equality in Cauchy-Schwarz belongs to parallel vectors alone. Quadratic forms
have level sets that are ellipses, strips or hyperbolas, by the signs of their eigenvalues; where a Gaussian's density is
constant lies an ellipse along the eigenvectors of its covariance. And a function may tend to 0 along every line through
the origin and not be continuous there: x y² / (x² + y⁴) is 1/2 on the parabola x = y².
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from gradiens.book.appendix_a_calculus.draws import generator
from gradiens.book.appendix_a_calculus.level_sets import (
    DROP,
    FORMS,
    cliff_figure,
    counterexample,
    form_figure,
    gaussian_contour,
)
from gradiens.calculus.norms import dual_exponent, frobenius_norm, nuclear_norm, p_norm, spectral_norm
from gradiens.calculus.projections import orthonormal, project_ball, project_line, project_subspace
from gradiens.calculus.quadratic_form import gaussian_ellipse, is_positive_definite
from gradiens.core.module import Module, knob
from gradiens.report.figure import Figure, Series

MOST = 20  # dimensions
EXPONENTS = (1.0, 1.5, 2.0, 3.0, math.inf)
ROUNDING = 1e-12
BALLS = "The unit ball grows with p, from the diamond of p = 1 to the square of p = ∞; all meet on the axes."


class Config(Module):
    """How many vectors and matrices, and the Gaussian."""

    vectors: int = knob(1000, 10, 100000, says="random pairs of vectors, in dimensions 1 to 20")
    matrices: int = knob(100, 5, 2000, says="random 6 × 4 matrices and symmetric 5 × 5 matrices")
    correlation: float = knob(0.8, -0.99, 0.99, says="correlation of the Gaussian")
    spread: float = knob(1.0, 0.2, 5.0, "log", says="standard deviation of its second coordinate; of the first 1")


class Record(NamedTuple):
    """Norms of random vectors and matrices, points of a contour, values of the counterexample."""

    n: Float[Array, " V"]  # dimensions
    inner: Float[Array, " V"]  # x · y
    parallel: Float[Array, " V"]  # x · c x
    factor: Float[Array, " V"]  # c
    minors: Float[Array, " V"]  # Σ (xᵢyⱼ - xⱼyᵢ)² over i < j: 0 exactly for parallel vectors
    x_norms: Float[Array, "P V"]
    y_norms: Float[Array, "P V"]
    y_duals: Float[Array, "P V"]  # in the dual norm
    sum_norms: Float[Array, "P V"]  # of x + y
    contour: Float[Array, "A 2"]  # where the log density is DROP below its maximum
    half_lengths: Float[Array, "2"]
    axes: Float[Array, "2 2"]
    on_lines: Float[Array, "T L"]  # the counterexample at distances 10⁻¹ … 10⁻⁹ along lines
    on_parabola: Float[Array, " Y"]
    singular: Float[Array, "M 4"]
    stretch: Float[Array, " M"]  # max |A x| / |x|, by ascent
    squares: Float[Array, " M"]  # Σ aᵢⱼ²
    norms: Float[Array, "3 M"]  # spectral, Frobenius, nuclear
    least: Float[Array, " M"]  # eigenvalue of the symmetric matrices
    cholesky: Bool[Array, " M"]  # whether they have a Cholesky factor
    nearest: Float[Array, "4"]  # projections: how far what is left is from orthogonal


def run(config: Config, key: Array) -> Record:
    """Draw vectors and matrices; walk from the mean of the Gaussian to its contour in all directions."""
    rng = generator(key)
    forms = _forms(rng.normal(size=(config.matrices, 5, 5)))
    half_lengths, axes = gaussian_ellipse(_covariance(config), math.sqrt(2 * DROP))
    distances, angles = np.logspace(-1, -9, 9)[:, None], np.linspace(0, 2 * np.pi, 721)[None, :]
    y = np.concatenate([np.logspace(0, -6, 25), -np.logspace(0, -6, 25)])
    return Record(
        **_of_vectors(config.vectors, rng),
        **_of_matrices(jnp.asarray(rng.normal(size=(config.matrices, 6, 4)))),
        contour=gaussian_contour(_covariance(config)),
        half_lengths=jnp.asarray(half_lengths),
        axes=jnp.asarray(axes),
        on_lines=jnp.asarray(counterexample(distances * np.cos(angles), distances * np.sin(angles))),
        on_parabola=jnp.asarray(counterexample(y**2, y)),
        least=jnp.asarray(np.linalg.eigvalsh(forms)[:, 0]),
        cholesky=jnp.asarray([is_positive_definite(jnp.asarray(form)) for form in forms]),
        nearest=_nearest(jnp.asarray(rng.normal(size=(5, 8)))),
    )


def _of_vectors(count: int, rng: np.random.Generator) -> dict[str, Array]:
    """Pairs of vectors in dimensions 1 to 20, padded with zeros, which no norm sees."""
    n = rng.integers(1, MOST + 1, size=count)
    inside = (np.arange(MOST)[None, :] < n[:, None]).astype(float)
    x, y, c = rng.normal(size=inside.shape) * inside, rng.laplace(size=inside.shape) * inside, rng.normal(size=count)
    minors = x[:, :, None] * y[:, None, :] - y[:, :, None] * x[:, None, :]
    found = {
        "n": n.astype(float),
        "inner": np.sum(x * y, axis=1),
        "parallel": np.sum(x * (c[:, None] * x), axis=1),
        "factor": c,
        "minors": np.sum(minors**2, axis=(1, 2)) / 2,
        "x_norms": _norms(x, EXPONENTS),
        "y_norms": _norms(y, EXPONENTS),
        "y_duals": _norms(y, tuple(map(dual_exponent, EXPONENTS))),
        "sum_norms": _norms(x + y, EXPONENTS),
    }
    return {name: jnp.asarray(values) for name, values in found.items()}


@functools.partial(jax.jit, static_argnums=1)
def _norms(vectors: Any, exponents: tuple[float, ...]) -> Float[Array, "P V"]:
    return jnp.stack([jax.vmap(functools.partial(p_norm, p=p))(vectors) for p in exponents])


@jax.jit
def _of_matrices(A: Float[Array, "M 6 4"]) -> dict[str, Array]:
    return {
        "singular": jnp.linalg.svd(A, compute_uv=False),
        "stretch": jax.vmap(_stretch)(A),
        "squares": jnp.sum(A**2, axis=(1, 2)),
        "norms": jnp.stack([jax.vmap(norm)(A) for norm in (spectral_norm, frobenius_norm, nuclear_norm)]),
    }


def _stretch(A: Float[Array, "m n"]) -> Float[Array, ""]:
    """The largest |A x| / |x| that ascent finds: x ← AᵀA x, normed, which turns x to where it is stretched most."""
    x = jax.lax.fori_loop(0, 1000, lambda _, x: A.T @ (A @ x) / jnp.linalg.norm(A.T @ (A @ x)), jnp.ones(A.shape[1]))
    return jnp.linalg.norm(A @ x) / jnp.linalg.norm(x)


def _forms(G: Float[np.ndarray, "M 5 5"]) -> Float[np.ndarray, "M 5 5"]:
    """Symmetric matrices, many positive definite, many not."""
    return G + np.swapaxes(G, 1, 2) + 5 * np.eye(5)


def _covariance(config: Config) -> Float[Array, "2 2"]:
    r, s = config.correlation, config.spread
    return jnp.asarray([[1.0, r * s], [r * s, s**2]])


def _nearest(drawn: Float[Array, "5 8"]) -> Float[Array, "4"]:
    """What is left after projecting, against what it was projected on: on a line, on a subspace; QᵀQ - I; a ball."""
    x, v, *columns = drawn
    A = jnp.stack(columns, axis=1)
    Q, ball = orthonormal(A), project_ball(10 * x)
    line = jnp.abs(v @ (x - project_line(x, v)))
    plane = jnp.max(jnp.abs(A.T @ (x - project_subspace(x, A))))
    return jnp.stack([line, plane, jnp.max(jnp.abs(Q.T @ Q - jnp.eye(3))), jnp.abs(ball @ ball - 1)])


def values(config: Config, record: Record) -> dict[str, float]:
    """The half-lengths of the ellipse, the share of definite matrices, the counterexample near 0."""
    long, short = record.half_lengths
    found = {
        "half-length of the long axis": long,
        "half-length of the short axis": short,
        "angle of the long axis, degrees": math.degrees(math.atan(float(record.axes[1, 0] / record.axes[0, 0]))),
        "share of positive definite matrices": np.mean(record.cholesky.astype(float)),
        "largest |f| on lines at distance 1e-9": np.max(np.abs(record.on_lines[-1])),
        "f on the parabola": record.on_parabola[-1],
        "least gap in Cauchy-Schwarz, n > 1": np.min(np.where(record.n > 1, _gap(record), np.inf)),
    }
    return {name: float(value) for name, value in found.items()}


def _gap(record: Record) -> np.ndarray:
    """1 - |x·y| / (|x| |y|)."""
    return 1 - np.abs(record.inner) / (record.x_norms[2] * record.y_norms[2])


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Unit balls, quadratic forms, the contour with its axes, the counterexample."""
    angles = np.linspace(0, 2 * np.pi, 401)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    balls = []
    for p in (1.0, 2.0, 4.0, math.inf):
        ball = circle / np.asarray(_norms(circle, (p,))[0])[:, None]
        balls.append(Series("line", ball[:, 0], ball[:, 1], label=f"p = {p:g}" if p < math.inf else "p = ∞"))
    grid = np.linspace(-1.5, 1.5, 101)
    return (
        Figure("Unit balls of four norms", balls, "x₁", "x₂", square=True, summary=BALLS),
        *(form_figure(name, eigenvalues, grid) for name, eigenvalues in FORMS.items()),
        _ellipse(record),
        cliff_figure(grid),
    )


def _ellipse(record: Record) -> Figure:
    points, axes = np.asarray(record.contour), np.asarray(record.half_lengths * record.axes)
    lines = [
        Series("line", [-a[0], a[0]], [-a[1], a[1]], label=f"eigenvector {i}") for i, a in enumerate(axes.T, start=1)
    ]
    closed = np.concatenate([points, points[:1]])
    contour = Series("line", closed[:, 0], closed[:, 1], label="density e^(-1/2) of its maximum")
    long, short = record.half_lengths
    says = f"An ellipse with half-lengths {long:.4g} and {short:.4g} along the eigenvectors of the covariance."
    return Figure("A contour of the Gaussian and its axes", [contour, *lines], "x₁", "x₂", square=True, summary=says)


def claim_triangle_cauchy_schwarz_hoelder(config: Config, record: Record) -> bool:
    """Claim 1: |x + y| ≤ |x| + |y| in each norm; |x·y| ≤ |x| |y|, with equality exactly for parallel vectors; Hölder."""
    up = 1 + ROUNDING
    lengths = record.x_norms[2] * record.y_norms[2]
    triangle = np.all(record.sum_norms <= (record.x_norms + record.y_norms) * up)
    hoelder = np.all(np.abs(record.inner) <= record.x_norms * record.y_duals * up)
    equal = np.allclose(np.abs(record.parallel), np.abs(record.factor) * record.x_norms[2] ** 2, rtol=ROUNDING)
    # |x|²|y|² - (x·y)² is the sum of the squares of the minors (Lagrange): 0 for parallel vectors, as in one dimension
    strict = np.where(record.n > 1, np.abs(record.inner) < lengths, record.minors == 0)
    lagrange = np.abs(lengths**2 - record.inner**2 - record.minors) <= ROUNDING * lengths**2
    return bool(triangle & hoelder & equal & np.all(strict) & np.all(lagrange))


def claim_norms_are_equivalent(config: Config, record: Record) -> bool:
    """Claim 2: |x|_∞ ≤ |x|₂ ≤ |x|₁ ≤ √n |x|₂ ≤ n |x|_∞."""
    one, _, two, _, most = np.asarray(record.x_norms)
    chain = np.stack([most, two, one, np.sqrt(record.n) * two, record.n * most])
    return bool(np.all(chain[:-1] <= chain[1:] * (1 + ROUNDING)))


def claim_contours_are_ellipses(config: Config, record: Record) -> bool:
    """Claim 3: the contour is the ellipse along the covariance's eigenvectors with half-lengths proportional to the
    square roots of the eigenvalues."""
    eigenvalues, vectors = np.linalg.eigh(np.asarray(_covariance(config)))
    along = np.asarray(record.contour) @ vectors
    theory = np.allclose(np.sum(along**2 / eigenvalues, axis=1), 2 * DROP, rtol=1e-9)
    in_axes = np.asarray(record.contour @ record.axes) / np.asarray(record.half_lengths)
    ratio = float(record.half_lengths[0] / record.half_lengths[1])
    roots = math.isclose(ratio, math.sqrt(eigenvalues[1] / eigenvalues[0]), rel_tol=1e-9)
    return theory and roots and np.allclose(np.sum(in_axes**2, axis=1), 1, rtol=1e-9)


def claim_continuous_on_lines_only(config: Config, record: Record) -> bool:
    """Claim 4: x y² / (x² + y⁴) tends to 0 along every line through 0 and equals 1/2 on x = y²."""
    far, near = np.max(np.abs(record.on_lines[0])), np.max(np.abs(record.on_lines[-1]))
    return bool((near < 1e-6) & (far > 0.1)) and np.allclose(record.on_parabola, 0.5, rtol=0, atol=ROUNDING)


def claim_matrix_norms_and_cholesky(config: Config, record: Record) -> bool:
    """Claim 5: |A|₂ is the largest singular value, and the largest factor by which a vector is stretched; |A|_F² is the
    sum of their squares; A is positive definite exactly when Cholesky succeeds."""
    spectral, frobenius, nuclear = record.norms
    largest = np.allclose(record.stretch, spectral, rtol=1e-9) and np.allclose(
        record.singular[:, 0], spectral, rtol=1e-9
    )
    squares = np.allclose(frobenius**2, record.squares, rtol=1e-9)
    sums = np.allclose(record.squares, np.sum(record.singular**2, axis=1), rtol=1e-9)
    traced = np.allclose(nuclear, np.sum(record.singular, axis=1), rtol=1e-9)
    definite = bool(np.all(record.cholesky == (record.least > 0)) & np.any(record.cholesky) & ~np.all(record.cholesky))
    return largest and squares and sums and traced and definite


def claim_projections_are_orthogonal(config: Config, record: Record) -> bool:
    """Claim 6: what a projection leaves is orthogonal to what it projects on; Gram-Schmidt's columns are orthonormal; the
    nearest point of the unit ball to one outside has length 1."""
    return bool(np.all(record.nearest < ROUNDING))
