"""The Multivariable Chain Rule.

The Jacobian of a composition is the product of the Jacobians, and a product of several matrices may be bracketed in many
ways that cost differently. Maps R²⁰ → R³⁰ → R¹⁰ → R, each affine and then tanh, make the point: multiplied from the
input, as forward mode does, the chain takes 6,200 multiplications; from the output, as reverse mode does, 900. With one
input and many outputs it is the other way round. In polar coordinates the same rule turns a gradient into its radial and
its angular part.
"""

from __future__ import annotations

import itertools
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.appendix_a_calculus.draws import generator
from gradiens.calculus.colouring import sparse_jacobian
from gradiens.calculus.derivatives import jacobian, vector_jacobian
from gradiens.calculus.finite_differences import numerical_jacobian
from gradiens.calculus.matrix_chain import (
    bracketings,
    cheapest,
    from_the_left,
    from_the_right,
    multiplications,
    multiply,
    written,
)
from gradiens.core.module import Module, knob
from gradiens.report.figure import Figure, Series

WIDTHS = (20, 30, 10, 1)  # from the input to the output
LONG = (20, 30, 10, 25, 5, 1)  # a longer chain, of five maps
POLAR = "Level sets of the function, circles of constant r and rays of constant φ: they cross at right angles."
BAND = 40  # inputs and outputs of the map with a banded Jacobian


class Config(Module):
    """How many points and chains are tried."""

    points: int = knob(10, 1, 200, says="random points of the composition, and of the plane")
    chains: int = knob(50, 1, 1000, says="random chains of widths 2 to 30 with one output, or one input")


class Record(NamedTuple):
    """Jacobians of the composition in several ways, counts of multiplications, the two forms of a gradient."""

    chain: Float[Array, "N 1 20"]  # the product of the Jacobians, multiplied from the output
    whole: Float[Array, "N 1 20"]  # the Jacobian of the composition, by JAX
    differences: Float[Array, "N 1 20"]  # by central differences
    pulled: Float[Array, "N 20"]  # by one vector-Jacobian product
    bracketed: Float[Array, "B 1 20"]  # at the first point of the longer chain, by every bracketing
    counts: Int[Array, "2"]  # multiplications from the input and from the output
    long_counts: Int[Array, " B"]  # of every bracketing of the longer chain
    one_output: Int[Array, "C 2"]  # random chains: from the output, the cheapest
    one_input: Int[Array, "C 2"]  # from the input, the cheapest
    polar: Float[Array, "N 2"]  # |∇f|², f_r² + f_φ²/r²
    banded: Float[Array, "2"]  # error of the coloured Jacobian, and the passes it took


def run(config: Config, key: Array) -> Record:
    """Draw the maps and differentiate their composition; count multiplications."""
    rng = generator(key)
    maps, long_maps = _maps(WIDTHS, rng), _maps(LONG, rng)
    x = rng.normal(size=(config.points, WIDTHS[0]))
    ones, many = (tuple(_random_chain(rng) for _ in range(config.chains)) for _ in range(2))
    jacobians = jax.jit(jax.vmap(lambda x: _jacobians(maps, x)))(x)
    products = jax.jit(lambda x: [multiply(_jacobians(long_maps, x), b) for b in bracketings(0, len(long_maps) - 1)])(
        x[0]
    )
    backward, forward = from_the_left(3), from_the_right(3)
    whole, pulled = jax.jit(jax.vmap(lambda x: _whole(maps, x)))(x)
    return Record(
        chain=multiply(jacobians, backward),
        whole=whole,
        differences=jnp.asarray([numerical_jacobian(lambda x: _composed(maps, x, np), one, h=1e-5) for one in x]),
        pulled=pulled,
        bracketed=jnp.stack(products),
        counts=jnp.asarray([multiplications(WIDTHS[::-1], b) for b in (forward, backward)]),
        long_counts=jnp.asarray([multiplications(LONG[::-1], b) for b in bracketings(0, len(LONG) - 2)]),
        one_output=jnp.asarray([_costs((1, *n), from_the_left(len(n))) for n in ones]),
        one_input=jnp.asarray([_costs((*n, 1), from_the_right(len(n))) for n in many]),
        polar=jax.jit(jax.vmap(_polar))(
            np.stack([rng.uniform(0.5, 2, config.points), rng.uniform(0, 6, config.points)], 1)
        ),
        banded=_banded(jnp.asarray(rng.normal(size=BAND))),
    )


