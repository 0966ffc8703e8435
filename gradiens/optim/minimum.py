"""What a minimisation ended with: the parameters, why it stopped, and a certificate of what was found.

    ∇C(θ*) = 0,  ∇²C(θ*) positive definite:  θ* is a strict local minimum

A search that stops has found a point where it can do no more. Whether that is a minimum is asked apart, of the gradient and of
the eigenvalues of the Hessian there.

Book: 4.1.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradiens.optim.cost import Cost, Point

DENSE = 500  # parameters up to which the whole Hessian is formed; above it Lanczos finds the ends of its spectrum
SPARSE = 200_000  # parameters up to which that is tried


@dataclasses.dataclass(frozen=True)
class Certificate:
    """max |gᵢ|, ‖g‖, the lowest and highest eigenvalue of the Hessian (NaN: not computed), and what they mean.

    `definite` is "positive", "semi" (an eigenvalue is 0 within rounding: the minimum need not be strict), "indefinite" (a
    saddle), "negative" (a maximum), "flat" (the cost falls where the Hessian says nothing: a saddle of higher order), or
    "unknown". `down` is a direction along which the cost falls from what is no minimum. `promised` is ½ gᵀH⁻¹g, by how much
    the quadratic model would still lower C (NaN where H is not positive definite or was not formed).
    """

    gradient: float
    gradient_norm: float
    lowest: float = float("nan")
    highest: float = float("nan")
    definite: str = "unknown"
    down: Any = None
    promised: float = float("nan")

    def __str__(self) -> str:
        words = {
            "positive": "positive definite: a strict local minimum",
            "semi": "singular within rounding: the minimum need not be the only one near it",
            "indefinite": "indefinite: a saddle",
            "negative": "negative definite: a maximum",
            "flat": "says nothing, and the cost falls to one side: a saddle of higher order",
            "unknown": "not examined",
        }
        span = f" (eigenvalues {self.lowest:.3g} … {self.highest:.3g})" if self.definite != "unknown" else ""
        return f"max |g| = {self.gradient:.2e}, ‖g‖ = {self.gradient_norm:.2e}; Hessian {words[self.definite]}{span}"


@dataclasses.dataclass(frozen=True)
class Minimum:
    """The result of `minimize`.

    `theta` is shaped like the start; `value` is C there (with the penalty, for a method that has one). `reason` is "gradient"
    (small enough, at what is no saddle: the one success), "saddle", "maximum", "far", "precision", "kink", "unbounded",
    "stuck", "steps", "nan" or "interrupted", and `message` says it with advice. `counts` is how often the cost was asked;
    `trace` holds value, residual, length, alpha, trouble (and theta, if asked for) after the steps in `at`.
    """

    theta: Any
    value: float
    success: bool
    reason: str
    message: str
    method: str
    steps: int
    counts: dict[str, int]
    certificate: Certificate
    trace: Any
    at: np.ndarray
    seconds: dict[str, float]
    precision: str

    x = property(lambda self: self.theta, doc="θ, by SciPy's name.")
    fun = property(lambda self: self.value, doc="C(θ), by SciPy's name.")
    nit = property(lambda self: self.steps, doc="Steps, by SciPy's name.")
    nfev = property(lambda self: self.counts["values"], doc="Evaluations of C, by SciPy's name.")
    njev = property(lambda self: self.counts["gradients"], doc="Evaluations of ∇C, by SciPy's name.")

    def as_dict(self) -> dict[str, Any]:
        """As JSON, without the trace."""
        own = {
            f.name: getattr(self, f.name)
            for f in dataclasses.fields(self)
            if f.name not in ("trace", "at", "certificate")
        }
        told = dataclasses.asdict(self.certificate) | {"says": str(self.certificate)}
        plain = lambda tree: jax.tree.map(lambda leaf: np.asarray(leaf).tolist(), tree)  # noqa: E731
        return {**own, "theta": plain(self.theta), "certificate": {**told, "down": plain(self.certificate.down)}}

    def __str__(self) -> str:
        asked = ", ".join(f"{n} {name}" for name, n in self.counts.items() if n)
        spent = f"{self.seconds['run']:.3g} s, and {self.seconds['compile']:.3g} s to compile"
        lines = [
            f"{'✓' if self.success else '✗'} {self.message}",
            f"  C = {self.value:.9g} after {self.steps} steps of {self.method} ({asked}); {spent}; {self.precision}",
            f"  {self.certificate}",
        ]
        return "\n".join(lines)


def certify(cost: Cost, point: Point, hessian: bool = True) -> Certificate:
    """The certificate of a point; without `hessian` of its gradient alone."""
    g = np.asarray(point.g, np.float64)
    most = float(np.max(np.abs(g)))
    first = Certificate(most, most * float(np.linalg.norm(g / most)) if np.isfinite(most) and most else most)
    if not hessian or not np.isfinite(g).all():
        return first
    ends = _dense(cost, point) if g.size <= DENSE else _lanczos(cost, point)
    if ends is None or not np.isfinite(ends[:2]).all():
        return first
    low, high, down, promised = ends
    eps = float(jnp.finfo(point.theta.dtype).eps)
    zero = max(abs(low), abs(high)) * eps * max(10, min(g.size, DENSE))
    if low > zero:
        kind = "positive"
    elif low >= -zero:
        kind = "semi"
    else:
        kind = "negative" if high < -zero else "indefinite"
    down = jnp.asarray(down, point.theta.dtype)
    if kind in ("positive", "semi") and (side := _falls(cost, point, down)):
        kind, down = "flat", side * down
    told = None if kind in ("positive", "semi") else cost.layout.unravel(down)
    promised = promised if kind == "positive" else float("nan")
    return Certificate(first.gradient, first.gradient_norm, float(low), float(high), kind, told, float(promised))


def _falls(cost: Cost, point: Point, v: Any) -> int:
    """The side (1 or -1) on which the cost falls along v by more than its slope and its rounding explain; 0: on none."""
    eps = float(jnp.finfo(v.dtype).eps)
    h = eps**0.25 * max(1.0, float(jnp.max(jnp.abs(point.theta))))
    value, slope = float(point.value), abs(float(point.g @ v))
    for side in (1, -1):
        after = float(_value(cost, point.theta + side * h * v))
        if after < value - 2 * slope * h - 10 * eps * abs(value) - float(jnp.finfo(v.dtype).tiny):
            return side
    return 0


def _dense(cost: Cost, point: Point) -> tuple[Any, Any, Any, float]:
    values, vectors = np.linalg.eigh(np.asarray(_hessian(cost, point.theta), np.float64))
    along = vectors.T @ np.asarray(point.g, np.float64)
    promised = float(np.sum(along**2 / values) / 2) if values[0] > 0 else float("nan")
    return values[0], values[-1], vectors[:, 0], promised


def _lanczos(cost: Cost, point: Point) -> tuple[Any, Any, Any, float] | None:
    """The ends of the spectrum from products; None where they do not settle."""
    from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

    size = point.theta.size
    if size > SPARSE:
        return None

    class Hessian(LinearOperator):
        def __init__(self) -> None:
            super().__init__(np.dtype(np.float64), (size, size))

        def _matvec(self, x: Any) -> Any:
            v = jnp.asarray(x.ravel(), point.theta.dtype)
            return np.asarray(_product(cost, point.theta, v), np.float64)

    start = np.random.default_rng(0).normal(size=size)
    try:
        low, vectors = eigsh(Hessian(), 1, which="SA", v0=start, tol=1e-4, maxiter=300)  # pyright: ignore[reportArgumentType]
        high = eigsh(Hessian(), 1, which="LA", v0=start, tol=1e-4, maxiter=300, return_eigenvectors=False)  # pyright: ignore
    except ArpackError:
        return None
    return low[0], high[0], vectors[:, 0], float("nan")


@jax.jit
def _hessian(cost: Cost, theta: Any) -> Any:
    return cost.hessian(theta)


@jax.jit
def _product(cost: Cost, theta: Any, v: Any) -> Any:
    return cost.product(theta, v)


@jax.jit
def _value(cost: Cost, theta: Any) -> Any:
    return cost(theta)
