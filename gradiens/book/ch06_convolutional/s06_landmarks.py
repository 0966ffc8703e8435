"""Inception, Resnets, and Other Landmark Architectures.

Networks for pictures from 1998 to 2022, counted: LeNet-5 read digits with sixty thousand numbers, VGG has a hundred and forty
million and most of them in its dense layers, an inception module puts windows of several sizes side by side, and a residual
block adds what it makes of its input to the input. What that changes is seen before any training: through fifty plain layers a
gradient is gone before it reaches the first; through fifty residual ones it arrives, and has grown by many powers of ten, which
it is left to normalisation to prevent. After ten epochs a plain network of twenty layers knows nothing of digits; the residual
one, with the same weights at the start, reads them.
"""

from __future__ import annotations

from collections.abc import Callable
from textwrap import indent
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch06_convolutional.deep_chains import NAMES, Trained, gradient_norms, trained
from gradiens.book.ch06_convolutional.landmark_tables import COUNTED, TABLES, drawn, parameters, table
from gradiens.core.module import Module, knob
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.dense import Dense
from gradiens.nn.draft import Draft
from gradiens.nn.landmarks.convnext import ConvNeXtBlock
from gradiens.nn.landmarks.deep_resnet import Bottleneck
from gradiens.nn.landmarks.densenet import DenseLayer
from gradiens.nn.landmarks.efficientnet import MBConv
from gradiens.nn.landmarks.inception import Inception
from gradiens.nn.landmarks.mobilenet_v2 import InvertedResidual
from gradiens.nn.landmarks.squeeze_excitation import SqueezeExcitation
from gradiens.nn.pictures.resnet import ResidualBlock
from gradiens.nn.residual import Residual
from gradiens.nn.shapes import shape_table
from gradiens.report.figure import Figure, Series

BRANCHES = ((192, 1, 64), (192, 1, 96), (96, 3, 128), (192, 1, 16), (16, 5, 32), (192, 1, 32))  # c_in, k, c_out
ON = (64, 28, 28)  # maps on which blocks are compared
BLOCKS: dict[str, Callable[[Draft], Any]] = {
    "ResNet-18": lambda draft: ResidualBlock.make(draft, 64),
    "ResNet-50": lambda draft: Bottleneck.make(draft, 16),
    "inception": lambda draft: Inception.make(draft, 16, (24, 32), (4, 8), 8),
    "DenseNet": lambda draft: DenseLayer.make(draft, 32),
    "MobileNetV2": lambda draft: InvertedResidual.make(draft, 64),
    "EfficientNet": lambda draft: MBConv.make(draft, 64),
    "squeeze": lambda draft: SqueezeExcitation.make(draft, 16),
    "ConvNeXt": ConvNeXtBlock.make,
}


class Config(Module):
    """The deep chains."""

    seeds: int = knob(5, 1, 50, says="drawn networks, plain and residual")
    epochs: int = knob(10, 1, 100, says="passes over the digits")


class Shortcut(NamedTuple):
    """A residual block: with F = 0, and its Jacobian in two ways."""

    inputs: Float[Array | np.ndarray, "n"]
    through: Float[Array | np.ndarray, "n"]  # F = 0, dense
    maps: Float[Array | np.ndarray, "2 5 4"]
    maps_through: Float[Array | np.ndarray, "2 5 4"]  # F = 0, convolutions
    jacobian: Float[Array | np.ndarray, "n n"]
    identity_and_branch: Float[Array | np.ndarray, "n n"]  # I + J_F


class Record(NamedTuple):
    """Counts by name, the inception module, the blocks, the shortcut, gradients, training."""

    networks: Int[np.ndarray, " N"]
    lenet: Int[np.ndarray, "5"]  # parameters by layer
    inception: Int[np.ndarray, "2"]  # maps that leave the module, and its parameters
    blocks: Int[np.ndarray, "B 3"]  # maps that leave a block, parameters, products
    shortcut: Shortcut
    norms: Float[np.ndarray, "2 S L"]
    trained: Trained


def run(config: Config, key: Array) -> Record:
    """Count by shapes alone; measure gradients; train."""
    linked, start, at = jax.random.split(key, 3)
    keys = jax.random.split(start, config.seeds)
    module, shape = drawn("inception module")
    maps = eqx.filter_eval_shape(module, jax.ShapeDtypeStruct(shape, jnp.float64)).shape[0]
    return Record(
        networks=np.array([parameters(drawn(name)[0]) for name in COUNTED]),
        lenet=np.array([row.parameters for row in shape_table(*drawn("lenet5")) if row.parameters]),
        inception=np.array([maps, parameters(module)]),
        blocks=np.array([_block(make, at) for make in BLOCKS.values()]),
        shortcut=_shortcut(linked),
        norms=gradient_norms(keys),
        trained=trained(keys, config.epochs),
    )


def _block(make: Callable[[Draft], Any], key: Array) -> tuple[int, int, int]:
    """The maps that leave a block, its parameters, its products of a weight and a number."""
    draft = Draft(key, ON)
    block = eqx.filter_eval_shape(lambda: make(draft))
    rows = shape_table(block, ON)
    leaves = eqx.filter_eval_shape(block, jax.ShapeDtypeStruct(ON, jnp.float64))
    return leaves.shape[0], sum(row.parameters for row in rows), sum(row.products for row in rows)


