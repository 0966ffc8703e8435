"""Operations on whole arrays that mathematics has no sign for: running sums, sorting, picking and putting, Fourier.

They are written as calls, `cumsum(x)`, `sort_{axis=1}(X)`, and read back as the same operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradiens.equations.tree.expression import Expr, Kind, Shape
from gradiens.equations.tree.operations import ShapeRule, enter
from gradiens.equations.tree.settings import call


def several(value: Any) -> tuple[int, ...]:
    """A setting for each axis: one number is meant for the one axis there is."""
    return tuple(value) if isinstance(value, tuple) else (value,)


def _same(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return args[0].shape, args[0].kind


def _of_kind(kind: Kind) -> ShapeRule:
    return lambda args, params: (args[0].shape, kind)


def _less_axis(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    shape, axis = args[0].shape, params.get("axis", 0)
    return shape[:axis] + shape[axis + 1 :], "integer"


def _running(name: str) -> Callable[..., Any]:
    """The running sum, product, maximum, minimum along an axis, from its end when `reverse`."""

    def run(xp: Any, x: Any, axis: int = 0, reverse: bool = False) -> Any:
        x = xp.flip(x, axis) if reverse else x
        if xp is np:
            found = getattr(np, name).accumulate(x, axis)
        else:
            import jax

            other = {"add": "cumsum", "multiply": "cumprod", "maximum": "cummax", "minimum": "cummin"}
            found = getattr(jax.lax, other.get(name, "cumlogsumexp"))(x, axis)
        return xp.flip(found, axis) if reverse else found

    return run


def _order(xp: Any, keys: Sequence[Any], axis: int) -> Any:
    """The places of the entries in rising order; equal ones stay in their order, the first key counts most."""
    return xp.lexsort(tuple(keys[::-1]), axis=axis)


def _sort_by(xp: Any, x: Any, *keys: Any, axis: int = 0) -> Any:
    return xp.take_along_axis(x, _order(xp, keys, axis), axis=axis)


def _largest(xp: Any, x: Any, size: int) -> Any:
    return -xp.sort(-x, axis=-1)[..., :size]


def _largest_at(xp: Any, x: Any, size: int) -> Any:
    return xp.argsort(-x, axis=-1, stable=True)[..., :size]


def _put(xp: Any, x: Any, new: Any, *at: Any) -> Any:
    """`x` with `new` written into it from the position on; the position is kept inside."""
    starts = [int(i) if xp is np else i for i in (xp.clip(i, 0, n - k) for i, n, k in zip(at, x.shape, new.shape))]
    if xp is not np:
        import jax

        return jax.lax.dynamic_update_slice(x, xp.asarray(new, x.dtype), starts)
    found = np.array(np.broadcast_to(x, x.shape), np.result_type(x, new))
    found[tuple(slice(start, start + k) for start, k in zip(starts, new.shape))] = new
    return found


def _part(xp: Any, x: Any, *at: Any, size: Any) -> Any:
    """The entries from the position on; the position is kept inside."""
    size = several(size)
    if xp is not np:
        import jax

        return jax.lax.dynamic_slice(x, list(at), size)
    starts = [int(np.clip(i, 0, n - k)) for i, n, k in zip(at, x.shape, size)]
    return x[tuple(slice(start, start + k) for start, k in zip(starts, size))]


def _margins(x: Any, before: Any = 0, after: Any = 0, gaps: Any = 0) -> list[tuple[int, ...]]:
    """The settings of `pad` for each axis."""
    return [value if isinstance(value, tuple) else (value,) * len(x.shape) for value in (before, after, gaps)]


def _margin(xp: Any, x: Any, fill: Any, **settings: Any) -> Any:
    """`x` with `before` and `after` as many entries `fill` around it and `gaps` between; a negative number cuts off."""
    before, after, gaps = _margins(x, **settings)
    if xp is not np:
        import jax

        return jax.lax.pad(x, xp.asarray(fill, x.dtype), tuple(zip(before, after, gaps)))
    for axis, gap in enumerate(gaps):
        wide = np.full(
            (*x.shape[:axis], max((x.shape[axis] - 1) * (gap + 1) + 1, 0), *x.shape[axis + 1 :]), fill, x.dtype
        )
        wide[(slice(None),) * axis + (slice(None, None, gap + 1),)] = x
        x = wide
    x = np.pad(x, [(max(a, 0), max(b, 0)) for a, b in zip(before, after)], constant_values=fill)
    return x[tuple(slice(max(-a, 0), n - max(-b, 0)) for a, b, n in zip(before, after, x.shape))]


def _margin_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    spans = zip(args[0].shape, *_margins(args[0], **params))
    return tuple(n + max(n - 1, 0) * gap + a + b for n, a, b, gap in spans), args[0].kind


def _fourier(name: str) -> Callable[..., Any]:
    """The discrete transform along the last axes, as many as `size` has; `size` is the length in time."""

    def run(xp: Any, x: Any, size: Any) -> Any:
        size = several(size)
        return getattr(xp.fft, f"{name}n")(x, s=size, axes=tuple(range(x.ndim - len(size), x.ndim)))

    return run


def _transformed(name: str) -> ShapeRule:
    def rule(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
        size = several(params["size"])
        last = size[-1] // 2 + 1 if name == "rfft" else size[-1]
        return (
            *args[0].shape[: len(args[0].shape) - len(size)],
            *size[:-1],
            last,
        ), "real" if name == "irfft" else "complex"

    return rule


def _enter(name: str, run: Callable[..., Any], shape: ShapeRule) -> None:
    enter(name, run, shape, call(name))


for _name, _function in {
    "cumsum": "add", "cumprod": "multiply", "cummax": "maximum", "cummin": "minimum", "cumlogsumexp": "logaddexp",
}.items():  # fmt: skip
    _enter(_name, _running(_function), _same)
_enter("reverse", lambda xp, x, axes=0: xp.flip(x, axes), _same)
_enter("sort", lambda xp, x, axis=0: xp.sort(x, axis=axis), _same)
_enter("argsort", lambda xp, *keys, axis=0: _order(xp, keys, axis), _of_kind("integer"))
_enter("sort_by", _sort_by, _same)
_enter("argmax", lambda xp, x, axis=0: xp.argmax(x, axis), _less_axis)
_enter("argmin", lambda xp, x, axis=0: xp.argmin(x, axis), _less_axis)
_enter("largest", _largest, lambda args, p: ((*args[0].shape[:-1], p["size"]), args[0].kind))
_enter("largest_at", _largest_at, lambda args, p: ((*args[0].shape[:-1], p["size"]), "integer"))
_enter("put", _put, _same)
_enter("part", _part, lambda args, p: (several(p["size"]), args[0].kind))
_enter("pad", _margin, _margin_shape)
for _name in ("fft", "ifft", "rfft", "irfft"):
    _enter(_name, _fourier(_name), _transformed(_name))
