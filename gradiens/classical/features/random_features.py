"""Random Fourier features: as many cosines as one likes, whose inner products are a Gaussian kernel on average.

    φ_m(x) = √(2/M) cos(ω_m·x + β_m),   ω_m ~ N(0, 2γ I),   β_m ~ U(0, 2π)
    E φ(x)·φ(x') = k(x, x') = exp(-γ ‖x - x'‖²),   with variance of at most 1/M

A linear model of these features is, as M grows, the kernel machine, at a cost that is linear in the rows.

Book: 3.4.  Source: Rahimi & Recht (2007), Algorithm 1.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake


@dataclasses.dataclass(frozen=True)
class RandomFeatures:
    """Frequencies ω (M, D) and phases β (M,).

    Book: 3.4.  Source: Rahimi & Recht (2007).
    """

    omega: Float[np.ndarray, "M D"]
    phase: Float[np.ndarray, "M"]

    @classmethod
    def draw(cls, variables: int, features: int, gamma: float = 1.0, seed: int = 0) -> RandomFeatures:
        """`features` cosines of `variables` variables, for the kernel exp(-γ ‖x - x'‖²)."""
        if variables < 1 or features < 1 or not gamma > 0:
            got = f"{variables} variables, {features} features, gamma {gamma:g}"
            raise Mistake("at least one variable and one feature, and gamma above 0", got)
        rng = np.random.default_rng(seed)
        return cls(np.sqrt(2 * gamma) * rng.normal(size=(features, variables)), rng.uniform(0, 2 * np.pi, features))

    def apply(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N M"]:
        """φ(x) for each row."""
        x = np.asarray(x, np.float64)
        if x.ndim != 2 or x.shape[1] != self.omega.shape[1]:
            raise Mistake(f"x of shape (N, {self.omega.shape[1]})", f"shape {x.shape}")
        return np.sqrt(2 / len(self.phase)) * np.cos(x @ self.omega.T + self.phase)
