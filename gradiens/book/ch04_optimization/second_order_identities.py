"""What Newton's method and BFGS do exactly: on quadratics, under changes of variables, with and without limited memory."""

from __future__ import annotations

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.book.ch04_optimization.paths import paths_of
from gradiens.book.landscapes import bowl
from gradiens.optim.bfgs import BFGS
from gradiens.optim.lbfgs import LBFGS
from gradiens.optim.line_search.exact import Exact
from gradiens.optim.newton import Newton

D, STEPS = 5, 12


class Identities(NamedTuple):
    """Gradients of Newton on quadratics; the same paths in two systems of coordinates; BFGS on quadratics; two memories."""

    newton: Float[Array, "N T1 d"]  # gradients
    plain: Float[Array, "N T1 d"]
    changed: Float[Array, "N T1 d"]  # the path in other coordinates, told in the first ones
    bfgs: Float[Array, "N T1 d"]  # gradients, with exact search
    B: Float[Array, "N d d"]  # after d steps
    matrices: Float[Array, "N d d"]
    whole: Float[Array, "N T1 d"]  # BFGS from the unit matrix
    limited: Float[Array, "N T1 d"]  # L-BFGS that remembers every step, from the unit matrix


def convex(z: Float[Array, "d"], M: Float[Array, "d d"], c: Float[Array, "d"], A: Float[Array, "d d"]) -> Array:
    """Σ exp(A x)ᵢ + ½ ‖x‖² at x = M z + c."""
    x = M @ z + c
    return jnp.sum(jnp.exp(A @ x)) + x @ x / 2


@functools.partial(jax.jit, static_argnums=1)
def identities(key: Array, cases: int) -> Identities:
    """`cases` random costs of each kind, in `D` variables."""
    normal = lambda i, *shape: jax.random.normal(jax.random.fold_in(key, i), (cases, *shape))  # noqa: E731
    Q, U, V = jnp.linalg.qr(jnp.stack([normal(i, D, D) for i in (0, 1, 2)]))[0]
    H = (Q * jnp.linspace(1, 50, D)[None, None]) @ Q.swapaxes(1, 2)
    start, c, A = normal(3, D), normal(4, D), normal(5, D, D) / 2
    quadratic, _ = paths_of(bowl, Newton(), start, 2, H)
    M, none = (U * jnp.linspace(0.2, 3, D)[None, None]) @ V, jnp.zeros_like(c)
    eye = jnp.tile(jnp.eye(D), (cases, 1, 1))
    z0 = jnp.linalg.solve(M, (start - c)[..., None])[..., 0]
    both = [jnp.concatenate(pair) for pair in ((start, z0), (eye, M), (none, c), (A, A))]
    plain, other = jnp.split(paths_of(convex, Newton(), both[0], STEPS, *both[1:])[0].theta, 2)
    changed = jnp.einsum("nij,ntj->nti", M, other) + c[:, None, :]
    exact, B = paths_of(bowl, BFGS(Exact()), start, D, H, keep=lambda state, info: state.memory.B)
    whole, _ = paths_of(convex, BFGS(scale=False), start, STEPS, eye, none, A)
    limited, _ = paths_of(convex, LBFGS(memory=STEPS, scale=False), start, STEPS, eye, none, A)
    return Identities(quadratic.g, plain, changed, exact.g, B[:, -1], H, whole.theta, limited.theta)
