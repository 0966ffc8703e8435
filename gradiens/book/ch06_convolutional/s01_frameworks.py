"""Convolutional Frameworks.

An edge is an edge wherever it stands in the picture. A layer that slides one small kernel over all places uses this: it has a
few weights where a dense layer between the same maps has billions, and where the picture moves, its maps move. On a torus, with
no border, this is exact; a mean over all places then does not change at all. VGG19 is the plain form of the idea: sixteen
convolutions of 3 × 3, five pools, three dense layers. Its table is made of shapes alone, without allocating one weight, and it
tells where the parameters are (in the dense layers) and where the work is (in the convolutions). Kernels in four
rotations do for quarter turns what convolution does for shifts; a blur before sampling keeps a pool from jumping.
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.core.module import Module, knob
from gradiens.data.sets.mnist import mnist
from gradiens.functions.convolution import convolve
from gradiens.functions.equivariance import circular_convolve, equivariance_error, shifted
from gradiens.functions.pooling import max_pool
from gradiens.nn.convolutions.blur_pool import BlurPool
from gradiens.nn.convolutions.rotation_conv2d import RotationConv2d, turned_maps
from gradiens.nn.dense import Dense
from gradiens.nn.initialisers import he
from gradiens.nn.landmarks.vgg import VGG
from gradiens.nn.shapes import shape_table
from gradiens.report.figure import Figure, Series

SIZES = (224, 112, 56, 28, 14, 7)
SHIFTS = tuple(range(9))
PATHS = (
    "dense layer",
    "convolution, zeros around, moved back",
    "circular convolution, moved back",
    "circular convolution, mean over places",
)


class Config(Module):
    """The digit that is moved, and the layers that it goes through."""

    digit: int = knob(0, 0, 59_999, says="training image of MNIST that is moved")
    maps: int = knob(4, 1, 64, says="maps of the convolutions")
    window: int = knob(5, 1, 15, says="side of their window")
    moved: int = knob(4, 0, 14, says="pixels by which the digit in the pictures is moved")


class Record(NamedTuple):
    """VGG19 from shapes, and what shifts and turns do. A row of `layers`: dense or not, inputs, outputs, side of the maps,
    parameters, products."""

    layers: Int[np.ndarray, "19 6"]
    sides: Int[np.ndarray, " P"]  # of the maps, at the input and after each pool
    one_layer: Int[
        np.ndarray, "2"
    ]  # parameters of the first convolution, weights of a dense map between the same tensors
    changes: Float[np.ndarray, "4 9"]  # of each path, by shift
    turned: Float[np.ndarray, "2"]  # errors under quarter turns: maps turned back, the largest of all
    pools: Float[np.ndarray, "2"]  # change under a shift by one: plain pool, blurred pool
    pictures: Float[np.ndarray, "5 28 28"]


def run(config: Config, key: Array) -> Record:
    """The table of VGG19, and the digit moved."""
    layers, sides = _vgg19(key)
    digit = jnp.asarray(mnist().pixels[config.digit] / 255.0)[None]
    kernels = he(key, (config.maps, 1, config.window, config.window))
    n_in, n_out = 3 * 224**2, 64 * 224**2
    return Record(
        layers=layers,
        sides=sides,
        one_layer=np.array([layers[0, 4], n_in * n_out]),
        changes=np.array([_changes(path, digit) for path in _paths(config, kernels, key)]),
        turned=_turned(config, digit, key),
        pools=_pools(kernels, digit),
        pictures=_pictures(config, kernels, digit),
    )


def _vgg19(key: Array) -> tuple[np.ndarray, np.ndarray]:
    """The layers with weights, and the sides of the maps; by shapes alone."""
    rows = shape_table(eqx.filter_eval_shape(VGG.make, 19, 1000, key), (3, 224, 224))
    weighted = [
        (row.layer == "Dense", row.before[0], row.after[0], row.after[-1] if row.layer == "Conv2d" else 1, *row[3:])
        for row in rows
        if row.layer in ("Conv2d", "Dense")
    ]
    sides = [rows[0].before[-1], *(row.after[-1] for row in rows if row.layer == "MaxPool")]
    return np.array(weighted, np.int64), np.array(sides)


def _paths(config: Config, W: Array, key: Array) -> list[tuple]:
    """(f, whether the output is moved back) in the order of `PATHS`."""
    dense = Dense.make(28 * 28, 10, key)
    return [
        (jax.jit(lambda x: dense(x.reshape(-1))), False),
        (jax.jit(lambda x: convolve(W, x, padding=config.window // 2)), True),
        (jax.jit(lambda x: circular_convolve(W, x)), True),
        (jax.jit(lambda x: jnp.mean(circular_convolve(W, x), axis=(1, 2))), False),
    ]


def _changes(path: tuple, x: Array) -> list[float]:
    f, back = path
    errors = []
    for by in SHIFTS:
        move = lambda z, by=by: shifted(z, (by // 2, by))  # noqa: E731
        errors.append(equivariance_error(f, x, move, move if back else None))
    return errors


def _turned(config: Config, x: Array, key: Array) -> np.ndarray:
    layer = RotationConv2d.make(1, config.maps, 3, key)
    turn = lambda z: jnp.rot90(z, 1, (-2, -1))  # noqa: E731
    f = jax.jit(lambda x: layer(x))
    return np.array([equivariance_error(f, x, turn, turned_maps), equivariance_error(lambda x: jnp.max(f(x)), x, turn)])


def _pools(W: Array, x: Array) -> np.ndarray:
    """How much the pooled maps change, in length, when the picture moves by one pixel."""
    found = []
    for pool in (lambda z: max_pool(z, 2), BlurPool()):
        here, there = (np.asarray(pool(circular_convolve(W, shifted(x, (0, by))))) for by in (0, 1))
        found.append(np.linalg.norm(there - here) / np.linalg.norm(here))
    return np.array(found)


def _pictures(config: Config, W: Array, x: Array) -> np.ndarray:
    """The digit, the digit moved, the first map of each, and the first map moved; maps scaled to [0, 1]."""
    by = (config.moved // 2, config.moved)
    there = shifted(x, by)
    maps = [circular_convolve(W[:1], x)[0], circular_convolve(W[:1], there)[0]]
    maps = np.stack([*maps, shifted(maps[0], by)])
    low, high = maps.min(), maps.max()
    return np.concatenate([x, there, (maps - low) / max(high - low, 1e-12)])


def values(config: Config, record: Record) -> dict[str, float]:
    """The counts of VGG19, what a shift changes, turns and pools."""
    of = {name: record.layers[record.layers[:, 0] == kind] for kind, name in enumerate(("convolutional", "dense"))}
    found = {f"VGG19, {name}: parameters": rows[:, 4].sum() for name, rows in of.items()}
    found |= {f"VGG19, {name}: products": rows[:, 5].sum() for name, rows in of.items()}
    total = record.layers[:, 4].sum()
    found |= {"VGG19: parameters": total, "VGG19: share of the dense layers": of["dense"][:, 4].sum() / total}
    found |= {f"moved by 4, {path}: change": row[4] for path, row in zip(PATHS, record.changes, strict=True)}
    found |= {"quarter turn, kernels in four rotations: change": record.turned[0]}
    found |= {"moved by 1, max pool: change": record.pools[0], "moved by 1, blurred pool: change": record.pools[1]}
    return {name: float(value) for name, value in found.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Parameters and products of VGG19, the digit and its maps, the change by shift."""
    names = [f"{'dense' if row[0] else 'conv'} {i}" for i, row in enumerate(record.layers, start=1)]
    columns = ((4, "Parameters", "numbers"), (5, "Products of one picture", "products"))
    counted = [
        Figure(f"VGG19: {title.lower()} by layer", [Series("bars", names, record.layers[:, at], label=title)],
               "layer", axis, log_y=True)
        for at, title, axis in columns
    ]  # fmt: skip
    labels = ("a digit", "moved", "its map", "the map of the moved digit", "the map, moved")
    pictures = [Series("picture", z=z, label=label) for z, label in zip(record.pictures, labels, strict=True)]
    seen = "The last two are the same: the map of the moved digit is the moved map."
    lines = [Series("line", SHIFTS, row, label=path) for path, row in zip(PATHS, record.changes, strict=True)]
    return (
        *counted,
        Figure("Where the picture moves, its map moves", pictures, summary=seen),
        Figure("What a shift changes", lines, "pixels to the right", "largest change, relative"),
    )


