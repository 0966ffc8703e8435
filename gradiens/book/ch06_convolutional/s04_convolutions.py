"""Convolutions for Deep Learning.

What a convolutional layer makes of its maps is decided by a few whole numbers: the window k, the zeros p around, the stride
s, the gaps d, the groups. They give the size of the output, the number of parameters, and how far one output looks back into
the input. Three small networks are traced through, and many settings are tried at random. A layer can be computed by a loop, by
one product of patches, by the Fourier transform, or by one large, sparse, tied matrix; the transpose of that matrix is the way
to larger maps. Filtering each map alone before mixing them costs a fraction of doing both at once.
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch06_convolutional.small_networks import NETWORKS, SHAPE, network
from gradiens.core.module import Module, count, knob
from gradiens.functions.convolution import convolve
from gradiens.functions.convolving.fourier import convolve_by_fourier
from gradiens.functions.convolving.im2col import convolve_by_patches
from gradiens.functions.convolving.loop import convolve_by_loop
from gradiens.functions.convolving.matrix import convolution_matrix, convolve_by_matrix
from gradiens.functions.transposed_convolution import transposed_convolve
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv1d import Conv1d
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.conv3d import Conv3d
from gradiens.nn.convolutions.conv_transpose2d import ConvTranspose2d
from gradiens.nn.convolutions.pool import AveragePool
from gradiens.nn.convolutions.receptive_field import gradient_support, receptive_field
from gradiens.nn.convolutions.separable_conv2d import SeparableConv2d
from gradiens.nn.dense import Dense
from gradiens.nn.shapes import shape_table
from gradiens.report.figure import Figure, Series

WAYS = {
    "loop": convolve_by_loop,
    "patches": convolve_by_patches,
    "Fourier": convolve_by_fourier,
    "matrix": convolve_by_matrix,
}
SETTINGS = ((1, 0, 1, 1), (2, 1, 1, 2), (3, 2, 2, 1), (1, 3, 2, 4))  # stride, padding, dilation, groups
MAPS = (4, 10, 9)  # the shape that they are tried on, with windows of 3 × 2 and 4 maps out
TRACES = {"A": (32, 16, 14, 7, 196), "B": (30, 15, 13, 676), "C": (30, 15, 15, 7, 294)}
STACK = ((3, 1, 1), (3, 1, 2), (2, 2, 1), (3, 2, 1), (5, 1, 2))  # window, stride, dilation; the third is a pool
REACH = 71  # side of the input of the stack
SEPARABLE = (3, 32, 64)  # window, maps in, maps out


class Config(Module):
    """How many settings are tried."""

    settings: int = knob(500, 1, 5000, says="random settings whose sizes are compared")


class Record(NamedTuple):
    """Sizes and counts of random settings, traces, errors. Errors are relative, the largest over the settings."""

    sizes: Int[np.ndarray, "N 2"]  # by the formula, of the program's output
    counts: Int[np.ndarray, "N 2"]  # parameters by the formula, of the layer
    traces: Int[np.ndarray, "3 5"]  # sides after the convolutions and pools of A, B, C, then the features; zeros after
    ways: Float[np.ndarray, "4"]
    adjoint: Float[np.ndarray, "4 2"]  # of each setting: <A x, y> = <x, A' y>, A' against the transposed matrix
    transposed: Int[np.ndarray, "4 4"]  # of each setting: the sizes by the formula, of the program
    pointwise: Float[np.ndarray, ""]  # 1 × 1 against a dense layer at each pixel
    separable: Int[np.ndarray, "2"]  # weights: depthwise then 1 × 1, all pairs of maps
    fields: Int[np.ndarray, "5 2"]  # of the stack, layer by layer: by the formula, of the gradient
    past: Float[np.ndarray, "12 12"]  # |gradient| of a causal layer: output by input time
    seen: Float[np.ndarray, "71 71"]  # |gradient| of the stack's middle output
    spread: Float[np.ndarray, "2 17 17"]  # ones through transposed convolutions: window 3 and 4, stride 2


def run(config: Config, key: Array) -> Record:
    """Sizes, traces, ways, adjoints, fields; NumPy's draws are from one number of the key."""
    rng = np.random.default_rng(int(jax.random.randint(key, (), 0, 2**31 - 1)))
    drawn = [_drawn(rng) for _ in range(config.settings)]
    tried = [_tried(setting, rng) for setting in SETTINGS]
    stack = _stack()
    return Record(
        sizes=np.array([_size(one) for one in drawn]),
        counts=np.array([_count(one, key) for one in drawn]),
        traces=np.array([_trace(name, key) for name in NETWORKS]),
        ways=np.max([errors for errors, *_ in tried], axis=0),
        adjoint=np.array([adjoint for _, adjoint, _ in tried]),
        transposed=np.array([sizes for *_, sizes in tried]),
        pointwise=np.array(_pointwise(rng)),
        separable=_separable(key),
        fields=_fields(stack),
        past=_past(key),
        seen=_seen(stack),
        spread=np.stack([_spread(3, 1), _spread(4, 0)]),
    )