def _maps(widths: tuple[int, ...], rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(rng.normal(size=(m, n)) / math.sqrt(n), rng.normal(size=m) / 4) for n, m in itertools.pairwise(widths)]


def _composed(maps: list[tuple[np.ndarray, np.ndarray]], x: Any, xp: Any = jnp) -> Any:
    for W, b in maps:
        x = xp.tanh(W @ x + b)
    return x


def _jacobians(maps: list[tuple[np.ndarray, np.ndarray]], x: Array) -> list[Array]:
    """The Jacobian of each map where the ones before it have arrived, the last map first."""
    found = []
    for W, b in maps:
        found.append(jacobian(lambda x, W=W, b=b: jnp.tanh(W @ x + b), x))
        x = jnp.tanh(W @ x + b)
    return found[::-1]


def _whole(maps: list[tuple[np.ndarray, np.ndarray]], x: Array) -> tuple[Array, Array]:
    f = lambda x: _composed(maps, x)  # noqa: E731
    return jacobian(f, x), vector_jacobian(f, x, jnp.ones(1))


def _random_chain(rng: np.random.Generator) -> tuple[int, ...]:
    return tuple(int(n) for n in rng.integers(2, 31, size=rng.integers(2, 6)))


def _costs(sizes: tuple[int, ...], bracketing: Any) -> tuple[int, int]:
    return multiplications(sizes, bracketing), cheapest(sizes).multiplications


def surface(x: Any, y: Any, xp: Any = jnp) -> Any:
    """The function that is seen in polar coordinates."""
    return x**2 * y + xp.sin(x - y)


def _polar(at: Float[Array, "2"]) -> Float[Array, "2"]:
    """|∇f|² in x and y, and from the derivatives of f(r cos φ, r sin φ)."""
    g_x, g_y = jacobian(lambda v: surface(v[0], v[1]), at[0] * jnp.stack([jnp.cos(at[1]), jnp.sin(at[1])]))[0]
    f_r, f_phi = jacobian(lambda p: surface(p[0] * jnp.cos(p[1]), p[0] * jnp.sin(p[1])), at)[0]
    return jnp.stack([g_x**2 + g_y**2, f_r**2 + f_phi**2 / at[0] ** 2])


def _banded(x: Float[Array, " n"]) -> Float[Array, "2"]:
    """A map of which each value depends on three neighbours: its Jacobian from three passes."""
    f = lambda x: jnp.sin(x) + jnp.pad(x[1:] * x[:-1], (0, 1)) + jnp.pad(x[:-1] ** 2, (1, 0))  # noqa: E731
    near = np.abs(np.subtract.outer(np.arange(BAND), np.arange(BAND))) <= 1
    found, passes = sparse_jacobian(f, x, near)
    return jnp.stack([jnp.max(jnp.abs(found - jax.jacfwd(f)(x))), jnp.asarray(float(passes))])


def values(config: Config, record: Record) -> dict[str, float]:
    """Multiplications, and how far the ways to the Jacobian are apart."""
    found = {
        "multiplications from the input": record.counts[0],
        "multiplications from the output": record.counts[1],
        "longer chain, cheapest": np.min(record.long_counts),
        "longer chain, dearest": np.max(record.long_counts),
        "largest relative error against differences": _apart(record.chain, record.differences),
        "passes for a tridiagonal Jacobian": record.banded[1],
    }
    return {name: float(value) for name, value in found.items()}


