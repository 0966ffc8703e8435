"""Convolution as one product of matrices: the windows become columns, the kernels rows.

    P[(c, u, v), (i, j)] = x[c, s i + d u - p, s j + d v - p]        (C k l) × (H2 W2)
    z = W_(O × C k l) P

The patches hold each number of x up to k l times: memory for speed.

Book: 6.4.  Source: Chellapilla, Puri & Simard (2006).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from gradiens.functions.convolving.setting import Kernels, Maps, Setting


def patches(x: Maps, window: tuple[int, int], setting: Setting) -> Float[np.ndarray, "patch places"]:
    """P: one column a place of the window, one row a channel and entry of it.

    Book: 6.4.  Source: Chellapilla, Puri & Simard (2006).
    """
    (k, l), s, d = window, setting.stride, setting.dilation  # noqa: E741
    high, wide = setting.places(x.shape[1:], window)
    x = setting.padded(x)
    entries = [
        x[:, d * u : d * u + s * (high - 1) + 1 : s, d * v : d * v + s * (wide - 1) + 1 : s]
        for u, v in np.ndindex(k, l)
    ]
    return np.stack(entries, axis=1).reshape(len(x) * k * l, high * wide)


def convolve_by_patches(
    W: Kernels, x: Maps, stride: int = 1, padding: int = 0, dilation: int = 1, groups: int = 1
) -> Maps:
    """W ⋆ x. Raises `Mistake` where kernels and maps do not go together, or the window does not fit.

    Book: 6.4.  Source: Chellapilla, Puri & Simard (2006).
    """
    setting = Setting(stride, padding, dilation, groups)

    def one(W: Kernels, x: Maps) -> Maps:
        P = patches(x, W.shape[2:], setting)
        return (W.reshape(len(W), -1) @ P).reshape(len(W), *setting.places(x.shape[1:], W.shape[2:]))

    return setting.by_groups(one, W, x)
