"""Convolution and pooling in a text: `W ⋆ x`, `W ⋆_{stride=2, pad=1} x`, `maxpool_{size=2}(a)`; sizes may still be unknown."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from gradiens.equations.meaning import agreement as a
from gradiens.equations.meaning.arguments import settings_of
from gradiens.equations.meaning.scope import Scope
from gradiens.equations.meaning.sizes import Size, unknown
from gradiens.equations.meaning.terms import Ground, Shape, Term
from gradiens.equations.text import syntax as s
from gradiens.equations.tree import convolution
from gradiens.equations.tree.expression import Expr


def correlate(scope: Scope, kernel: Term, image: Term, expr: s.Binary) -> Term:
    """`W ⋆ x`: W ∈ ℝ^{o×c×k×k} on x ∈ ℝ^{c×h×w}, a filter on a signal or a kernel on an image of one rank."""
    settings = settings_of(scope, expr.settings, ("stride", "pad", "dilation", "upsample", "groups"), expr.at)
    if not kernel.settled and image.settled:
        scope.settle(kernel, len(image.shape) + (1 if len(image.shape) >= 3 else 0))
    if not image.settled:
        scope.settle(kernel)
        scope.settle(image, len(kernel.shape) - (1 if len(kernel.shape) >= 3 else 0))
    ranks = len(kernel.shape), len(image.shape)
    if (
        kernel.index
        or image.index
        or not (0 < ranks[0] == ranks[1] <= 2 or (ranks[0] >= 3 and ranks[0] - ranks[1] in (0, 1)))
    ):
        do = "declare W ∈ ℝ^(o×c×k×k) and x ∈ ℝ^(c×h×w)"
        scope.fail(expr.at, "a filter and an image", f"{a.said(kernel.shape)} ⋆ {a.said(image.shape)}", do)
    n = ranks[0] if ranks[0] == ranks[1] <= 2 else ranks[0] - 2
    channels: Shape = ()
    if n < ranks[0]:
        groups = settings.get("groups", 1)
        scope.equal(image.shape[-n - 1], kernel.shape[-n - 1].times(groups), expr.at, "the channels of ⋆")
        channels = (*image.shape[: -n - 1], kernel.shape[-n - 2])
    places = tuple(
        _places(scope, size, window, axis, n, settings)
        for axis, (size, window) in enumerate(
            zip(image.shape[len(image.shape) - n :], kernel.shape[len(kernel.shape) - n :])
        )
    )

    def make(ground: Ground) -> Expr:
        return convolution.conv(ground(kernel), ground(image), **settings)

    return Term((*channels, *places), a.widest([kernel, image]), make, expr.at)


def _places(scope: Scope, size: Size, window: Size, axis: int, n: int, settings: dict[str, Any]) -> Size:
    """⌊(n + 2 pad - dilation (k - 1) - 1) / stride⌋ + 1."""
    stride, dilation, upsample = (_one(settings.get(name, 1), axis) for name in ("stride", "dilation", "upsample"))
    margin = sum(convolution.pads(settings.get("pad", 0), n)[axis])
    if stride == 1 and upsample == 1:
        return (size + margin - (window - 1).times(dilation)).because("the places of a filter")
    rule = lambda size, window: convolution.length(size, window, stride, (margin, 0), dilation, upsample)  # noqa: E731
    return scope.sizes.later(unknown("", "the places of a filter"), (size, window), rule)


def _one(value: Any, axis: int) -> Any:
    return value[axis] if isinstance(value, tuple) and value else value


def pooled(scope: Scope, expr: s.Call, args: list[Term], settings: Sequence[s.Syntax]) -> Term:
    """`maxpool_{size=2}(a)`: windows along all axes behind the channels; they step by their size unless told otherwise."""
    given = settings_of(scope, settings, ("size", "stride", "pad"), expr.at)
    if len(args) != 1 or "size" not in given:
        scope.fail(expr.at, "an array and the size of the window", "something else", "write maxpool_{size=2}(a)")
    (x,) = args
    size, pad = given["size"], given.get("pad", 0)
    n = len(size) if isinstance(size, tuple) else max(len(x.shape) - 1, 1)
    if not x.shape or n > len(x.shape):
        scope.fail(expr.at, f"an array of at least {n} axes", a.said(x.shape))
    places = []
    for axis, length in enumerate(x.shape[len(x.shape) - n :]):
        window, step = _one(size, axis), _one(given.get("stride", size), axis)
        margin = convolution.pads(pad, n)[axis]
        rule = functools.partial(convolution.length, k=window, stride=step, pad=margin)
        places.append(scope.sizes.later(unknown("", "the places of a window"), (length,), rule))
    head = expr.head.base if isinstance(expr.head, s.Sub) else expr.head
    op = scope.key(head) or ""
    make = lambda ground: convolution.pool(op, ground(x), **given)  # noqa: E731
    return Term((*x.shape[: len(x.shape) - n], *places), x.kind, make, expr.at, x.index)
