"""Pictures made by formulas: a grey one to compress, a colour one to segment."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

COLOURS = np.array(
    [
        [0.86, 0.24, 0.20],
        [0.20, 0.44, 0.78],
        [0.98, 0.80, 0.25],
        [0.18, 0.60, 0.36],
        [0.95, 0.95, 0.92],
        [0.20, 0.18, 0.24],
    ]
)


def waves_and_disc() -> Float[np.ndarray, "353 469"]:
    """0.5 + 0.25 sin(2πi/64) cos(2πj/80), and 0.25 more within 100 of (176, 234)."""
    i, j = np.arange(353)[:, None], np.arange(469)[None, :]
    disc = (i - 176) ** 2 + (j - 234) ** 2 < 100**2
    return 0.5 + 0.25 * np.sin(2 * np.pi * i / 64) * np.cos(2 * np.pi * j / 80) + 0.25 * disc


def coloured(noise: float, rng: np.random.Generator) -> Float[np.ndarray, "48 64 3"]:
    """A landscape of six colours with noise N(0, noise) in every channel, kept in [0, 1]."""
    i, j = np.arange(48)[:, None], np.arange(64)[None, :]
    cells = np.full((48, 64), 1)  # sky
    cells = np.where((i - 12) ** 2 + (j - 48) ** 2 < 64, 2, cells)  # sun
    cells = np.where((i - 10) ** 2 / 2 + (j - 16) ** 2 / 5 < 18, 4, cells)  # cloud
    cells = np.where(i > 30 + 4 * np.sin(j / 7), 3, cells)  # hill
    cells = np.where((np.abs(j - 24) < 8) & (i > 24) & (i < 40), 0, cells)  # house
    cells = np.where((np.abs(j - 24) < 3) & (i > 31) & (i < 40), 5, cells)  # door
    return np.clip(COLOURS[cells] + noise * rng.normal(size=(48, 64, 3)), 0, 1)