def claim_the_table_of_vgg19_follows_from_its_shapes(config: Config, record: Record) -> bool:
    """Claim 1: spatial sizes 224, 112, 56, 28, 14, 7; 16 convolutional and 3 dense layers; counts follow
    c_out (9 c_in + 1) and n_out (n_in + 1). Exact."""
    dense, n_in, n_out, side, parameters, _ = record.layers.T
    convolutions = dense == 0
    at = [224] * 2 + [112] * 2 + [56] * 4 + [28] * 4 + [14] * 4
    sizes = record.sides.tolist() == list(SIZES) and side[convolutions].tolist() == at
    counts = np.where(convolutions, n_out * (9 * n_in + 1), n_out * (n_in + 1))
    layers = int(convolutions.sum()) == 16 and int(dense.sum()) == 3
    return bool(sizes and layers and np.array_equal(parameters, counts))


def claim_most_parameters_are_in_the_dense_layers(config: Config, record: Record) -> bool:
    """Claim 2: dense layers hold more than 80 % of the parameters."""
    dense = record.layers[:, 0] == 1
    return bool(record.layers[dense, 4].sum() > 0.8 * record.layers[:, 4].sum())


def claim_sharing_saves_eight_powers_of_ten(config: Config, record: Record) -> bool:
    """Claim 3: a 3x3 convolution 3 -> 64 has 1,792 parameters; a dense map between the same tensors has 4.83e11 weights (to half
    a unit of the last digit)."""
    shared, apart = record.one_layer
    return bool(shared == 1792 and abs(apart / 1e11 - 4.83) <= 0.005)


def claim_circular_convolution_commutes_with_shifts(config: Config, record: Record) -> bool:
    """Claim 4: circular convolution commutes with circular shifts; followed by a global pool it is shift-invariant
    (relative 1e-9)."""
    return bool(np.all(record.changes[2:] <= 1e-9))
