"""Convolution as one linear map of all numbers of the maps: a dense layer whose matrix is sparse, and tied.

    vec z = A vec x,   A[(o, i, j), (c, s i + d u - p, s j + d v - p)] = W[o, c, u, v],   zero elsewhere

Each weight stands in A once for every place of the window (fewer at a border of zeros). With one channel and stride 1, A is
Toeplitz in blocks of Toeplitz matrices. Its transpose is the transposed convolution.

Book: 6.3, 6.4.  Source: Dumoulin & Visin (2016), section 4.1.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from gradiens.functions.convolving.setting import Kernels, Maps, Setting


def tied_places(
    shape: tuple[int, ...], size: tuple[int, int], stride: int = 1, padding: int = 0, dilation: int = 1, groups: int = 1
) -> Int[np.ndarray, "out in"]:
    """Which weight stands where in A, for kernels of `shape` on maps of `size`: 0 for none, n for the n-th of vec W.

    So A = (0, vec W)[places], in NumPy as in JAX. Raises `Mistake` where the window does not fit.

    Book: 6.3, 6.4.
    """
    setting = Setting(stride, padding, dilation, groups)
    n_out, n_in, k, l = shape  # noqa: E741
    channels = n_in * groups
    setting.check(shape, (channels, *size))
    high, wide = setting.places(size, (k, l))
    o, i, j, c, u, v = np.indices((n_out, high, wide, n_in, k, l)).reshape(6, -1)
    row, column = stride * i + dilation * u - padding, stride * j + dilation * v - padding
    channel = o // (n_out // groups) * n_in + c
    inside = (row >= 0) & (row < size[0]) & (column >= 0) & (column < size[1])
    places = np.zeros((n_out, high, wide, channels, *size), np.int64)
    weight = np.ravel_multi_index((o, c, u, v), shape) + 1
    at = tuple(index[inside] for index in (o, i, j, channel, row, column))
    places[at] = weight[inside]
    return places.reshape(n_out * high * wide, channels * size[0] * size[1])


def convolution_matrix(
    W: Kernels, size: tuple[int, int], stride: int = 1, padding: int = 0, dilation: int = 1, groups: int = 1
) -> Float[np.ndarray, "out in"]:
    """A, dense, O H2 W2 × C H W: for small maps. Raises `Mistake` where the window does not fit.

    Book: 6.3, 6.4.  Source: Dumoulin & Visin (2016), section 4.1.
    """
    places = tied_places(np.shape(W), size, stride, padding, dilation, groups)
    return np.concatenate([[0.0], np.ravel(np.asarray(W, np.float64))])[places]


def convolve_by_matrix(
    W: Kernels, x: Maps, stride: int = 1, padding: int = 0, dilation: int = 1, groups: int = 1
) -> Maps:
    """W ⋆ x = A vec x. Raises `Mistake` where kernels and maps do not go together, or the window does not fit.

    Book: 6.4.  Source: Dumoulin & Visin (2016), section 4.1.
    """
    setting = Setting(stride, padding, dilation, groups)
    setting.check(np.shape(W), np.shape(x))
    A = convolution_matrix(W, x.shape[1:], stride, padding, dilation, groups)
    return (A @ np.ravel(x)).reshape(len(W), *setting.places(x.shape[1:], W.shape[2:]))