def _drawn(rng: np.random.Generator) -> dict[str, int]:
    """A setting whose window fits into its maps."""
    low_high = {
        "k": (1, 8),
        "l": (1, 8),
        "s": (1, 5),
        "p": (0, 5),
        "d": (1, 4),
        "groups": (1, 5),
        "i": (1, 9),
        "o": (1, 9),
    }
    one = {name: int(rng.integers(*ends)) for name, ends in low_high.items()}
    least = max(1, one["d"] * (one["k"] - 1) + 1 - 2 * one["p"])
    return {**one, "n": least + int(rng.integers(0, 30))}


def _size(one: dict[str, int]) -> tuple[int, int]:
    n, k, s, p, d = (one[name] for name in "nkspd")
    z = jax.eval_shape(lambda W, x: convolve(W, x, s, p, d), jnp.zeros((1, 1, k)), jnp.zeros((1, n)))
    return (n + 2 * p - d * (k - 1) - 1) // s + 1, z.shape[-1]


def _count(one: dict[str, int], key: Array) -> tuple[int, int]:
    groups, k, l = one["groups"], one["k"], one["l"]  # noqa: E741
    n_in, n_out = one["i"] * groups, one["o"] * groups
    layer = Conv2d.make(n_in, n_out, (k, l), key, groups=groups, init="zeros")
    return n_out * (n_in // groups * k * l + 1), count(layer)


def _trace(name: str, key: Array) -> list[int]:
    rows = shape_table(eqx.filter_eval_shape(lambda key: network(name, key), key), SHAPE)
    sides = [row.after[-1] for row in rows if row.layer in ("Conv2d", "MaxPool")]
    (features,) = [row.features for row in rows if row.layer == "Flatten"]
    return [*sides, features, *[0] * (4 - len(sides))]


def _tried(setting: tuple[int, int, int, int], rng: np.random.Generator) -> tuple[list, list, list]:
    """Errors of the ways, errors of the adjoint, and sizes of the transposed convolution."""
    s, p, d, groups = setting
    W, x = rng.normal(size=(4, MAPS[0] // groups, 3, 2)), rng.normal(size=MAPS)
    z = np.asarray(convolve(jnp.asarray(W), jnp.asarray(x), *setting))
    ways = [_apart(way(W, x, *setting), z) for way in WAYS.values()]
    y = rng.normal(size=z.shape)
    remainder = [(n + 2 * p - d * (k - 1) - 1) % s for n, k in zip(MAPS[1:], W.shape[2:])]
    back = np.asarray(transposed_convolve(jnp.asarray(W), jnp.asarray(y), *setting, remainder=remainder))
    by_matrix = (convolution_matrix(W, (MAPS[1], MAPS[2]), *setting).T @ y.ravel()).reshape(MAPS)
    same = abs(np.vdot(z, y) - np.vdot(x, back)) / np.abs(np.vdot(z, y))
    sizes = [(n - 1) * s - 2 * p + d * (k - 1) + 1 + r for n, k, r in zip(z.shape[1:], W.shape[2:], remainder)]
    return ways, [same, _apart(back, by_matrix)], [*sizes, *back.shape[1:]]


def _apart(found: np.ndarray, wanted: np.ndarray) -> float:
    same = found.shape == wanted.shape
    return float(np.abs(found - wanted).max() / np.abs(wanted).max()) if same else np.inf


def _pointwise(rng: np.random.Generator) -> float:
    W, b, x = (jnp.asarray(rng.normal(size=size)) for size in ((6, 4), 6, (4, 5, 7)))
    pixels = jax.vmap(Dense(W, b))(x.reshape(4, -1).T).T.reshape(6, 5, 7)
    return _apart(np.asarray(Conv2d(W[:, :, None, None], b)(x)), np.asarray(pixels))


def _separable(key: Array) -> np.ndarray:
    k, n_in, n_out = SEPARABLE
    makers = (SeparableConv2d, Conv2d)
    made = [eqx.filter_eval_shape(lambda key, m=m: m.make(n_in, n_out, k, key, bias=False), key) for m in makers]
    return np.array([sum(leaf.size for leaf in jax.tree.leaves(layer)) for layer in made])


def _stack() -> Chain:
    """One map throughout, positive weights: no path of the gradient cancels another."""
    layers = [Conv2d(jnp.ones((1, 1, k, k)) / k**2, None, s, 0, dilation=d) for k, s, d in STACK]
    return Chain.make(*layers[:2], AveragePool(2), *layers[3:])


def _fields(stack: Chain) -> np.ndarray:
    """The size by the formula, and the width of the gradient's support, after each layer."""
    found = []
    for depth, field in enumerate(receptive_field(stack), start=1):
        part = Chain(stack.blocks[:depth])
        last = np.flatnonzero(gradient_support(part, jnp.ones((1, REACH, REACH)), (1, 1)).any(axis=0))
        found.append((field.size, last[-1] - last[0] + 1))
    return np.array(found)


def _past(key: Array) -> np.ndarray:
    layer = Conv1d.make(1, 1, 3, key, padding="causal", dilation=2)
    return np.abs(np.asarray(jax.jacobian(lambda x: layer(x[None])[0])(jnp.ones(12))))


def _seen(stack: Chain) -> np.ndarray:
    x = jnp.ones((1, REACH, REACH))
    middle = eqx.filter_eval_shape(stack, x).shape[-1] // 2
    g = np.abs(np.asarray(jax.grad(lambda x: stack(x)[0, middle, middle])(x)))[0]
    return g / g.max()


def _spread(window: int, remainder: int) -> np.ndarray:
    """How often each place is reached from 10 × 10 ones at stride 2, cut to 17 × 17."""
    layer = ConvTranspose2d(jnp.ones((1, 1, window, window)), None, 2, 1, remainder=remainder)
    return np.asarray(layer(jnp.ones((1, 10, 10))))[0, 1:18, 1:18] / 4


def values(config: Config, record: Record) -> dict[str, float]:
    """Features, errors, weights, fields, and parameters of a layer for volumes."""
    found = {f"network {name}: features": trace[trace > 0][-1] for name, trace in zip(NETWORKS, record.traces)}
    found |= {f"{name} against ⋆: error": error for name, error in zip(WAYS, record.ways, strict=True)}
    found |= {"<A x, y> = <x, A' y>: error": record.adjoint[:, 0].max()}
    k, n_in, n_out = SEPARABLE
    layer = f"{k} × {k}, {n_in} → {n_out} maps"
    found |= {f"{layer}: weights, separable": record.separable[0], f"{layer}: weights": record.separable[1]}
    volume = eqx.filter_eval_shape(lambda: Conv3d.make(n_in, n_out, k, jax.random.key(0)))
    found |= {f"{k} × {layer}: parameters": sum(leaf.size for leaf in jax.tree.leaves(volume))}
    found |= {f"stack, layer {i}: receptive field": r for i, (r, _) in enumerate(record.fields, start=1)}
    return {name: float(value) for name, value in found.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Sizes, traces, receptive fields, the causal layer, and what transposed convolutions reach."""
    sizes = [Series("points", *record.sizes.T, label="settings"),
             Series("line", [0, record.sizes.max()], [0, record.sizes.max()], label="equal", guide=True)]  # fmt: skip
    traces = [
        Series("line", y=[SHAPE[-1], *trace[trace > 0][:-1]], label=f"{name}: {trace[trace > 0][-1]} features")
        for name, trace in zip(NETWORKS, record.traces, strict=True)
    ]
    layers = [f"{k}, {s}, {d}" for k, s, d in STACK]
    fields = [Series("bars", layers, record.fields[:, j], label=name) for j, name in enumerate(("formula", "gradient"))]
    spread = [Series("picture", z=z / z.max(), label=f"window {k}") for k, z in zip((3, 4), record.spread, strict=True)]
    return (
        Figure("Size of the output", sizes, "by the formula", "of the program", square=True),
        Figure("Three networks: sides of the maps", traces, "layer", "side"),
        Figure("Receptive fields of a stack", fields, "layer: window, stride, gaps", "inputs"),
        Figure("Where the middle output of the last layer looks", [Series("heat", z=np.sqrt(record.seen), label="√|gradient|")],
               "column", "row", square=True),
        Figure("A causal layer with gaps of 2", [Series("heat", z=record.past, label="|gradient|")],
               "time of the input", "time of the output", square=True),
        Figure("Ones through a transposed convolution of stride 2", spread,
               summary="A window that the stride does not divide reaches some places more often: a chequerboard."),
    )  # fmt: skip


def claim_sizes_and_counts_follow_the_formulas(config: Config, record: Record) -> bool:
    """Claim 1: output size floor((n + 2p - d(k-1) - 1)/s) + 1 for 500 random settings; parameters
    c_out (c_in/groups k_h k_w + 1). Exact."""
    equal = [np.array_equal(*pairs.T) for pairs in (record.sizes, record.counts)]
    return len(record.sizes) == config.settings and all(equal)


def claim_the_networks_have_these_sizes(config: Config, record: Record) -> bool:
    """Claim 2: A: 32, 16, 14, 7, then 196 features; B: 30, 15, 13, 676 features; C: 30, 15, 15, 7, 294 features."""
    return {name: tuple(row[row > 0].tolist()) for name, row in zip(NETWORKS, record.traces, strict=True)} == TRACES


def claim_all_ways_agree_and_the_transpose_is_the_adjoint(config: Config, record: Record) -> bool:
    """Claim 3: loop, im2col, FFT and Toeplitz versions agree; <A x, y> = <x, A' y> for the transposed convolution, of size
    (n-1)s - 2p + d(k-1) + 1 + floor remainder (relative 1e-9)."""
    sizes = np.array_equal(record.transposed[:, :2], record.transposed[:, 2:])
    return bool(sizes and np.all(record.ways <= 1e-9) and np.all(record.adjoint <= 1e-9))


def claim_one_by_one_is_dense_at_each_pixel_and_separable_is_small(config: Config, record: Record) -> bool:
    """Claim 4: a 1x1 convolution is a per-pixel dense layer (relative 1e-9); depthwise then 1x1 has k^2 c + c c_out weights,
    not k^2 c c_out."""
    k, n_in, n_out = SEPARABLE
    counts = record.separable.tolist() == [k**2 * n_in + n_in * n_out, k**2 * n_in * n_out]
    return bool(record.pointwise <= 1e-9 and counts)


def claim_the_receptive_field_is_the_gradients_support(config: Config, record: Record) -> bool:
    """Claim 5: receptive field r_l = r_{l-1} + (k-1) d (product of earlier strides), confirmed by gradient support. Exact."""
    r, step, wanted = 1, 1, []
    for k, s, d in STACK:
        r, step = r + (k - 1) * d * step, step * s
        wanted.append(r)
    return bool(np.array_equal(record.fields[:, 0], wanted) and np.array_equal(*record.fields.T))
