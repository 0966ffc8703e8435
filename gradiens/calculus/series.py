"""Truncated power series: the coefficients of φ(u) from those of u, by one recurrence for each elementary function.

    u(t) = u₀ + u₁ t + … + uₖ tᵏ

Each recurrence compares coefficients in a differential equation that φ solves: from z′ = u′ z for eᵘ, for instance,
j zⱼ = Σᵢ i uᵢ zⱼ₋ᵢ. Coefficients lie along the first axis of an array.

Book: A.4.  Source: Griewank & Walther (2008), table 13.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def aligned(*series: np.ndarray) -> list[np.ndarray]:
    """With as many axes each that entries, not coefficients, are broadcast."""
    axes = max(c.ndim for c in series)
    return [c.reshape(len(c), *(1,) * (axes - c.ndim), *c.shape[1:]) for c in series]


def times(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """zⱼ = Σᵢ uᵢ vⱼ₋ᵢ."""
    u, v = aligned(u, v)
    return np.stack([sum(u[i] * v[j - i] for i in range(j + 1)) for j in range(len(u))])


def inverse(u: np.ndarray) -> np.ndarray:
    """zⱼ = -Σᵢ uᵢ zⱼ₋ᵢ / u₀ over i ≥ 1, from u z = 1."""
    z: list[Any] = [np.reciprocal(u[0])]
    for j in range(1, len(u)):
        z.append(-sum(u[i] * z[j - i] for i in range(1, j + 1)) / u[0])
    return np.stack(z)


def exp_(u: np.ndarray) -> np.ndarray:
    """j zⱼ = Σᵢ i uᵢ zⱼ₋ᵢ, from z′ = u′ z."""
    return solved(np.exp(u[0]), u, lambda z, m: z[m])


def log_(u: np.ndarray) -> np.ndarray:
    """j zⱼ u₀ = j uⱼ - Σᵢ i zᵢ uⱼ₋ᵢ, from u z′ = u′."""
    z: list[Any] = [np.log(u[0])]
    for j in range(1, len(u)):
        z.append((u[j] - sum(i * z[i] * u[j - i] for i in range(1, j)) / j) / u[0])
    return np.stack(z)


def sin_cos(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """j sⱼ = Σᵢ i uᵢ cⱼ₋ᵢ and j cⱼ = -Σᵢ i uᵢ sⱼ₋ᵢ, from s′ = u′ c, c′ = -u′ s."""
    s: list[Any] = [np.sin(u[0])]
    c: list[Any] = [np.cos(u[0])]
    for j in range(1, len(u)):
        s_j = sum(i * u[i] * c[j - i] for i in range(1, j + 1)) / j
        c.append(-sum(i * u[i] * s[j - i] for i in range(1, j + 1)) / j)
        s.append(s_j)
    return np.stack(s), np.stack(c)


def tanh_(u: np.ndarray) -> np.ndarray:
    """j zⱼ = Σᵢ i uᵢ wⱼ₋ᵢ with w = 1 - z², from z′ = u′ (1 - z²)."""
    return solved(np.tanh(u[0]), u, lambda z, m: (m == 0) - sum(z[i] * z[m - i] for i in range(m + 1)))


def powered(u: np.ndarray, p: float) -> np.ndarray:
    """j u₀ zⱼ = Σᵢ (p i - (j - i)) uᵢ zⱼ₋ᵢ, from u z′ = p u′ z."""
    z: list[Any] = [u[0] ** p]
    for j in range(1, len(u)):
        z.append(sum((p * i - (j - i)) * u[i] * z[j - i] for i in range(1, j + 1)) / (j * u[0]))
    return np.stack(z)


def solved(start: np.ndarray, u: np.ndarray, w: Callable[[list[Any], int], Any]) -> np.ndarray:
    """The series of z from z′ = u′ w, where w's coefficient m is known from z₀ … zₘ."""
    z: list[Any] = [start]
    for j in range(1, len(u)):
        z.append(sum(i * u[i] * w(z, j - i) for i in range(1, j + 1)) / j)
    return np.stack(z)


RECURRENCES: dict[np.ufunc, Callable[..., np.ndarray]] = {
    np.add: lambda u, v: np.add(*aligned(u, v)),
    np.subtract: lambda u, v: np.subtract(*aligned(u, v)),
    np.negative: lambda u: -u,
    np.multiply: times,
    np.square: lambda u: times(u, u),
    np.reciprocal: inverse,
    np.sqrt: lambda u: powered(u, 0.5),
    np.exp: exp_,
    np.log: log_,
    np.sin: lambda u: sin_cos(u)[0],
    np.cos: lambda u: sin_cos(u)[1],
    np.tanh: tanh_,
}
