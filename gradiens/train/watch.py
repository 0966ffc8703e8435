"""Statistics of the layers at each evaluation of a fit, kept in its history: fading signals, exploding gradients, dead units.

Book: 5.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradiens.core.compiler import Compiled
from gradiens.train.layer_statistics import LayerStatistics, layer_names, layer_statistics
from gradiens.train.spread import spread
from gradiens.train.training import Loss

ROWS = 256  # training rows on which the layers are watched


class LayerWatch:
    """The statistics of a model's layers on the same few rows, one compilation for all evaluations.

    Book: 5.3.
    """

    def __init__(self, features: Any, loss: Loss, x: Any, y: np.ndarray):
        rows = spread(len(y), ROWS)
        self.rows = jax.tree.map(lambda a: np.asarray(a[rows]), (x, y))
        self.features, self.names = features, tuple[str, ...]()
        self.program = Compiled(lambda model, x, y: layer_statistics(model, loss, jax.vmap(features)(x), y))

    def __call__(self, model: Any) -> dict[str, Any]:
        """`{"names": […], "rms": […], …}`, a number a layer, None where there is none."""
        x, y = self.rows
        if not self.names:
            self.names = tuple(layer_names(model, jax.eval_shape(jax.vmap(self.features), x)))
        found = self.program(model, x, y)._asdict()
        return {"names": list(self.names), **{name: _plain(values) for name, values in found.items()}}


def watched(history: Sequence[dict[str, Any]]) -> tuple[list[str], list[int], list[LayerStatistics]]:
    """Of a history: the layers, the steps at which they were watched, the statistics then."""
    rows = [(row["step"], row["layers"]) for row in history if "layers" in row]
    names = rows[-1][1]["names"] if rows else []
    return names, [step for step, _ in rows], [_statistics(row) for _, row in rows]


def _statistics(row: dict[str, Any]) -> LayerStatistics:
    return LayerStatistics(*(jnp.asarray(np.array(row[name], np.float32)) for name in LayerStatistics._fields))


def _plain(values: Any) -> list[float | None]:
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in np.asarray(values)]
