"""The threshold unit: a neuron that is on or off.

    ŷ = 1 if w·x + b > 0, else 0

Of two inputs in {0, 1} it realises AND, OR, NAND and NOR, and no unit realises XOR: its ones and zeros are not on two
sides of a line. Units feed units: the outputs of some are the inputs of the next.

Book: 1.3.  Source: McCulloch & Pitts (1943).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from gradiens.core.check import Mistake


@dataclasses.dataclass(frozen=True)
class ThresholdUnit:
    """Weights w (D,) and bias b; on where w·x + b > 0.

    Book: 1.3.  Source: McCulloch & Pitts (1943).
    """

    w: Float[np.ndarray, "D"]
    b: float = 0.0

    def __post_init__(self) -> None:
        w = np.asarray(self.w, np.float64)
        if w.ndim != 1 or not (np.isfinite(w).all() and np.isfinite(self.b)):
            raise Mistake("finite weights of shape (D,) and a finite bias", f"w of shape {w.shape} and b {self.b}")
        object.__setattr__(self, "w", w)

    def scores(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N"]:
        """w·x + b for each row."""
        x = np.asarray(x, np.float64)
        if x.ndim != 2 or x.shape[1] != len(self.w):
            raise Mistake(f"x of shape (N, {len(self.w)})", f"shape {x.shape}")
        return x @ self.w + self.b

    def predict(self, x: Float[np.ndarray, "N D"]) -> Int[np.ndarray, "N"]:
        """1 where the unit is on, else 0."""
        return (self.scores(x) > 0).astype(np.int64)
