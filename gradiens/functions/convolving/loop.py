"""Convolution by its definition: a loop over the output maps and their places, each the scalar product with one window.

    z[o, i, j] = Σ_c Σ_u Σ_v W[o, c, u, v] x[c, s i + d u - p, s j + d v - p]

Book: 6.4.  Source: Dumoulin & Visin (2016).
"""

from __future__ import annotations

import numpy as np

from gradiens.functions.convolving.setting import Kernels, Maps, Setting


def convolve_by_loop(
    W: Kernels, x: Maps, stride: int = 1, padding: int = 0, dilation: int = 1, groups: int = 1
) -> Maps:
    """W ⋆ x. Raises `Mistake` where kernels and maps do not go together, or the window does not fit.

    Book: 6.4.  Source: Dumoulin & Visin (2016).
    """
    setting = Setting(stride, padding, dilation, groups)
    s, d = stride, dilation

    def one(W: Kernels, x: Maps) -> Maps:
        k, l = W.shape[2:]  # noqa: E741
        z = np.empty((len(W), *setting.places(x.shape[1:], (k, l))))
        x = setting.padded(x)
        for o, i, j in np.ndindex(*z.shape):
            window = x[:, s * i : s * i + d * (k - 1) + 1 : d, s * j : s * j + d * (l - 1) + 1 : d]
            z[o, i, j] = np.sum(W[o] * window)
        return z

    return setting.by_groups(one, W, x)
