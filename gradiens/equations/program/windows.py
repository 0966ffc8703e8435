"""The table primitive → rule, third part: convolution and pooling, brought into the form with channels first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradiens.equations.program.primitives import rule
from gradiens.equations.tree.convolution import conv
from gradiens.equations.tree.expression import Expr
from gradiens.equations.tree.operations import apply


@rule("conv_general_dilated")
def _conv(args: list[Expr], eqn: Any) -> Expr | None:
    params = eqn.params
    groups, numbers = params["batch_group_count"], params["dimension_numbers"]
    settings = {
        "stride": tuple(params["window_strides"]), "pad": tuple(tuple(pair) for pair in params["padding"]),
        "dilation": tuple(params["rhs_dilation"]), "upsample": tuple(params["lhs_dilation"]),
    }  # fmt: skip
    x, W = args
    swapped = tuple(numbers.lhs_spec[:2]) == (1, 0) == tuple(numbers.out_spec[:2])
    if swapped and tuple(numbers.rhs_spec[:2]) == (1, 0) and params["feature_group_count"] == 1:
        examples = x.shape[0] == 1
        d, x = (apply("reshape", each, shape=each.shape[1:]) if examples else each for each in (W, x))
        settings |= ({} if examples else {"batched": True}) | ({"groups": groups} if groups > 1 else {})
        return apply("conv_pairs", d, x, **settings)
    if groups != 1:
        return None
    x, W = _permuted(x, numbers.lhs_spec), _permuted(W, numbers.rhs_spec)
    found = _in_few_axes(W, x, settings, params["feature_group_count"])
    return _permuted(found, tuple(int(place) for place in np.argsort(numbers.out_spec)))


def _permuted(expr: Expr, axes: Any) -> Expr:
    return expr if tuple(axes) == tuple(range(len(axes))) else apply("transpose", expr, axes=tuple(axes))


def _in_few_axes(W: Expr, x: Expr, settings: dict[str, Any], groups: int) -> Expr:
    """One example has no axis of examples; one channel from and to has no axes of channels."""
    places = len(W.shape) - 2
    if x.shape[0] != 1:
        return conv(W, x, **settings, groups=groups)
    bare = W.shape[:2] == (1, 1) and x.shape[1] == 1 and places <= 2
    skip = 2 if bare else 1
    image = apply("reshape", x, shape=x.shape[skip:])
    kernel = apply("reshape", W, shape=W.shape[2:]) if bare else W
    found = conv(kernel, image, **settings, groups=groups)
    return apply("reshape", found, shape=(1,) * skip + found.shape)


_POOLS = {"reduce_window_max": "maxpool", "reduce_window_min": "minpool", "reduce_window_sum": "sumpool"}


@rule(*_POOLS)
def _pool(args: list[Expr], eqn: Any) -> Expr | None:
    window = _Window.of(eqn.params, args[0])
    if window is None or args[0].kind != "real":
        return None
    return window.back(apply(_POOLS[eqn.primitive.name], window.front(args[0]), **window.settings))


@rule("reduce_window")
def _general_pool(args: list[Expr], eqn: Any) -> Expr | None:
    """A pool that starts from a value that is given: without a margin it is one more term, max(start, maxpool(x))."""
    inside = [step.primitive.name for step in eqn.params["jaxpr"].eqns]
    names = {"max": "maxpool", "min": "minpool", "add": "sumpool"}
    if len(args) != 2 or len(inside) != 1 or inside[0] not in names or any(map(any, eqn.params["padding"])):
        return None
    x, start = args
    window = _Window.of(eqn.params, x)
    if window is None or x.kind != "real":
        return None
    return apply(inside[0], start, window.back(apply(names[inside[0]], window.front(x), **window.settings)))


@dataclass(frozen=True)
class _Window:
    """A window along some axes, which stand last after `front`: axes of one before them go, others stay first."""

    shape: tuple[int, ...]
    order: tuple[int, ...]
    units: int
    settings: dict[str, Any]

    @staticmethod
    def of(params: dict[str, Any], x: Expr) -> _Window | None:
        """The window of a pool; None where it has gaps."""
        if any(gap != 1 for key in ("base_dilation", "window_dilation") for gap in params.get(key, ())):
            return None
        spans = list(zip(params["window_dimensions"], params["window_strides"], map(tuple, params["padding"])))
        moving = [axis for axis, span in enumerate(spans) if span != (1, 1, (0, 0))] or [len(spans) - 1]
        still = sorted((axis for axis in range(len(spans)) if axis not in moving), key=lambda axis: x.shape[axis] != 1)
        units = sum(x.shape[axis] == 1 for axis in still)
        size, stride, pad = zip(*(spans[axis] for axis in moving))
        margin = tuple((int(low), int(high)) for low, high in pad)
        return _Window(x.shape, (*still, *moving), units, {"size": size, "stride": stride, "pad": margin})

    def front(self, x: Expr) -> Expr:
        """The array with the axes of the window last."""
        x = x if self.order == tuple(range(len(self.order))) else apply("transpose", x, axes=self.order)
        return apply("reshape", x, shape=x.shape[self.units :]) if self.units else x

    def back(self, x: Expr) -> Expr:
        """The axes where they were."""
        x = apply("reshape", x, shape=(1,) * self.units + x.shape) if self.units else x
        back = tuple(int(axis) for axis in np.argsort(self.order))
        return x if back == tuple(range(len(back))) else apply("transpose", x, axes=back)


@rule("select_and_scatter_add")
def _unpool(args: list[Expr], eqn: Any) -> Expr | None:
    """The gradient of a maximum over windows."""
    g, x = args
    if eqn.params["select_prim"].name != "ge":
        return None
    window = _Window.of(eqn.params, x)
    return None if window is None else window.back(apply("unpool", window.front(x), window.front(g), **window.settings))


@rule("rev")
def _rev(args: list[Expr], eqn: Any) -> Expr:
    axes = tuple(eqn.params["dimensions"])
    along = {} if len(args[0].shape) == 1 else {"axes": axes[0] if len(axes) == 1 else axes}
    return apply("reverse", args[0], **along)
