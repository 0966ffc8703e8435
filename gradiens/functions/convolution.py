"""Discrete convolution of maps with kernels, as networks have it: no kernel is turned round, channels are summed.

    (W ⋆ x)[o, i, j] = Σ_c Σ_u Σ_v W[o, c, u, v] x[c, s i + d u - p, s j + d v - p]

The one place of this operation: layers call it, and nothing else does.

Book: 6.2, 6.4.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.depthwise import depthwise, is_depthwise

Sides = int | Sequence[int]
Around = int | Sequence[int | tuple[int, int]]

FEW = 8  # channels


def convolve(
    W: Float[Array, "O C *k"],
    x: Float[Array, "*B C *n"],
    stride: Sides = 1,
    padding: Around = 0,
    dilation: Sides = 1,
    groups: int = 1,
) -> Float[Array, "*B O *m"]:
    """W ⋆ x of one example, or of each example of a batch, with one, two or three axes.

    Stride s, p zeros around the maps, d - 1 zeros between the entries of the kernel; m = ⌊(n + 2p - d(k - 1) - 1)/s⌋ + 1.
    With groups g, W is (O, C/g, *k): the channels are cut into g parts, each gives O/g maps. Each setting is one number, or one
    for each axis; a padding may be a pair (before, after). Raises `Mistake` where ranks, channels, dtypes or settings do not go
    together, or the window does not fit.
    """
    axes = kernel_axes(W, x, groups)
    settings = each(stride, axes), around(padding, axes), each(dilation, axes)
    for one in zip(x.shape[-axes:], W.shape[2:], *settings):
        output_size(*one)
    if x.ndim == W.ndim and axes == 2 and groups == 1 and W.shape[1] < FEW and jax.default_backend() == "cpu":
        return _by_rows(W, x, *settings)
    if x.ndim == W.ndim and is_depthwise(W, groups) and jax.default_backend() == "cpu":
        return depthwise(W, x, *settings)
    batch = x if x.ndim == W.ndim else x[None]
    steps, zeros, gaps = settings
    z = jax.lax.conv_general_dilated(batch, W, steps, zeros, rhs_dilation=gaps, feature_group_count=groups)
    return z if x.ndim == W.ndim else z[0]


def _by_rows(W: Array, x: Array, steps: Sequence[int], zeros: Sequence[tuple[int, int]], gaps: Sequence[int]) -> Array:
    """The same for maps in a plane of which there are few: the k rows under a window become k times as many channels, and the
    window one row. XLA's convolution on a CPU fills its registers with channels, and is up to twice as fast with more.
    """
    (n_out, n_in, k, wide), (s, _), (around_rows, around_columns), (d, _) = W.shape, steps, zeros, gaps
    x = jnp.pad(x, ((0, 0), (0, 0), around_rows, (0, 0)))
    m = output_size(x.shape[2], k, s, 0, d)
    rows = jnp.concatenate([x[:, :, d * u : d * u + s * (m - 1) + 1 : s] for u in range(k)], axis=1)
    kernel = jnp.moveaxis(W, 2, 1).reshape(n_out, k * n_in, 1, wide)
    return jax.lax.conv_general_dilated(
        rows, kernel, (1, steps[1]), [(0, 0), around_columns], rhs_dilation=(1, gaps[1])
    )


def output_size(n: int, k: int, s: int = 1, p: int | tuple[int, int] = 0, d: int = 1) -> int:
    """m = ⌊(n + 2p - d(k - 1) - 1)/s⌋ + 1, the places of a window of k entries, d apart, in steps of s over n + 2p numbers.

    A `Mistake` where the window does not fit.
    """
    before, after = (p, p) if isinstance(p, int) else p
    room = n + before + after - d * (k - 1) - 1
    if room < 0:
        raise Mistake(f"maps of at least {d * (k - 1) + 1}, the reach of the window", f"{n} + {before} + {after}")
    return room // s + 1


def over_maps(b: Float[Array, " O"], z: Float[Array, "*B O *m"], axes: int = 2) -> Array:
    """A number for each map, in the rank of the maps z of one example or of a batch, so that they can be added."""
    return b[(*[None] * (z.ndim - axes - 1), slice(None), *[None] * axes)]


def each(setting: Sides, axes: int, least: int = 1) -> tuple[int, ...]:
    """The setting of each axis."""
    given = tuple(setting) if isinstance(setting, Sequence) else (setting,) * axes
    if len(given) != axes or not _whole(given, least):
        raise Mistake(f"a number of at least {least}, or one for each of {axes} axes", setting)
    return tuple(map(int, given))


def around(padding: Around, axes: int) -> list[tuple[int, int]]:
    """The zeros before and after each axis."""
    given = tuple(padding) if isinstance(padding, Sequence) else (padding,) * axes
    pairs = [tuple(p) if isinstance(p, Sequence) else (p, p) for p in given]
    if len(pairs) != axes or not all(len(pair) == 2 and _whole(pair, 0) for pair in pairs):
        raise Mistake(f"a padding of at least 0, or one for each of {axes} axes", padding)
    return [(int(before), int(after)) for before, after in pairs]


def _whole(given: Sequence[object], least: int) -> bool:
    return all(isinstance(one, int | np.integer) and one >= least for one in given)


def kernel_axes(W: Array, x: Array, groups: int, back: bool = False) -> int:
    """The axes of the window. A `Mistake` where W does not go together with the maps x that it, or `back` its adjoint, takes."""
    axes = W.ndim - 2
    if axes not in (1, 2, 3) or x.ndim not in (axes + 1, axes + 2):
        raise Mistake("a kernel O × C × k… of 1 to 3 axes, and maps C × n…", f"{W.shape} and {x.shape}")
    if jnp.result_type(W) != jnp.result_type(x):
        raise Mistake(f"maps of {jnp.result_type(W)}, the kernel's dtype", jnp.result_type(x), "convert one of them")
    channels = x.shape[x.ndim - axes - 1]
    if groups < 1 or W.shape[0] % groups or channels != (W.shape[0] if back else W.shape[1] * groups):
        want = f"{W.shape[0]}" if back else f"{W.shape[1]} × {groups}"
        want = f"{want} channels for the kernel {W.shape} in {groups} groups"
        raise Mistake(want, f"{channels} channels and {W.shape[0]} kernels")
    return axes
