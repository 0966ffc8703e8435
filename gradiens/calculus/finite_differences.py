"""Finite differences: derivatives from values alone, with a step that balances two errors and an estimate of both.

    forward   (f(x + h d) - f(x)) / h                error  h |f″| / 2  +  2 u |f| / h     least at h ~ √u
    central   (f(x + h d) - f(x - h d)) / (2 h)      error  h² |f‴| / 6  +  u |f| / h      least at h ~ ∛u
    complex   Im f(x + i h d) / h                    error  h² |f‴| / 6                    any small h

u is the unit of rounding. Nothing is subtracted in the complex step, so h may be so small that no error of truncation is
left; it asks for a function that is analytic and takes complex numbers. Values are taken in double precision.

Book: A.2.  Source: Griewank & Walther (2008), chapter 1; Squire & Trapp (1998) for the complex step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake, known

ORDER = {"forward": 1, "central": 2, "complex": 2}
_STEP = {"forward": 1 / 2, "central": 1 / 3, "complex": 1.0}  # powers of u


class Estimate(NamedTuple):
    """A derivative, an estimate of its error (truncation and rounding), and the step."""

    value: Any
    error: Any
    step: float


def difference(f: Callable[[Any], Any], x: Any, d: Any, h: float, scheme: str = "central") -> Any:
    """The derivative of f at x along d by one formula with step h; x and d are arrays of one shape, f(x) any.

    Raises `Mistake` for an unknown scheme or a step that is not positive.

    Book: A.2.  Source: Griewank & Walther (2008), chapter 1; Squire & Trapp (1998).
    """
    known("scheme", scheme, ORDER)
    if not h > 0:
        raise Mistake("a step h > 0", h)
    x, d = np.asarray(x), np.asarray(d)
    if scheme == "forward":
        return (_at(f, x + h * d) - _at(f, x)) / h
    if scheme == "central":
        return (_at(f, x + h * d) - _at(f, x - h * d)) / (2 * h)
    return np.imag(_at(f, x + 1j * h * d)) / h


def _at(f: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    """f(x) in double precision, whatever the precision of the process."""
    with jax.enable_x64(True):
        return np.asarray(f(x))


def step_size(x: Any, d: Any, scheme: str = "central") -> float:
    """The step that balances truncation and rounding where f and its derivatives are of one size.

        h = uᵖ max(1, |x|) / |d|,   p = 1/2, 1/3, 1 for forward, central, complex

    Book: A.2.  Source: Nocedal & Wright (2006), section 8.1.
    """
    known("scheme", scheme, ORDER)
    x, d = np.asarray(x, float), np.asarray(d, float)
    length = float(np.linalg.norm(d))
    if not length > 0:
        raise Mistake("a direction that is not 0", d)
    where = float(np.max(np.abs(x[d != 0]))) if x.ndim else abs(float(x))
    return float(np.finfo(float).eps ** _STEP[scheme] * max(1.0, where) / length)


def estimate(f: Callable[[Any], Any], x: Any, d: Any, scheme: str = "central", h: float | None = None) -> Estimate:
    """The derivative of f at x along d, with an estimate of the error from a second step.

        error = |D(2h) - D(h)| + u (|f(x + h d)| + |f(x)|) / h

    The first term is 2ᵖ - 1 times the error of truncation, p the order of the scheme, and sees noise in f as well; the
    complex step has no second term.

    Book: A.2.  Source: Griewank & Walther (2008), chapter 1.
    """
    x, d = np.asarray(x, float), np.asarray(d, float)
    h = step_size(x, d, scheme) if h is None else h
    value = difference(f, x, d, h, scheme)
    truncation = np.abs(difference(f, x, d, 2 * h, scheme) - value)
    if scheme == "complex":
        return Estimate(value, truncation + np.finfo(float).eps * np.abs(value), h)
    size = np.abs(_at(f, x + h * d)) + np.abs(_at(f, x))
    return Estimate(value, truncation + np.finfo(float).eps * size / h, h)


def numerical_jacobian(
    f: Callable[[Any], Any], x: Float[np.ndarray, " d"], scheme: str = "central", h: float | None = None
) -> Float[np.ndarray, "m d"]:
    """The Jacobian of f at the vector x, a column for each unit vector; of a number, one row (the gradient).

    Book: A.3.  Source: Griewank & Walther (2008), chapter 1.
    """
    x = np.asarray(x, float)
    if x.ndim != 1:
        raise Mistake("a vector x", f"shape {x.shape}")
    columns = []
    for e in np.eye(len(x)):
        step = step_size(x, e, scheme) if h is None else h
        columns.append(np.ravel(difference(f, x, e, step, scheme)))
    return np.stack(columns, axis=1)