@jax.jit
def _shortcut(key: Array) -> Shortcut:
    one, two, three = jax.random.split(key, 3)
    x, maps = jax.random.normal(three, (6,)), jax.random.normal(three, (2, 5, 4))
    branch = Chain.make(Dense.make(6, 6, one), "tanh", Dense.make(6, 6, two))
    filters = Chain.make(Conv2d.make(2, 2, 3, one), "relu", Conv2d.make(2, 2, 3, two))
    nothing, no_filters = (jax.tree.map(jnp.zeros_like, block) for block in (branch, filters))
    jacobian, other = jax.jacfwd(Residual(branch))(x), jnp.eye(6) + jax.jacrev(branch)(x)
    return Shortcut(x, Residual(nothing)(x), maps, Residual(no_filters)(maps), jacobian, other)


def values(config: Config, record: Record) -> dict[str, float]:
    """Parameters of the landmarks, of the module and of the blocks; norms and losses."""
    told = {f"{name}: parameters": n for name, n in zip(COUNTED, record.networks, strict=True)}
    told |= {"inception module: parameters": record.inception[1], "inception module: maps": record.inception[0]}
    told |= {f"block, {name}: parameters": row[1] for name, row in zip(BLOCKS, record.blocks, strict=True)}
    for i, name in enumerate(NAMES):
        told |= {
            f"{name}: gradient norm of the first layer, median": np.median(record.norms[i, :, 0]),
            f"{name}: final training loss, median": np.median(record.trained.losses[i, :, -1]),
            f"{name}: final training accuracy, median": np.median(record.trained.accuracy[i]),
        }
    return {name: float(value) for name, value in told.items()}


def text(config: Config, record: Record) -> str:
    """Parameters by shape, of the landmarks and of the module."""
    return "Parameters by shape\n\n" + "\n\n".join(indent(table(name), "    ") for name in TABLES)


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Parameters of the landmarks and of the blocks, gradients by layer, losses by epoch."""
    order = np.argsort(record.networks)
    names = [COUNTED[i] for i in order]
    text = [f"{n:,}" for n in record.networks[order]]
    bars = [Series("bars", names, record.networks[order], label="parameters", text=text)]
    blocks = [
        Series(
            "bars",
            list(BLOCKS),
            record.blocks[:, column],
            label=name,
            text=[f"{n:,}" for n in record.blocks[:, column]],
        )
        for column, name in ((1, "parameters"), (2, "products for one example"))
    ]
    return (
        Figure("Parameters of landmark networks", bars, "", "parameters", log_y=True),
        Figure(f"Blocks on {ON[0]} maps of {ON[1]} × {ON[2]}", blocks, "", "count", log_y=True),
        _lines("Gradient of a unit output gradient, before training", record.norms, 1, "layer", "norm", True),
        _lines("Training loss", record.trained.losses, 1, "epoch", "cross-entropy", False),
    )


def _lines(title: str, seen: np.ndarray, first: int, x: str, y: str, log: bool) -> Figure:
    """The median of the seeds, and from the least to the largest, of each chain."""
    at, lines = np.arange(first, first + seen.shape[2]), []
    for i, name in enumerate(NAMES):
        lines.append(Series("band", at, seen[i].min(0), seen[i].max(0), label=f"{name}, all seeds", colour=i))
        lines.append(Series("line", at, np.median(seen[i], axis=0), label=f"{name}, median", colour=i))
    return Figure(title, lines, x, y, log_y=log)


def claim_lenet_has_these_parameters(config: Config, record: Record) -> bool:
    """Claim 1: LeNet-5 (32x32 input, fully connected third convolution): 156 + 2,416 + 48,120 + 10,164 + 850 = 61,706."""
    counted = record.networks[COUNTED.index("lenet5")]
    return record.lenet.tolist() == [156, 2416, 48_120, 10_164, 850] and counted == record.lenet.sum() == 61_706


def claim_inception_puts_four_branches_together(config: Config, record: Record) -> bool:
    """Claim 2: inception output 64 + 128 + 32 + 32 = 256 channels; count = sum over six convolutions of c_out (c_in k² + 1)."""
    by_hand = sum(n_out * (n_in * k * k + 1) for n_in, k, n_out in BRANCHES)
    return record.inception.tolist() == [64 + 128 + 32 + 32, by_hand]


def claim_a_shortcut_is_the_identity_and_adds_to_the_jacobian(config: Config, record: Record) -> bool:
    """Claim 3: a block x + F(x) with F = 0 is the identity (exactly; dense and convolutional); its Jacobian is I + J_F (1e-9)."""
    s = record.shortcut
    same = np.array_equal(s.inputs, s.through) and np.array_equal(s.maps, s.maps_through)
    return same and np.allclose(s.jacobian, s.identity_and_branch, rtol=1e-9, atol=1e-12)


def claim_gradients_reach_the_first_layer_by_shortcuts(config: Config, record: Record) -> bool:
    """Claim 4: first-layer gradient norm for a unit output gradient: plain < 1e-4, residual > 1, all 5 seeds."""
    plain, residual = record.norms[:, :, 0]
    return bool(np.all(plain < 1e-4) and np.all(residual > 1))


def claim_the_residual_network_learns(config: Config, record: Record) -> bool:
    """Claim 5: final training loss: residual < plain by 1 (median of 5)."""
    plain, residual = record.trained.losses[:, :, -1]
    return bool(np.median(plain - residual) >= 1)
