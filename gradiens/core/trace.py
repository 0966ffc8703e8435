"""The trace of a run: what `record` keeps of its steps, thinned to one row a stride."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np


class Trace:
    """The rows kept so far: one after each whole stride of steps, and one after the last step."""

    def __init__(self, before: Any = None):
        self.rows = [before.trace] if before is not None and before.trace is not None else []
        self.at = [np.asarray(before.at)] if before is not None and self.rows else []
        self.tail: tuple[Any, int] | None = None

    def add(self, out: Any, stride: int) -> None:
        """Take the rows of a chunk."""
        first, t = int(out.first), int(out.t)
        if t == first:
            return
        start = first // stride
        whole = t // stride - start
        if whole > 0:
            self.rows.append(jax.tree.map(lambda a: np.asarray(a)[:whole], out.rows))
            self.at.append((start + 1 + np.arange(whole)) * stride)
        self.tail = None if t % stride == 0 else (jax.tree.map(lambda a: np.asarray(a)[whole][None], out.rows), t)

    def finish(self) -> tuple[Any, np.ndarray]:
        """The whole trace and the step counts of its rows."""
        if self.tail is not None:
            self.rows.append(self.tail[0])
            self.at.append(np.asarray([self.tail[1]]))
        if not self.rows:
            return None, np.zeros(0, np.int64)
        return jax.tree.map(lambda *leaves: np.concatenate(leaves), *self.rows), np.concatenate(self.at)
