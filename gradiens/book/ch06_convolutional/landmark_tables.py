"""Landmark networks by their shapes alone: how many parameters they have, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import groupby
from typing import Any

import equinox as eqx
import jax
from jaxtyping import Array

from gradiens.core.module import buffers
from gradiens.nn.draft import Draft
from gradiens.nn.landmarks.inception import Inception
from gradiens.nn.pictures.picture_networks import NETWORKS, picture_network
from gradiens.nn.pictures.unet import UNet
from gradiens.nn.shapes import ShapeRow, shape_table

Shape = tuple[int, int, int]

# Pictures and classes for which a network was made, where they are not 3 × 224 × 224 and 1000.
MADE_FOR = {"lenet5": ((1, 32, 32), 10), **dict.fromkeys(("resnet20", "resnet56"), ((3, 32, 32), 10))}
COUNTED = (*(name for name in NETWORKS if name != "small_cnn"), "unet")
MODULE = (64, (96, 128), (16, 32), 32)  # inception on 192 × 28 × 28
ON_MODULE = (192, 28, 28)
TABLES = ("lenet5", "vgg16", "vgg19", "resnet18", "resnet50", "inception module")


def drawn(name: str) -> tuple[Any, Shape]:
    """The shapes of a network or of the inception module, nothing allocated; and the shape of its input."""
    shape, classes = MADE_FOR.get(name, ((3, 224, 224), 1000))
    other: dict[str, tuple[Callable[[Array], Any], Shape]] = {
        "inception module": (lambda key: Inception.make(Draft(key, ON_MODULE), *MODULE), ON_MODULE),
        "unet": (lambda key: UNet.make(1, 2, key, (572, 572), padded=False), (1, 572, 572)),
    }
    make, shape = other.get(name, (lambda key: picture_network(name, shape, classes, key), shape))
    return eqx.filter_eval_shape(make, jax.random.key(0)), shape


def parameters(network: Any) -> int:
    """How many numbers of a network, or of its shapes, are trained; running averages are not."""
    kept = {id(leaf) for leaf in buffers(network)}
    return sum(leaf.size for leaf in jax.tree.leaves(network) if hasattr(leaf, "size") and id(leaf) not in kept)


def table(name: str) -> str:
    """A line for each layer with parameters, or in a deep network for all of them that give maps of one size: what they give,
    which they are, and their parameters."""
    network, shape = drawn(name)
    rows = [row for row in shape_table(network, shape) if row.parameters]
    deep = len(rows) > 10
    groups = [list(group) for _, group in groupby(rows, lambda row: (row.after[1:] or row.after) if deep else id(row))]
    total = f"{'':22}{'in all':28}{sum(row.parameters for row in rows):>12,}"
    return "\n".join([f"{name}, {_size(shape)}", *map(_line, groups), total])


def _line(rows: list[ShapeRow]) -> str:
    fewest, most = (end(row.after[0] for row in rows) for end in (min, max))
    given = _size((f"{fewest} … {most}" if fewest < most else most, *rows[0].after[1:]))
    kinds = ", ".join(f"{n} {kind}" for kind, n in Counter(row.layer for row in rows).items())
    return f"{given:22}{kinds:28}{sum(row.parameters for row in rows):>12,}"


def _size(shape: tuple[int | str, ...]) -> str:
    return " × ".join(map(str, shape))
