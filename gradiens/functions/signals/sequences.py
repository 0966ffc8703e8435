"""Discrete convolution of sequences, and of images: finitely many numbers, zero elsewhere.

    (a * b)_t = Σ_τ a_τ b_{t-τ}                convolution, t = 0 … m + n - 2
    (w ⋆ x)_t = Σ_τ w_τ x_{t+τ}                cross-correlation, t = -(m-1) … n - 1: what networks call convolution
    (a ⊛ b)_t = Σ_τ a_τ b_{(t-τ) mod n}        circular convolution, t = 0 … n - 1

With two axes t and τ are pairs, and so on. a * b is commutative, associative, bilinear; its unit is δ = (1, 0, 0, …).
The coefficients of a product of polynomials, and the law of a sum of independent numbers, are convolutions.

Book: 6.2.  Source: Oppenheim & Schafer (2010), chapters 2 and 8.
"""

from __future__ import annotations

import functools

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake, known

PARTS = ("full", "same", "valid")


def discrete_convolution(
    a: Float[np.ndarray, "*m"], b: Float[np.ndarray, "*n"], part: str = "full"
) -> Float[np.ndarray, "*t"]:
    """a * b, by the definition: a copy of b is added at each τ, times a_τ.

    `part`: "full", m + n - 1 numbers along each axis; "same", the middle n of them; "valid", the n - m + 1 to which all of
    a contributes. Raises `Mistake` for arrays with no numbers or of different rank, or where "valid" leaves nothing.

    Book: 6.2.  Source: Oppenheim & Schafer (2010), chapter 2.
    """
    a, b = _pair(a, b)
    found = np.zeros([m + n - 1 for m, n in zip(a.shape, b.shape)])
    for τ in np.ndindex(*a.shape):
        found[tuple(slice(t, t + n) for t, n in zip(τ, b.shape))] += a[τ] * b
    return _part(found, a.shape, b.shape, part)


def cross_correlation(
    w: Float[np.ndarray, "*m"], x: Float[np.ndarray, "*n"], part: str = "full"
) -> Float[np.ndarray, "*t"]:
    """w ⋆ x, by the definition: entry t is the scalar product of w with the window of x that begins at t.

    `part` as for the convolution. Raises `Mistake` as there.

    Book: 6.2.  Source: Oppenheim & Schafer (2010), chapter 2.
    """
    w, x = _pair(w, x)
    around = np.pad(x, [(m - 1, m - 1) for m in w.shape])
    windows = np.lib.stride_tricks.sliding_window_view(around, w.shape)
    found = np.tensordot(windows, w, w.ndim)
    return _part(found, w.shape, x.shape, part)


def circular_convolution(a: Float[np.ndarray, "*n"], b: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
    """a ⊛ b of two periods of one length: a copy of b, turned by τ, is added for each τ, times a_τ.

    Raises `Mistake` for arrays of different shape.

    Book: 6.2.  Source: Oppenheim & Schafer (2010), chapter 8.
    """
    a, b = _pair(a, b)
    if a.shape != b.shape:
        raise Mistake("two periods of one length", f"shapes {a.shape} and {b.shape}", "fill the shorter up with zeros")
    axes = tuple(range(a.ndim))
    return np.sum([a[τ] * np.roll(b, τ, axes) for τ in np.ndindex(*a.shape)], axis=0)


def fft_convolution(a: Float[np.ndarray, "*m"], b: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*t"]:
    """a * b = F⁻¹(F a ⊙ F b), F the discrete Fourier transform of length m + n - 1: n log n steps instead of m n.

    Book: 6.2.  Source: Cooley & Tukey (1965); Oppenheim & Schafer (2010), chapter 8.
    """
    a, b = _pair(a, b)
    size = [m + n - 1 for m, n in zip(a.shape, b.shape)]
    axes = tuple(range(a.ndim))
    return np.fft.irfftn(np.fft.rfftn(a, size, axes) * np.fft.rfftn(b, size, axes), size, axes)


def law_of_sum(p: Float[np.ndarray, " m"], count: int) -> Float[np.ndarray, " t"]:
    """The probabilities of X₁ + … + X_count for independent X of law p on 0, 1, …, m - 1: p * p * … * p.

    Raises `Mistake` where p is no law, or for less than one summand.

    Book: 6.2.
    """
    p = np.asarray(p, np.float64)
    if p.ndim != 1 or not p.size or p.min() < 0 or abs(p.sum() - 1) > 1e-9:
        raise Mistake("probabilities that sum to 1", np.array2string(p, threshold=5))
    if count < 1:
        raise Mistake("one summand or more", count)
    return functools.reduce(discrete_convolution, [p] * count)


def _pair(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.ndim != b.ndim or not a.ndim or not a.size or not b.size:
        raise Mistake("two arrays of one rank that hold numbers", f"shapes {a.shape} and {b.shape}")
    return a, b


def _part(full: np.ndarray, m: tuple[int, ...], n: tuple[int, ...], part: str) -> np.ndarray:
    known("part", part, PARTS)
    if part == "full":
        return full
    if part == "valid" and any(one > other for one, other in zip(m, n)):
        raise Mistake(f"a kernel that fits into shape {n}", f"shape {m}", 'part="same" keeps the size')
    begin = [k - 1 if part == "valid" else (k - 1) // 2 for k in m]
    size = [other - k + 1 if part == "valid" else other for k, other in zip(m, n)]
    return full[tuple(slice(first, first + length) for first, length in zip(begin, size))]
