"""Truncated singular value decomposition: the best approximation of a matrix by one of rank m.

    A = Σ_j s_j u_j v_j',    A_m = Σ_{j ≤ m} s_j u_j v_j',    ‖A - A_m‖²_F = Σ_{j > m} s_j²

No matrix of rank m is nearer to A, in the Frobenius and in the spectral norm. Kept as factors, A_m needs m (1 + N + D)
numbers instead of N D: an image is compressed.

Book: 2.2.  Source: Eckart & Young (1936).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

from gradiens.classical.one_thread import one_thread
from gradiens.classical.unsupervised.pca import signed
from gradiens.core.check import Mistake


@dataclasses.dataclass(frozen=True)
class LowRank:
    """u (N, m), s (m,), v (m, D) with A_m = u diag(s) v; and `tail`, the singular values left out."""

    u: Float[np.ndarray, "N M"]
    s: Float[np.ndarray, "M"]
    v: Float[np.ndarray, "M D"]
    tail: Float[np.ndarray, "L"]

    def matrix(self) -> Float[np.ndarray, "N D"]:
        """A_m."""
        return (self.u * self.s) @ self.v

    @property
    def squared_error(self) -> float:
        """‖A - A_m‖²_F = Σ_{j > m} s_j²."""
        return float(np.sum(self.tail**2))

    @property
    def relative_error(self) -> float:
        """‖A - A_m‖²_F / ‖A‖²_F."""
        whole = float(np.sum(self.s**2)) + self.squared_error
        return self.squared_error / whole if whole else 0.0

    @property
    def storage(self) -> float:
        """m (1 + N + D) / (N D): the numbers kept, as a share of those of A."""
        n, d, m = len(self.u), self.v.shape[1], len(self.s)
        return m * (1 + n + d) / (n * d)


def low_rank(a: Float[np.ndarray, "N D"], m: int) -> LowRank:
    """The best approximation of A of rank m; the largest entry of each v_j, in size, is positive.

    Book: 2.2.  Source: Eckart & Young (1936).

    Raises `Mistake` for a matrix with numbers that are not finite, or m outside 1 … min(N, D).
    """
    a = np.asarray(a, np.float64)
    if a.ndim != 2 or not a.size or not np.isfinite(a).all():
        raise Mistake("a matrix of finite numbers", f"shape {a.shape}")
    if not 1 <= m <= min(a.shape):
        raise Mistake(f"a rank of 1 … {min(a.shape)}", m)
    with one_thread():
        u, s, v = np.linalg.svd(a, full_matrices=False)
    turned = signed(v)
    u = u * np.sign(np.sum(turned * v, axis=1))
    return LowRank(u[:, :m], s[:m], turned[:m], s[m:])


def compress_image(pixels: Float[np.ndarray, "H W *C"], m: int) -> tuple[Float[np.ndarray, "H W *C"], float]:
    """A grey (H, W) or colour (H, W, C) image with each channel at rank m, kept in the image's range; and the storage's
    share.

    Book: 2.2.
    """
    image = np.asarray(pixels, np.float64)
    if image.ndim not in (2, 3):
        raise Mistake("an image (H, W) or (H, W, C)", f"shape {image.shape}")
    channels = np.moveaxis(np.atleast_3d(image), 2, 0)
    kept = [low_rank(channel, m) for channel in channels]
    drawn = np.stack([one.matrix() for one in kept], axis=2).reshape(image.shape)
    return np.clip(drawn, image.min(), image.max()), kept[0].storage
