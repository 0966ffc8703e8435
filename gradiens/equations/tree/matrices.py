"""Functions of matrices: triangles, solutions and inverses, trace and determinant, decompositions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradiens.equations.boxes.notation import (
    SPACE,
    Digits,
    Fence,
    Letter,
    Script,
    Sign,
    Word,
    named,
    paren,
    raised,
    row,
)
from gradiens.equations.tree.expression import Apply, Expr, Kind, Shape
from gradiens.equations.tree.layout import ATOM, FUNCTION, PRODUCT, Drawn, Layout
from gradiens.equations.tree.operations import ShapeRule, enter, widest
from gradiens.equations.tree.settings import call

_MINUS_ONE = row(Sign("-", tight=True), Digits("1"))


def _same(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return args[0].shape, args[0].kind


def _tri(name: str) -> Callable[..., Any]:
    return lambda xp, A: getattr(xp, name)(A)


def _cholesky(xp: Any, A: Any) -> Any:
    """The lower triangle L with L Lᵀ = (A + Aᵀ) / 2, NaN where that is not positive definite."""
    A = (A + A.T) / 2
    try:
        return xp.linalg.cholesky(A)
    except np.linalg.LinAlgError:
        return np.where(np.tri(len(A)), np.nan, 0.0)


def _through_jax(function: Callable[..., Any]) -> Callable[..., Any]:
    """Computed by JAX on the host too, whose choice of signs and order is then the program's."""

    def run(xp: Any, *args: Any, **params: Any) -> Any:
        if xp is not np:
            return function(*args, **params)
        import jax

        with jax.enable_x64(True):
            return np.asarray(function(*(jax.numpy.asarray(arg) for arg in args), **params))

    return run


def _eigen(which: int) -> Callable[..., Any]:
    def find(A: Any) -> Any:
        import jax

        return jax.numpy.linalg.eigh(A)[which]

    return find


def _singular(A: Any) -> Any:
    import jax

    return jax.numpy.linalg.svd(A, compute_uv=False)


def _singular_vectors(which: int) -> Callable[..., Any]:
    """U or Vᵀ of A = U diag(s) Vᵀ."""

    def find(A: Any, full: bool = False) -> Any:
        import jax

        return jax.numpy.linalg.svd(A, full_matrices=full)[which]

    return find


def _singular_shape(which: int) -> ShapeRule:
    def rule(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
        n = args[0].shape[which] if params.get("full") else min(args[0].shape)
        return ((args[0].shape[0], n) if which == 0 else (n, args[0].shape[1])), "real"

    return rule


def _orthogonal(which: int) -> Callable[..., Any]:
    """Q or R of A = Q R."""

    def find(A: Any, full: bool = False) -> Any:
        import jax

        return jax.numpy.linalg.qr(A, mode="complete" if full else "reduced")[which]

    return find


def _orthogonal_shape(which: int) -> ShapeRule:
    def rule(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
        n = args[0].shape[0] if params.get("full") else min(args[0].shape)
        return ((args[0].shape[0], n) if which == 0 else (n, args[0].shape[1])), "real"

    return rule


def _solve(xp: Any, A: Any, b: Any) -> Any:
    return xp.linalg.solve(A, b)


def _solved(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    A, b = args
    if len(A.shape) != 2 or A.shape[0] != A.shape[1] or b.shape[:1] != A.shape[:1] or len(b.shape) > 2:
        raise ValueError(f"a system of shapes {A.shape} and {b.shape}")
    return b.shape, widest(args)


def _draw_solve(layout: Layout, expr: Apply, index: tuple[str, ...]) -> Drawn:
    """A⁻¹ b."""
    A, b = expr.operands
    return row(raised(layout.box(A, ATOM), _MINUS_ONE), SPACE, layout.box(b, FUNCTION)), PRODUCT


def _draw_inverse(layout: Layout, expr: Apply, index: tuple[str, ...]) -> Drawn:
    return raised(layout.box(expr.args[0], ATOM), _MINUS_ONE), ATOM


def _draw_identity(layout: Layout, expr: Apply, index: tuple[str, ...]) -> Drawn:
    """I, under indices 𝟏[i = j]; `diag(𝟏₃)` where its place does not tell its size."""
    if index:
        return row(Letter("𝟏"), Fence("[", row(named(index[0]), Sign("="), named(index[1])), "]")), ATOM
    if layout.given and "I" not in layout.names:
        return Letter("I"), ATOM
    return row(Word("diag"), paren(Script(Letter("𝟏"), layout.size(expr.shape[0])))), ATOM


def _draw_trace(layout: Layout, expr: Apply, index: tuple[str, ...]) -> Drawn:
    return row(Word("tr"), paren(layout.box(expr.args[0]))), ATOM


def _enter(name: str, run: Callable[..., Any], shape: ShapeRule) -> None:
    enter(name, run, shape, call(name))


_enter("lower", _tri("tril"), _same)
_enter("upper", _tri("triu"), _same)
_enter("cholesky", _cholesky, _same)
enter("solve", _solve, _solved, _draw_solve)
enter("inverse", lambda xp, A: xp.linalg.inv(A), _same, _draw_inverse)
enter(
    "identity", lambda xp, size: xp.eye(size), lambda args, p: ((p["size"],) * 2, "real"), _draw_identity, indexed=True
)
enter("trace", lambda xp, A: xp.trace(A), lambda args, p: ((), args[0].kind), _draw_trace)
_enter("det", lambda xp, A: xp.linalg.det(A), lambda args, p: ((), args[0].kind))
_enter("singular_values", _through_jax(_singular), lambda args, p: ((min(args[0].shape),), "real"))
for _place, _name in enumerate(("svd_left", "svd_right")):
    _enter(_name, _through_jax(_singular_vectors(2 * _place)), _singular_shape(_place))
for _place, _name in enumerate(("qr_q", "qr_r")):
    _enter(_name, _through_jax(_orthogonal(_place)), _orthogonal_shape(_place))
_enter("eigenvalues", _through_jax(_eigen(0)), lambda args, p: (args[0].shape[:-1], "real"))
_enter("eigenvectors", _through_jax(_eigen(1)), _same)