def _apart(a: Any, b: Any) -> float:
    return float(np.max(np.abs(np.asarray(a) - np.asarray(b))) / np.max(np.abs(np.asarray(b))))


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The cost of every bracketing of the longer chain; polar coordinates on the surface."""
    names = [written(b, "EDCBA").replace(" ", "") for b in bracketings(0, len(LONG) - 2)]
    order = np.argsort(record.long_counts, kind="stable")
    bars = Series("bars", [names[i] for i in order], np.asarray(record.long_counts)[order])
    says = (
        f"From {record.long_counts.min():,} ({names[order[0]]}) to {record.long_counts.max():,} ({names[order[-1]]})."
    )
    widths = "widths " + " → ".join(map(str, LONG))
    grid = np.linspace(-2, 2, 81)
    level = Series("contour", grid, grid, surface(*np.meshgrid(grid, grid), np), "f")
    return (
        Figure("Multiplications of every bracketing", [bars], widths, "multiplications", summary=says),
        Figure("x² y + sin(x - y) in polar coordinates", [level, *_polar_grid()], "x", "y", square=True, summary=POLAR),
    )


def _polar_grid() -> list[Series]:
    """Circles and rays, each set as one line with gaps."""
    angles, radii = np.linspace(0, 2 * np.pi, 121), np.asarray([0.5, 1.0, 1.5, 2.0])
    gap = np.full((4, 1), np.nan)
    circles = [np.hstack([radii[:, None] * f(angles)[None], gap]).ravel() for f in (np.cos, np.sin)]
    turns = np.arange(12) * np.pi / 6
    rays = [np.stack([0 * turns, 2 * f(turns), np.full(12, np.nan)], axis=1).ravel() for f in (np.cos, np.sin)]
    return [Series("line", *circles, label="r constant"), Series("line", *rays, label="φ constant")]


def claim_the_jacobian_of_a_composition(config: Config, record: Record) -> bool:
    """Claim 1: J(f ∘ g)(x) = J f(g(x)) J g(x), to 1e-6 of its size by differences, to 1e-9 by JAX."""
    by_jax = max(_apart(record.chain, record.whole), _apart(record.pulled, record.whole[:, 0]))
    return by_jax <= 1e-9 and _apart(record.chain, record.differences) <= 1e-6


def claim_every_bracketing_agrees(config: Config, record: Record) -> bool:
    """Claim 2: every bracketing gives the same Jacobian to 1e-10."""
    return len(record.bracketed) == 14 and _apart(record.bracketed, record.bracketed[:1]) <= 1e-10


def claim_multiplications(config: Config, record: Record) -> bool:
    """Claim 3: a chain n₀ → n₁ → n₂ → n₃ takes n₀n₁n₂ + n₀n₂n₃ multiplications forward, n₃n₂n₁ + n₃n₁n₀ backward; here
    6,200 and 900."""
    n0, n1, n2, n3 = WIDTHS
    formula = [n0 * n1 * n2 + n0 * n2 * n3, n3 * n2 * n1 + n3 * n1 * n0]
    return list(record.counts) == formula == [6200, 900]


def claim_the_cheapest_order(config: Config, record: Record) -> bool:
    """Claim 4: backward order is cheapest for one output, forward order for one input, here and on random chains."""
    here = int(record.counts[1]) == cheapest(WIDTHS[::-1]).multiplications
    there = multiplications(WIDTHS, from_the_right(3)) == cheapest(WIDTHS).multiplications
    random = np.all(record.one_output[:, 0] == record.one_output[:, 1]) and np.all(
        record.one_input[:, 0] == record.one_input[:, 1]
    )
    return here and there and bool(random)


def claim_polar_coordinates(config: Config, record: Record) -> bool:
    """Claim 5: |∇f|² = f_r² + f_φ²/r²."""
    return np.allclose(record.polar[:, 0], record.polar[:, 1], rtol=1e-9)


def claim_colouring(config: Config, record: Record) -> bool:
    """Claim 6: a tridiagonal Jacobian of 40 columns takes 3 passes of forward mode."""
    return bool(record.banded[0] < 1e-12 and record.banded[1] == 3)
