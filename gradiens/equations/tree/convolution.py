"""Convolution and pooling. Channels come first: x ∈ ℝ^{c×h×w}, W ∈ ℝ^{o×c×k×k}, and (W ⋆ x)_o = Σ_c W_oc ⋆ x_c with

    (w ⋆ x)_ij = Σ_pq w_pq x_{i+p, j+q}            (cross-correlation: the kernel is not turned)

An axis of examples may come before the channels. A kernel w ∈ ℝ^{k×k} on an image x ∈ ℝ^{h×w}, or a filter on a signal,
has no channels. Settings: `stride`, `pad` (zeros around x), `dilation` (gaps in W), `upsample` (gaps in x), `groups`.
Back-propagation needs two more: `turned(W)`, the kernel turned by 180° with its channels exchanged, and `conv_pairs(δ, x)`,
whose entry o, c is Σ_n δ_no ⋆ x_nc, in `groups` c over the channels of o's group alone.

Source: Dumoulin & Visin 2016, A guide to convolution arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradiens.equations.tree.expression import Apply, Expr, Kind, Shape
from gradiens.equations.tree.layout import FUNCTION, HADAMARD, Drawn, Layout
from gradiens.equations.tree.operations import apply, enter, widest
from gradiens.equations.tree.settings import call, operator

Pads = tuple[tuple[int, int], ...]


def conv(
    W: Expr, x: Expr, stride: Any = 1, pad: Any = 0, dilation: Any = 1, upsample: Any = 1, groups: int = 1
) -> Apply:
    """`W ⋆ x`. A setting is one number, or one for each axis; `pad` may be a pair (before, after) for each axis."""
    n = _spatial(W.shape, x.shape)
    return apply(
        "conv", W, x, stride=_each(stride, n), pad=pads(pad, n), dilation=_each(dilation, n), upsample=_each(upsample, n),
        groups=groups,
    )  # fmt: skip


def pool(op: str, *args: Expr, size: Any, stride: Any = None, pad: Any = 0) -> Apply:
    """`maxpool`, `minpool`, `sumpool`, `avgpool` of windows along the last axes; `stride` is the size unless it is given.
    One number for `size` means all axes but the first (the one axis of a vector).
    """
    return apply(op, *args, **_window_settings(args[0].shape, size, stride, pad))


def _window_settings(shape: Shape, size: Any, stride: Any = None, pad: Any = 0) -> dict[str, Any]:
    n = len(size) if isinstance(size, tuple) else max(len(shape) - 1, 1)
    stride = size if stride is None else stride
    return {"size": _each(size, n), "stride": _each(stride, n), "pad": pads(pad, n)}


def _spatial(W: Shape, x: Shape) -> int:
    """How many axes are places: all of a bare kernel, else those after the channels."""
    plain = len(W) == len(x) <= 2
    if not plain and (len(W) < 3 or len(W) - len(x) not in (0, 1)):
        raise ValueError(f"a convolution of shapes {W} and {x}")
    return len(W) if plain else len(W) - 2


def _each(value: Any, count: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,) * count


def pads(value: Any, count: int) -> Pads:
    """The margin (before, after) of each axis; of one axis a pair may stand alone."""
    if count == 1 and isinstance(value, tuple) and len(value) == 2:
        value = (value,)
    return tuple(item if isinstance(item, tuple) else (item, item) for item in _each(value, count))


def _short(values: tuple[Any, ...]) -> Any:
    """One number where all are alike."""
    values = tuple(value[0] if isinstance(value, tuple) and value[0] == value[1] else value for value in values)
    return values[0] if len(set(values)) == 1 and not isinstance(values[0], tuple) else values


def _settings(expr: Apply) -> dict[str, Any]:
    usual = {"stride": 1, "pad": 0, "dilation": 1, "upsample": 1, "groups": 1}
    found = {name: expr.param(name, value) for name, value in usual.items()}
    short = {name: _short(value) if isinstance(value, tuple) else value for name, value in found.items()}
    return {name: value for name, value in short.items() if value != usual[name]}


def length(n: int, k: int, stride: int, pad: tuple[int, int], dilation: int = 1, upsample: int = 1) -> int:
    """How many places the window has along one axis."""
    whole = max((n - 1) * upsample + 1, 0) + sum(pad)
    return max((whole - (k - 1) * dilation - 1) // stride + 1, 0)


def _places(lengths: Shape, windows: Shape, params: dict[str, Any]) -> Shape:
    """How many places the window has along each axis."""
    settings = [params.get(name, (1,) * len(lengths)) for name in ("stride", "pad", "dilation", "upsample")]
    return tuple(length(n, k, *each) for n, k, *each in zip(lengths, windows, *settings))


def _conv_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    W, x = args
    n, groups = _spatial(W.shape, x.shape), params["groups"]
    plain = len(W.shape) == n
    if not plain and x.shape[-n - 1] != W.shape[1] * groups:
        raise ValueError(f"a convolution of shapes {W.shape} and {x.shape}: {x.shape[-n - 1]} channels")
    places = _places(x.shape[len(x.shape) - n :], W.shape[len(W.shape) - n :], params)
    return (places if plain else (*x.shape[: -n - 1], W.shape[0], *places)), widest(args)


def _conv(xp: Any, W: Any, x: Any, stride: Shape, pad: Pads, dilation: Shape, upsample: Shape, groups: int) -> Any:
    n = _spatial(W.shape, x.shape)
    plain, batched = len(W.shape) == n, len(x.shape) == n + 2
    kernel = W[None, None] if plain else W
    images = x[None, None] if plain else x if batched else x[None]
    if xp is np:
        found = _correlate(kernel, images, stride, pad, dilation, upsample, groups)
    else:
        import jax

        dtype = jax.numpy.result_type(images, kernel)
        images, kernel = jax.numpy.asarray(images, dtype), jax.numpy.asarray(kernel, dtype)
        found = jax.lax.conv_general_dilated(
            images, kernel, stride, pad, upsample, dilation, feature_group_count=groups
        )
    return found[0, 0] if plain else found if batched else found[0]


def _correlate(W: Any, x: Any, stride: Shape, pad: Pads, dilation: Shape, upsample: Shape, groups: int) -> Any:
    n = len(stride)
    windows = _windows(_padded(x, pad, upsample), W.shape[2:], stride, dilation)  # n×c×places×window
    per = W.shape[0] // groups
    parts = []
    for group in range(groups):
        kernel = W[group * per : (group + 1) * per]
        own = windows[:, group * W.shape[1] : (group + 1) * W.shape[1]]
        axes = ([1, *range(n + 2, 2 * n + 2)], [1, *range(2, n + 2)])
        parts.append(np.moveaxis(np.tensordot(own, kernel, axes), -1, 1))
    return np.concatenate(parts, 1)


def _padded(x: Any, pad: Pads, upsample: Shape = (), fill: float = 0.0) -> Any:
    """`x` with gaps between its entries and a margin, which is cut off where it is negative."""
    n = len(pad)
    for axis, gap in enumerate(upsample, start=x.ndim - n):
        wide = np.zeros((*x.shape[:axis], max((x.shape[axis] - 1) * gap + 1, 0), *x.shape[axis + 1 :]), x.dtype)
        wide[(slice(None),) * axis + (slice(None, None, gap),)] = x
        x = wide
    x = np.pad(x, [(0, 0)] * (x.ndim - n) + [(max(a, 0), max(b, 0)) for a, b in pad], constant_values=fill)
    cut = [slice(max(-a, 0), size - max(-b, 0)) for (a, b), size in zip(pad, x.shape[x.ndim - n :])]
    return x[(..., *cut)]


def _windows(x: Any, size: Shape, stride: Shape, dilation: Shape | None = None) -> Any:
    """All windows of `x` along its last axes, the axes within a window last."""
    n = len(size)
    dilation = dilation or (1,) * n
    reach = tuple((k - 1) * gap + 1 for k, gap in zip(size, dilation))
    if any(k > length for k, length in zip(reach, x.shape[x.ndim - n :])):
        places = tuple(length(*each, (0, 0)) for each in zip(x.shape[x.ndim - n :], reach, stride))
        return np.zeros((*x.shape[: x.ndim - n], *places, *size), x.dtype)
    found = np.lib.stride_tricks.sliding_window_view(x, reach, tuple(range(x.ndim - n, x.ndim)))
    return found[(..., *(slice(None, None, s) for s in stride), *(slice(None, None, gap) for gap in dilation))]


def _draw_conv(layout: Layout, expr: Apply, index: tuple[str, ...]) -> Drawn:
    W, x = expr.operands
    return operator("⋆", W, x, _settings(expr), layout, FUNCTION), HADAMARD


def _pool_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    n, shape = len(params["size"]), args[0].shape
    return (*shape[: len(shape) - n], *_places(shape[len(shape) - n :], params["size"], params)), args[0].kind


_STARTS = {"max": -np.inf, "min": np.inf, "sum": 0.0}


def _pooled(reduce: str, mean: bool = False) -> Any:
    def run(xp: Any, x: Any, size: Shape, stride: Shape, pad: Pads) -> Any:
        start = _STARTS[reduce]
        count = int(np.prod(size)) if mean else 1
        if xp is np:
            own = _windows(_padded(np.asarray(x, np.result_type(x, np.float16)), pad, fill=start), size, stride)
            return getattr(np, reduce)(own, axis=tuple(range(own.ndim - len(size), own.ndim))) / count
        import jax

        outer = (1,) * (x.ndim - len(size))
        function = {"max": jax.lax.max, "min": jax.lax.min, "sum": jax.lax.add}[reduce]
        margin = ((0, 0),) * len(outer) + pad
        return jax.lax.reduce_window(x, start, function, outer + size, outer + stride, margin) / count

    return run


def _pool_settings(expr: Apply) -> dict[str, Any]:
    size, stride, pad = (expr.param(name) for name in ("size", "stride", "pad"))
    usual = len(size) == max(len(expr.args[0].shape) - 1, 1)
    short = (
        _short if usual else lambda values: tuple(v[0] if isinstance(v, tuple) and v[0] == v[1] else v for v in values)
    )
    margin = {} if _short(pad) == 0 else {"pad": short(pad)}
    return {"size": short(size) if len(set(size)) == 1 else size, "stride": short(stride), **margin}


def _unpool(xp: Any, x: Any, g: Any, **settings: Any) -> Any:
    """The gradient of `maxpool`: each entry of g is added at the place of the largest entry of its window (the first)."""
    import jax

    if xp is np:
        with jax.enable_x64(True):
            return np.asarray(_unpool(jax.numpy, jax.numpy.asarray(x), jax.numpy.asarray(g), **settings))
    own, windows = _pooled("max"), _window_settings(x.shape, **settings)
    return jax.vjp(lambda x: own(xp, x, **windows), x)[1](xp.asarray(g, x.dtype))[0]


def _turned(xp: Any, W: Any) -> Any:
    plain = W.ndim <= 2
    return xp.flip(W) if plain else xp.swapaxes(xp.flip(W, tuple(range(2, W.ndim))), 0, 1)


def _turned_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    shape = args[0].shape
    return (shape if len(shape) <= 2 else (shape[1], shape[0], *shape[2:])), args[0].kind


def _pairs_settings(shape: Shape, stride: Any = 1, batched: bool = False, **settings: Any) -> dict[str, Any]:
    """The settings of `conv_pairs` for each axis."""
    n = len(shape) - (2 if batched else 1)
    each = {name: _each(settings.get(name, 1), n) for name in ("dilation", "upsample")}
    return {"stride": _each(stride, n), "pad": pads(settings.get("pad", 0), n), **each}


def _pairs_shape(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    d, x = (arg.shape if params.get("batched") else (1, *arg.shape) for arg in args)
    if len(d) != len(x) or d[0] != x[0]:
        raise ValueError(f"convolutions of pairs of shapes {args[0].shape} and {args[1].shape}")
    settings, groups = _pairs_settings(args[0].shape, **params), params.get("groups", 1)
    if d[1] % groups or x[1] % groups:
        raise ValueError(f"{groups} groups of {d[1]} and {x[1]} channels")
    return (d[1], x[1] // groups, *_places(x[2:], d[2:], settings)), widest(args)


def _pairs(xp: Any, d: Any, x: Any, **params: Any) -> Any:
    settings = _pairs_settings(d.shape, **params)
    d, x = (xp.swapaxes(each if params.get("batched") else each[None], 0, 1) for each in (d, x))
    groups = zip(*(xp.split(each, params.get("groups", 1)) for each in (d, x)))
    return xp.concatenate([xp.swapaxes(_conv(xp, *pair, groups=1, **settings), 0, 1) for pair in groups])


def _draw_pairs(expr: Apply) -> dict[str, Any]:
    return {**_settings(expr), **({"batched": True} if expr.param("batched") else {})}


enter("conv", _conv, _conv_shape, _draw_conv)
enter("turned", _turned, _turned_shape, call("turned"))
enter("conv_pairs", _pairs, _pairs_shape, call("conv_pairs", _draw_pairs))
for _name, _reduce in (("maxpool", "max"), ("minpool", "min"), ("sumpool", "sum")):
    enter(_name, _pooled(_reduce), _pool_shape, call(_name, _pool_settings))
enter("avgpool", _pooled("sum", mean=True), _pool_shape, call("avgpool", _pool_settings))
enter("unpool", _unpool, lambda args, params: (args[0].shape, args[0].kind), call("unpool", _pool_settings))
