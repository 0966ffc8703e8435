"""Maps as pictures: a number for each pixel becomes a colour that reads alike on a light and on a dark page.

grey     the least number black, the largest white
heat     0 white, the largest dark blue
signed   0 white, positive towards red, negative towards blue, both by the largest size
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake
from gradiens.report.figure import Figure, Series

RED, BLUE, DEEP = (0.70, 0.09, 0.17), (0.13, 0.40, 0.67), (0.03, 0.19, 0.42)
Picture = Float[np.ndarray, "H W 3"]


def grey(M: Float[np.ndarray, "H W"]) -> Picture:
    """From the least number to the largest; a map of one value is middle grey."""
    M = _finite(M)
    low, high = M.min(), M.max()
    share = (M - low) / (high - low) if high > low else np.full(M.shape, 0.5)
    return np.repeat(share[..., None], 3, axis=2)


def heat(M: Float[np.ndarray, "H W"]) -> Picture:
    """Of numbers from 0 on."""
    M = np.maximum(_finite(M), 0)
    return _towards(M / M.max() if M.max() > 0 else M, DEEP)


def signed(M: Float[np.ndarray, "H W"]) -> Picture:
    """Of numbers of either sign."""
    M = _finite(M)
    most = np.abs(M).max()
    share = M / most if most > 0 else M
    return np.where(share[..., None] >= 0, _towards(np.maximum(share, 0), RED), _towards(np.maximum(-share, 0), BLUE))


def over(picture: Float[np.ndarray, "H W *C"], M: Picture, share: float = 0.7) -> Picture:
    """A map on the picture in grey, of which it lets a part shine through."""
    picture = np.asarray(picture, np.float64)
    pale = picture.mean(axis=2) if picture.ndim == 3 else picture
    return share * M + (1 - share) * pale[..., None]


def enlarged(picture: Float[np.ndarray, "H W *C"], least: int = 168) -> Float[np.ndarray, "H2 W2 *C"]:
    """Every pixel repeated, until the shorter side has about `least`."""
    picture = np.asarray(picture)
    times = max(1, round(least / min(picture.shape[:2])))
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def spread(M: Float[np.ndarray, "h w"], size: tuple[int, int]) -> Float[np.ndarray, "H W"]:
    """A coarse map at the size of the picture, each of its numbers as a block."""
    M = np.asarray(M)
    rows, columns = (np.arange(n) * m // n for n, m in zip(size, M.shape, strict=True))
    return M[np.ix_(rows, columns)]


def pictures(title: str, drawn: Sequence[np.ndarray], labels: Sequence[str] = (), says: str = "") -> Figure:
    """A figure of pictures; without labels they stay without."""
    labels = labels or [""] * len(drawn)
    if len(labels) != len(drawn):
        raise Mistake("as many labels as pictures", f"{len(labels)} and {len(drawn)}")
    series = [Series("picture", z=z, label=label) for z, label in zip(drawn, labels, strict=True)]
    return Figure(title, series, summary=says)


def _finite(M: np.ndarray) -> np.ndarray:
    M = np.asarray(M, np.float64)
    if M.ndim != 2 or not M.size:
        raise Mistake("a map (rows, columns)", f"shape {M.shape}")
    return np.nan_to_num(M, posinf=0.0, neginf=0.0)


def _towards(share: np.ndarray, colour: tuple[float, float, float]) -> np.ndarray:
    """From white at 0 to the colour at 1."""
    return 1 - share[..., None] * (1 - np.array(colour))
