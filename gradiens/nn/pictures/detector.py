"""One-stage detector: a grid of anchors, and for each of them whether it holds a thing, where exactly, and which.

    h = trunk(x) ∈ ℝ^(C×H/s×W/s),    V = W ⋆ h + b ∈ ℝ^(A(5+K)×H/s×W/s)

Each cell of s × s pixels has A anchors; an anchor's 5 + K numbers are its objectness o, the offsets t of the box from it, and
the logits z of K classes. It is read as boxes with scores σ(o) softmax(z), of which suppression keeps the best.

Book: 6.8.  Source: Redmon et al. (2016) the grid; Liu et al. (2016) the anchors on it.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.functions.anchors import from_offsets, grid_of_anchors
from gradiens.functions.boxes import clip_box
from gradiens.nn.batched import Composite, Run
from gradiens.nn.chain import Chain
from gradiens.nn.convolutions.conv2d import Conv2d
from gradiens.nn.draft import Draft

KIND = "model"


class Detector(Composite):
    """5 + K numbers for each of the A H/s W/s anchors of a picture, cells row by row.

    Book: 6.8.  Source: Redmon et al. (2016), Liu et al. (2016).
    """

    trunk: Chain
    head: Conv2d
    sizes: tuple[float, ...] = eqx.field(static=True)
    ratios: tuple[float, ...] = eqx.field(static=True)
    size: tuple[int, int] = eqx.field(static=True)
    stride: int = eqx.field(static=True)

    @classmethod
    def make(
        cls,
        classes: int,
        key: Array,
        shape: tuple[int, int, int] = (1, 48, 48),
        maps: tuple[int, ...] = (8, 16, 32),
        sizes: tuple[float, ...] = (14.0, 20.0),
        ratios: tuple[float, ...] = (1.0, 2.5),
    ) -> Detector:
        """A convolution, relu and a pool for each of `maps`, one more convolution, the head; anchors of each size √(w h) and
        ratio h / w. The objectness begins at a probability of 1/100, as few anchors hold a thing."""
        s = 2 ** len(maps)
        if shape[1] % s or shape[2] % s or classes < 1:
            raise Mistake(f"at least one class, and a picture whose sides {s} divides", (classes, shape))
        draft, blocks = Draft(key, shape), []
        for wide in maps:
            blocks += [draft.conv(wide, 3, bias=True), "relu", draft.pool()]
        trunk = Chain.make(*blocks, draft.conv(maps[-1], 3, bias=True), "relu")
        per_cell = len(sizes) * len(ratios)
        head = draft.conv(per_cell * (5 + classes), 3, bias=True)
        rare = np.zeros((per_cell, 5 + classes), np.float32)
        rare[:, 0] = -np.log(99)
        made = cls(trunk, head, tuple(sizes), tuple(ratios), shape[1:], s)
        return eqx.tree_at(lambda m: m.head.b, made, jnp.asarray(rare.reshape(-1), head.W.dtype))

    @classmethod
    def example(cls, key: Array) -> tuple[Detector, Array]:
        """A small detector of two anchors a cell, and a picture for it."""
        return cls.make(2, key, (1, 4, 4), (2,), (2.0,), (1.0, 2.0)), jax.random.normal(key, (1, 4, 4))

    def forward(self, x: Float[Array, "*B C H W"], run: Run) -> Any:
        """The numbers of each anchor, (*B, A H/s W/s, 5 + K). Raises `Mistake` for pictures of another size."""
        if x.shape[-2:] != self.size:
            raise Mistake(f"pictures of {self.size[0]} × {self.size[1]}", " × ".join(map(str, x.shape[-2:])))
        V = run(self.head, run(self.trunk, x))
        cells = jnp.moveaxis(V, -3, -1)  # the numbers of a cell side by side
        return cells.reshape(*V.shape[:-3], -1, V.shape[-3] // self.per_cell)

    @property
    def per_cell(self) -> int:
        """A, the anchors of a cell."""
        return len(self.sizes) * len(self.ratios)

    @property
    def anchors(self) -> Float[np.ndarray, "N 4"]:
        """The boxes that the numbers are about, in the same order."""
        rows, columns = self.size[0] // self.stride, self.size[1] // self.stride
        return grid_of_anchors(rows, columns, self.stride, self.sizes, self.ratios)

    def read(self, output: Float[Array, "N 5K"]) -> tuple[Float[Array, "N 4"], Float[Array, "N K"]]:
        """Boxes within the picture, and the scores σ(o) softmax(z) of their classes."""
        boxes = from_offsets(output[:, 1:5], jnp.asarray(self.anchors, output.dtype))
        scores = jax.nn.sigmoid(output[:, :1]) * jax.nn.softmax(output[:, 5:], axis=-1)
        return clip_box(boxes, *self.size), scores
