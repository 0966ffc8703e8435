"""Filters: small kernels that are slid over a signal or an image (by cross-correlation: no kernel is turned).

    moving average   1/n each                        Laplacian   the sum of the four neighbours, less four times the middle
    box blur         1/n² each                       Sobel       (1, 2, 1) down × (-1, 0, 1) across
    Gaussian         e^(-(i² + j²) / 2σ²), sum 1     edge        three rows (0, -1, 1)
    Gabor            e^(-(i'² + γ² j'²) / 2σ²) cos(2π i'/λ + ψ),  (i', j') turned by the angle

A kernel that is a column times a row acts as its two passes, one a direction: 2k products a pixel instead of k².

Book: 6.2.  Source: Gonzalez & Woods (2018), chapter 3; Daugman (1985), the last.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake
from gradiens.functions.signals.sequences import cross_correlation


def moving_average(n: int) -> Float[np.ndarray, " n"]:
    """n times 1/n.

    Book: 6.2.
    """
    return np.full(_window(n), 1 / n)


def box_blur(n: int) -> Float[np.ndarray, "n n"]:
    """n² times 1/n²: the moving average along both axes.

    Book: 6.2.  Source: Gonzalez & Woods (2018), chapter 3.
    """
    return np.outer(moving_average(n), moving_average(n))


def vertical_edge() -> Float[np.ndarray, "3 3"]:
    """Three rows (0, -1, 1): the change from a pixel to the next on its right, over three rows.

    Book: 6.2.
    """
    return np.outer(np.ones(3), [0.0, -1.0, 1.0])


def sobel(axis: int = 1) -> Float[np.ndarray, "3 3"]:
    """Sobel's derivative along `axis` (1, across: it answers to vertical edges), smoothed along the other.

    Book: 6.2.  Source: Gonzalez & Woods (2018), chapter 3.
    """
    if axis not in (0, 1):
        raise Mistake("axis 0 (down) or 1 (across)", axis)
    across = np.outer([1.0, 2.0, 1.0], [-1.0, 0.0, 1.0])
    return across if axis == 1 else across.T


def laplacian() -> Float[np.ndarray, "3 3"]:
    """The sum of the four neighbours, less four times the middle: the second derivatives, added.

    Book: 6.2.  Source: Gonzalez & Woods (2018), chapter 3.
    """
    return np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])


def gaussian(size: int, σ: float) -> Float[np.ndarray, "size size"]:
    """The bell of standard deviation σ pixels on size × size places about the middle, with sum 1.

    Book: 6.2.  Source: Gonzalez & Woods (2018), chapter 3.
    """
    bell = np.exp(-(_middle(size) ** 2) / (2 * _positive("σ", σ) ** 2))
    return np.outer(bell, bell) / bell.sum() ** 2


def gabor(
    size: int, wavelength: float, angle: float = 0.0, σ: float = 2.0, ratio: float = 0.5, phase: float = 0.0
) -> Float[np.ndarray, "size size"]:
    """A wave of that length in the direction `angle` (radians; 0 is across) under a bell: it answers to stripes.

    Book: 6.2.  Source: Daugman (1985).
    """
    λ, σ = _positive("wavelength", wavelength), _positive("σ", σ)
    i, j = np.meshgrid(_middle(size), _middle(size), indexing="ij")
    along, beside = j * np.cos(angle) + i * np.sin(angle), i * np.cos(angle) - j * np.sin(angle)
    bell = np.exp(-(along**2 + ratio**2 * beside**2) / (2 * σ**2))
    return bell * np.cos(2 * np.pi * along / λ + phase)


def separated(kernel: Float[np.ndarray, "m n"]) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " n"]]:
    """(column, row) with kernel = column rowᵀ, the two of one length, the column's largest entry positive.

    Raises `Mistake` for a kernel of rank above one (the second singular value above 1e-10 of the first).

    Book: 6.2.
    """
    U, s, Vt = np.linalg.svd(np.asarray(kernel, np.float64))
    if len(s) > 1 and s[1] > 1e-10 * s[0]:
        raise Mistake("a kernel of rank one", f"singular values {s[0]:.3g} and {s[1]:.3g}", "it has no two passes")
    sign = np.sign(U[np.abs(U[:, 0]).argmax(), 0])
    return sign * np.sqrt(s[0]) * U[:, 0], sign * np.sqrt(s[0]) * Vt[0]


def edge_strength(image: Float[np.ndarray, "H W"]) -> Float[np.ndarray, "H2 W2"]:
    """√(Gx² + Gy²) of Sobel's two derivatives, where the whole kernel fits: two pixels less each way.

    Book: 6.2.  Source: Gonzalez & Woods (2018), chapter 3.
    """
    across, down = (cross_correlation(sobel(axis), image, "valid") for axis in (1, 0))
    return np.hypot(across, down)


def _middle(size: int) -> np.ndarray:
    """Places about the middle: -1, 0, 1 for three."""
    return np.arange(_window(size)) - (size - 1) / 2


def _window(size: int) -> int:
    if size < 1:
        raise Mistake("a window of one place or more", size)
    return size


def _positive(name: str, value: float) -> float:
    if not value > 0:
        raise Mistake(f"{name} above 0", value)
    return value
