"""Convolution by the Fourier transform F: products in the place of sums over the window.

    z_o = F⁻¹ Σ_c conj(F w_oc) ⊙ F x_c

at the places where the whole window fits, every s-th of them; a dilated kernel is one with d - 1 zeros between its entries.
What it costs does not depend on the size of the window: it is the way for large ones.

Book: 6.4.  Source: Mathieu, Henaff & LeCun (2014).
"""

from __future__ import annotations

import numpy as np

from gradiens.functions.convolving.setting import Kernels, Maps, Setting


def convolve_by_fourier(
    W: Kernels, x: Maps, stride: int = 1, padding: int = 0, dilation: int = 1, groups: int = 1
) -> Maps:
    """W ⋆ x. Raises `Mistake` where kernels and maps do not go together, or the window does not fit.

    Book: 6.4.  Source: Mathieu, Henaff & LeCun (2014).
    """
    setting = Setting(stride, padding, dilation, groups)

    def one(W: Kernels, x: Maps) -> Maps:
        high, wide = setting.places(x.shape[1:], W.shape[2:])
        w, x = spread(W, dilation), setting.padded(x)
        size = x.shape[1:]
        products = np.conj(np.fft.rfft2(w, size)) * np.fft.rfft2(x)
        z = np.fft.irfft2(np.sum(products, axis=1), size)
        return z[:, ::stride, ::stride][:, :high, :wide]

    return setting.by_groups(one, W, x)


def spread(W: Kernels, dilation: int) -> Kernels:
    """The kernels with d - 1 zeros between their entries."""
    k, l = ((n - 1) * dilation + 1 for n in W.shape[2:])  # noqa: E741
    wide = np.zeros((*W.shape[:2], k, l))
    wide[:, :, ::dilation, ::dilation] = W
    return wide
