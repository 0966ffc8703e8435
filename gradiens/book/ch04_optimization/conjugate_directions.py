"""Conjugate gradient and steepest descent on quadratics in 2 … 20 variables, all in one compiled program."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch04_optimization.paths import paths_of
from gradiens.book.landscapes import bowl
from gradiens.optim.line_search.exact import Exact
from gradiens.optim.linear_cg import LinearCG
from gradiens.optim.steepest_descent import SteepestDescent

Numbers = Array | np.ndarray
SIZES = np.arange(2, 21)
KAPPA = 100.0  # their condition number


class Conjugate(NamedTuple):
    """Conjugate gradient and steepest descent on quadratics in n of 20 coordinates, one for each of SIZES."""

    matrices: Float[Numbers, "19 20 20"]
    theta: Float[Numbers, "19 T1 20"]
    residual: Float[Numbers, "19 T1"]  # ‖g‖ / ‖g₀‖ of conjugate gradient
    steepest: Float[Numbers, "19 T2"]  # the same of steepest descent
    cost: Float[Numbers, "19 T2"]  # C - C* of steepest descent


def conjugate(key: Array) -> Conjugate:
    """In the first n coordinates random eigenvectors, and eigenvalues at equal distances from 1 to κ; the others rest."""
    d = int(SIZES[-1])
    *turns, starts = np.asarray(jax.random.normal(key, (len(SIZES) + 1, d, d)))
    A = np.stack([_matrix(turn, n) for turn, n in zip(turns, SIZES.tolist(), strict=True)])
    return _descend(jnp.asarray(A), jnp.asarray(starts[: len(SIZES)] * (np.arange(d) < SIZES[:, None])))


def _matrix(turn: Float[np.ndarray, "d d"], n: int) -> Float[np.ndarray, "d d"]:
    """Q diag(λ) Qᵀ in the first n coordinates, the unit matrix in the others."""
    A, Q = np.eye(len(turn)), np.linalg.qr(turn[:n, :n])[0]
    A[:n, :n] = (Q * np.linspace(1, KAPPA, n)) @ Q.T
    return A


@jax.jit
def _descend(A: Float[Array, "19 d d"], start: Float[Array, "19 d"]) -> Conjugate:
    cg, _ = paths_of(bowl, LinearCG(), start, start.shape[1], A)
    sd, _ = paths_of(bowl, SteepestDescent(Exact()), start, 1500, A)
    residual, steepest = (jnp.linalg.norm(p.g, axis=-1) / jnp.linalg.norm(p.g[:, :1], axis=-1) for p in (cg, sd))
    return Conjugate(A, cg.theta, residual, steepest, sd.value)


def stops(residual: Numbers, tolerance: float = 1e-9) -> np.ndarray:
    """The steps until the residual is at most `tolerance`, by row; the number of all steps where it never is."""
    reached = np.asarray(residual) <= tolerance
    return np.where(reached.any(axis=1), np.argmax(reached, axis=1), reached.shape[1] - 1)


def largest_cosine(A: np.ndarray, directions: np.ndarray) -> float:
    """The largest |cos| between two of the directions in the A-inner product."""
    gram = directions @ A @ directions.T
    length = np.sqrt(np.diag(gram))
    return float(np.max(np.abs(gram / np.outer(length, length) - np.eye(len(length)))))
