"""Lines on which the searches are tried: six nasty families, and those of Moré & Thuente."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from gradiens.optim.cost import cost_of
from gradiens.optim.line_search.line import Line

FAMILIES = (
    lambda t, a: jnp.sqrt(1e-8 + (t - a) ** 2),  # all but a kink
    lambda t, a: -jnp.log(2 * a - t) - 2 * t / a,  # NaN beyond 2a
    lambda t, a: t**3 / 3 - a**2 * t,
    lambda t, a: -jnp.exp(-((t / a - 1) ** 2)),  # flat on both sides
    lambda t, a: -t / a + jnp.sin(9 * t / a) / 15 + (t / a) ** 2 / 4,  # wavy
    lambda t, a: 1e3 * (t - a) ** 2,
)


def member(theta, family, a):
    """φ of a family, its size given by a."""
    return jax.lax.switch(family, FAMILIES, theta[0], a)


def lines(count=204, seed=0):
    """Many lines at once, from 0 to the right: (lines, first steps, families), with a vmapped axis."""
    rng = np.random.default_rng(seed)
    family, a = jnp.asarray(np.arange(count) % len(FAMILIES), jnp.int32), jnp.asarray(10.0 ** rng.uniform(-1, 1, count))
    first = jnp.asarray(np.asarray(a) * 10.0 ** rng.uniform(-3, 1, count))

    def line(family, a):
        cost = cost_of(member, jnp.zeros(1), (family, a))
        return Line(cost, cost.at(jnp.zeros(1)), jnp.ones(1))

    return jax.vmap(line)(family, a), first


def search_all(search, lines, first):
    """What the search finds on each of them; other constants are data of the same program."""
    return _search_all(jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, first.shape), search), lines, first)


@jax.jit
@jax.vmap
def _search_all(search, line, first):
    return search(line, first)


def values(lines, alpha):
    """φ of each at its α."""
    return np.asarray(jax.vmap(lambda line, a: line.value(a))(lines, jnp.asarray(alpha)))


def more_thuente(t, which):
    """The functions (5.1)-(5.4) of Moré & Thuente (1994), `which` from 1 to 6."""
    gamma = lambda b: np.sqrt(1 + b**2) - b  # noqa: E731

    def third(t, b=0.01, el=39):
        base = jnp.where(t <= 1 - b, 1 - t, jnp.where(t >= 1 + b, t - 1, (t - 1) ** 2 / (2 * b) + b / 2))
        return base + 2 * (1 - b) / (el * np.pi) * jnp.sin(el * np.pi / 2 * t)

    def fourth(t, b1, b2):
        return gamma(b1) * jnp.sqrt((1 - t) ** 2 + b2**2) + gamma(b2) * jnp.sqrt(t**2 + b1**2)

    return jax.lax.switch(
        which - 1,
        [
            lambda t: -t / (t**2 + 2),
            lambda t: (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4,
            third,
            lambda t: fourth(t, 0.001, 0.001),
            lambda t: fourth(t, 0.01, 0.001),
            lambda t: fourth(t, 0.001, 0.01),
        ],
        t,
    )


def more_thuente_lines():
    """All six from 0 to the right, each with the four first steps of the paper: 24 lines, and which they are."""
    which, first = (jnp.asarray(a.ravel()) for a in np.meshgrid(np.arange(1, 7), [1e-3, 0.1, 10.0, 1e3], indexing="ij"))

    def line(which):
        cost = cost_of(lambda theta, which: more_thuente(theta[0], which), jnp.zeros(1), (which,))
        return Line(cost, cost.at(jnp.zeros(1)), jnp.ones(1))

    return jax.vmap(line)(which), first, np.asarray(which)


def one(f, p=1.0, at=0.0):
    """A line of a function of one number."""
    cost = cost_of(lambda theta: f(theta[0]), jnp.zeros(1))
    return Line(cost, cost.at(jnp.full(1, at)), jnp.full(1, p))
