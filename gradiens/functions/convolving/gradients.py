"""The gradients of convolution and pooling, by hand: δ = ∂C/∂z of the output gives those of all that went in.

    z = W ⋆ x + b        ∂C/∂b[o] = Σ_places δ[o]
                         ∂C/∂W = δ_(O × places) P'           each weight's gradient is the sum over its places
                         ∂C/∂x = A' vec δ                    at stride 1 without padding: Σ_o W_o * δ_o, all of it
    z = max over windows      δ goes to the place of the largest entry of its window, to the first of equal ones
    z = mean over windows     δ / k² goes to each place of its window

P are the patches of x, A the matrix of the convolution; windows of pools lie side by side.

Book: 6.5.  Source: LeCun et al. (1998), section 2; Dumoulin & Visin (2016), chapter 4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake
from gradiens.functions.convolving.im2col import patches
from gradiens.functions.convolving.matrix import convolution_matrix
from gradiens.functions.convolving.setting import Kernels, Maps, Setting
from gradiens.functions.signals.sequences import discrete_convolution


class ConvolutionGradients(NamedTuple):
    """∂C/∂W, ∂C/∂b, ∂C/∂x."""

    W: Kernels
    b: Float[np.ndarray, " O"]
    x: Maps


def convolution_gradients(
    W: Kernels, x: Maps, delta: Maps, stride: int = 1, padding: int = 0, dilation: int = 1
) -> ConvolutionGradients:
    """From δ, shaped like z = W ⋆ x + b; a `Mistake` where it is not.

    Book: 6.5.  Source: LeCun et al. (1998), section 2.
    """
    setting = Setting(stride, padding, dilation)
    places = setting.places(x.shape[1:], W.shape[2:])
    if delta.shape != (len(W), *places):
        raise Mistake(f"δ of shape {(len(W), *places)}", delta.shape)
    δ, P = delta.reshape(len(W), -1), patches(x, W.shape[2:], setting)
    A = convolution_matrix(W, (x.shape[1], x.shape[2]), stride, padding, dilation)
    return ConvolutionGradients((δ @ P.T).reshape(W.shape), δ.sum(axis=1), (A.T @ δ.ravel()).reshape(x.shape))


def input_gradient_by_full_convolution(W: Kernels, delta: Maps) -> Maps:
    """∂C/∂x[c] = Σ_o W[o, c] * δ[o], the whole convolution, for stride 1, no padding and no gaps.

    Book: 6.5.  Source: Dumoulin & Visin (2016), section 4.1.
    """
    each = [[discrete_convolution(W[o, c], delta[o]) for o in range(len(W))] for c in range(W.shape[1])]
    return np.sum(each, axis=1)


def max_pool_gradient(x: Maps, delta: Maps, window: int) -> Maps:
    """∂C/∂x of the largest entries of windows side by side.

    Book: 6.5.
    """
    g = np.zeros(x.shape)
    for c, i, j in np.ndindex(*_pooled(x, delta, window)):
        rows, columns = slice(window * i, window * (i + 1)), slice(window * j, window * (j + 1))
        u, v = np.unravel_index(np.argmax(x[c, rows, columns]), (window, window))
        g[c, window * i + u, window * j + v] = delta[c, i, j]
    return g


def average_pool_gradient(x: Maps, delta: Maps, window: int) -> Maps:
    """∂C/∂x of the means of windows side by side.

    Book: 6.5.
    """
    _, high, wide = _pooled(x, delta, window)
    g = np.zeros(x.shape)
    g[:, : high * window, : wide * window] = np.kron(delta, np.full((1, window, window), window**-2.0))
    return g


def _pooled(x: Maps, delta: Maps, window: int) -> tuple[int, int, int]:
    shape = (x.shape[0], x.shape[1] // window, x.shape[2] // window)
    if delta.shape != shape:
        raise Mistake(f"δ of shape {shape}", delta.shape)
    return shape
