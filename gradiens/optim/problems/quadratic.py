"""QUADRATIC: a bowl of any condition number in any dimension, its axes turned at random.

    C(θ) = ½ (θ - m)ᵀ A (θ - m),   A = Q diag(λ) Qᵀ,   λ from 1 to κ

Q is orthogonal, drawn evenly by `seed`; the eigenvalues lie at equal distances, or at equal ratios. It is convex, κ-smooth and
1-strongly convex.

Book: 4.4.
"""

from __future__ import annotations

import functools
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.module import knob
from gradiens.optim.problems.problem import Box, Problem, like


class Quadratic(Problem):
    """½ (θ - m)ᵀ A (θ - m), least at θ = m = (centre, …, centre).

    Book: 4.4.
    """

    kappa: float = knob(100.0, 1.0, 1e12, "log", "condition number κ of A, which is its largest eigenvalue")
    d: int = knob(2, 1, 10_000, says="dimension")
    seed: int = knob(0, 0, None, says="of the eigenvectors")
    spacing: str = knob("equispaced", choices=("equispaced", "log"), says="how the eigenvalues lie between 1 and κ")
    centre: float = knob(0.0, None, None, says="every coordinate of the minimiser m")
    Q: Float[np.ndarray, "d d"] = eqx.field(default=None)  # of `d` and `seed`: what is given is replaced

    def __post_init__(self) -> None:
        self.Q = _orthogonal(self.d, self.seed)

    def eigenvalues(self, dtype: Any = float) -> Float[Array, "d"]:
        """λ, rising from 1 to κ; in one dimension κ."""
        share = jnp.asarray(np.linspace(0, 1, self.d) if self.d > 1 else np.ones(1), jnp.dtype(dtype))
        kappa = jnp.asarray(self.kappa, share.dtype)
        return kappa**share if self.spacing == "log" else 1 + (kappa - 1) * share

    def matrix(self, dtype: Any = float) -> Float[Array, "d d"]:
        """A."""
        Q = jnp.asarray(self.Q, jnp.dtype(dtype))
        return (Q * self.eigenvalues(dtype)[None]) @ Q.T

    def __call__(self, theta: Float[Array, "d"]) -> Float[Array, ""]:
        """C(θ) = ½ Σᵢ λᵢ uᵢ², u = Qᵀ(θ - m)."""
        u = like(self.Q, theta).T @ (theta - like(self.centre, theta))
        return jnp.sum(self.eigenvalues(theta.dtype) * u**2) / 2

    @property
    def box(self) -> Box:
        """2 to each side of the minimum."""
        return ((self.centre - 2.0, self.centre + 2.0),) * self.d

    def usual(self) -> Float[np.ndarray, "d"]:
        """m plus the sum of all eigenvectors: each is present alike."""
        return self.centre + self.Q.sum(axis=1)

    def minimisers(self) -> Float[np.ndarray, "1 d"]:
        """m."""
        return np.full((1, self.d), self.centre)

    def smoothness(self) -> float:
        """κ."""
        return self.kappa

    def strong_convexity(self) -> float:
        """1; in one dimension κ."""
        return 1.0 if self.d > 1 else self.kappa


@functools.cache
def _orthogonal(d: int, seed: int) -> np.ndarray:
    """Q of a matrix of normal numbers, the signs so that it is drawn evenly."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))
    return q * np.sign(np.diag(r))
