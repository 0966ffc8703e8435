"""A classifier of windows, slid over a larger picture: the same as one convolution.

    W h + b,  h ∈ ℝ^(C·H·W) the maps of a window          =          W̃ ⋆ h + b,  W̃ ∈ ℝ^(O×C×H×W) the same numbers

So a network of convolutions, pools, activations and dense layers, made for windows of one size, gives on a larger picture its
answer for every window at once, as far apart as its pools reach; what windows share is computed once. Convolutions must have
no padding: a window has no border inside the picture.

Book: 6.8.  Source: Sermanet et al. (2014), section 3.5.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.nn.chain import Activate, Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.convolutions.pool import AveragePool, Flatten, MaxPool
from gradiens.nn.dense import Dense

KIND = "transformation"

Shape = tuple[int, ...]


def as_convolution(layer: Dense, shape: tuple[int, int, int]) -> Conv2d:
    """The convolution whose one output on maps of this shape is what `layer` says of them as a vector.

    Book: 6.8.  Source: Sermanet et al. (2014), section 3.5.
    """
    n_out, n_in = layer.W.shape
    if math.prod(shape) != n_in:
        raise Mistake(f"maps of {n_in} numbers", " × ".join(map(str, shape)))
    return Conv2d(layer.W.reshape(n_out, *shape), layer.b, size=shape[1:])


def slid(network: Chain, shape: tuple[int, int, int]) -> Chain:
    """The network for windows of this shape, as convolutions alone: C × H × W of any larger size to K × H' × W'.

    Raises `Mistake` for a padded convolution, a pool with windows that are not full, an activation of a whole vector (softmax),
    or a layer that is none of convolution, pool, activation, flatten, dense.

    Book: 6.8.  Source: Sermanet et al. (2014), section 3.5.
    """
    blocks, reached, window = [], tuple(shape), None
    dtype = jax.tree.leaves(network)[0].dtype
    for block in _flat(network):
        if isinstance(block, Flatten):
            window = reached
        elif isinstance(block, Dense):
            blocks.append(as_convolution(block, _three(window if window else (*reached, 1, 1))))
            window = None
        else:
            _check(block)
            blocks.append(block)
        reached = eqx.filter_eval_shape(block, jax.ShapeDtypeStruct(reached, dtype)).shape
    return Chain(tuple(blocks))


def stride_of(network: Chain) -> int:
    """How many pixels lie between neighbouring windows: the product of the strides.

    Book: 6.8.
    """
    steps = [_step(block) for block in _flat(network)]
    return math.prod(steps)


def read_windows(
    answers: Float[Array, "K5 H2 W2"], stride: int, size: int, padding: int = 0
) -> tuple[Float[Array, "N 4"], Float[Array, "N K"]]:
    """Boxes in pixels and scores of the classes, of all windows row by row, from K + 1 logits (the last: background) and a box
    in parts of the window; `padding` zeros lay around the picture.

    Book: 6.8.  Source: Sermanet et al. (2014), section 4.2.
    """
    rows, columns = answers.shape[1:]
    flat = answers.reshape(len(answers), -1).T
    at = jnp.arange(rows * columns)
    corner = stride * jnp.stack([at % columns, at // columns], axis=1).astype(flat.dtype) - padding
    boxes = jnp.tile(corner, (1, 2)) + size * flat[:, -4:]
    ordered = jnp.concatenate([boxes[:, :2], jnp.maximum(boxes[:, :2], boxes[:, 2:])], axis=1)
    return ordered, jax.nn.softmax(flat[:, :-4], axis=1)[:, :-1]


def window_answers(network: Chain, x: Float[Array, "C H W"], size: int) -> Float[Array, "K H2 W2"]:
    """The same, window by window: the network on each size × size window of the picture, one after the other.

    Book: 6.8.
    """
    s = stride_of(network)
    rows, columns = (range(0, n - size + 1, s) for n in x.shape[1:])
    found = [[network(x[:, i : i + size, j : j + size]) for j in columns] for i in rows]
    return jnp.moveaxis(jnp.array(found), -1, 0)


def _flat(network: Any) -> Iterator[Any]:
    for block in network.blocks:
        yield from _flat(block) if isinstance(block, Chain) else (block,)


def _step(block: Any) -> int:
    if isinstance(block, MaxPool | AveragePool):
        step = block.window if block.stride is None else block.stride
    else:
        step = block.stride if isinstance(block, Conv2d) else 1
    if not isinstance(step, int):
        raise Mistake("one stride for both axes", step)
    return step


def _check(block: Any) -> None:
    if not isinstance(block, Conv2d | MaxPool | AveragePool | Activate):
        raise Mistake("convolutions, pools, activations, flatten and dense layers", type(block).__name__)
    if getattr(block, "padding", 0):
        raise Mistake("convolutions and pools without padding", type(block).__name__, "make them with padding=0")
    if getattr(block, "ceil", False):
        raise Mistake(
            "pools of full windows", "ceil=True", "what is cut off at a window's border goes on in the picture"
        )
    if isinstance(block, Activate) and not _of_each_number(block):
        name = getattr(block.activation, "__name__", block.activation)
        raise Mistake("activations of each number", name, "apply it to the maps of answers")


def _of_each_number(activation: Activate) -> bool:
    """Is it one function of each number? Then a column is the same to it as its numbers in a row."""
    with jax.ensure_compile_time_eval():
        z = jnp.array([-0.7, 0.4, 1.3])
        return bool(jnp.allclose(activation(z), activation(z[:, None])[:, 0]))


def _three(shape: Shape) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise Mistake("a flatten before the first dense layer", f"a dense layer on shape {shape}")
    return shape
