"""Entrywise functions beyond the elementary ones: roots and rounding, parts of complex numbers, division of whole numbers,
the incomplete gamma and beta functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradiens.equations.tree.drawing import function, with_parameter
from gradiens.equations.tree.expression import Expr, Kind, Shape
from gradiens.equations.tree.operations import ShapeRule, enter, real, together


def _scipy(name: str) -> Callable[..., Any]:
    """A function of `scipy.special`, or of its double in JAX."""

    def run(xp: Any, *args: Any) -> Any:
        if xp is np:
            import scipy.special as special
        else:
            import jax.scipy.special as special
        return getattr(special, name)(*args)

    return run


def _quotient(xp: Any, a: Any, b: Any) -> Any:
    """a / b cut towards 0, of whole numbers."""
    return xp.sign(a) * xp.sign(b) * (xp.abs(a) // xp.abs(b))


def _polygamma(xp: Any, n: Any, x: Any) -> Any:
    """The n-th derivative of the digamma function."""
    if xp is np:
        return _scipy("polygamma")(np, np.asarray(n).astype(int), x)
    import jax

    return jax.lax.polygamma(xp.broadcast_to(xp.asarray(n, x.dtype), x.shape), x)


def _joined(xp: Any, a: Any, b: Any) -> Any:
    if xp is np:
        return a + 1j * b
    import jax

    return jax.lax.complex(a, b)


def _real_part(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return args[0].shape, "real"


def _complex(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return together(args, params)[0], "complex"


def _enter(name: str, run: Callable[..., Any], shape: ShapeRule = real, says: str = "") -> None:
    enter(name, run, shape, function(says or name), entrywise=True)


_enter("cbrt", lambda xp, a: xp.cbrt(a))
_enter("round", lambda xp, a: xp.round(a), together)  # a half goes to the even neighbour
_enter("rem", lambda xp, a, b: xp.fmod(a, b), together)  # has the sign of a
_enter("mod", lambda xp, a, b: xp.mod(a, b), together)  # has the sign of b
_enter("quotient", _quotient, together)
_enter("floor_div", lambda xp, a, b: a // b, together)
for _name, _run in {
    "bit_and": "bitwise_and", "bit_or": "bitwise_or", "bit_xor": "bitwise_xor", "bit_not": "invert",
    "shift_left": "left_shift", "shift_right": "right_shift",
}.items():  # fmt: skip
    _enter(_name, lambda xp, *args, run=_run: getattr(xp, run)(*args), together)
_enter("Φ", _scipy("ndtr"))  # the distribution function of the normal distribution
enter(
    "Φ'", lambda xp, x: xp.exp(-x * x / 2) / (2 * np.pi) ** 0.5, real, with_parameter("Φ", "′"), entrywise=True,
)  # fmt: skip
_enter("Re", lambda xp, a: xp.real(a), _real_part)
_enter("Im", lambda xp, a: xp.imag(a), _real_part)
_enter("conj", lambda xp, a: xp.conj(a), together)
_enter("complex", _joined, _complex)
_enter("erf_inv", _scipy("erfinv"))
_enter("igamma", _scipy("gammainc"))
_enter("igammac", _scipy("gammaincc"))
_enter("betainc", _scipy("betainc"))
_enter("bessel_i0e", _scipy("i0e"))
_enter("bessel_i1e", _scipy("i1e"))
_enter("polygamma", _polygamma)
_enter("zeta", _scipy("zeta"))
