"""The order of the examples: a pure function of (seed, step), so that an interrupted run resumes from one integer.

Epoch e is the permutation of 0 … n-1 drawn by Philox with the key (seed, e). The epochs are laid end to end into one
stream and step t takes its rows [t B, (t+1) B); a minibatch may end one epoch and begin the next, no row is left out.

Book: 4.2.
"""

from __future__ import annotations

import numpy as np

from gradiens.core.check import Mistake


class Minibatches:
    """The row indices of each step. `batch` above `n` means the whole data at every step."""

    def __init__(self, n: int, batch: int, seed: int = 0):
        if n < 1 or batch < 1:
            raise Mistake("at least one row and a batch of at least 1", f"{n} rows and a batch of {batch}")
        if seed < 0:
            raise Mistake("a seed of at least 0", seed)
        self.n, self.batch, self.seed = n, min(batch, n), seed
        self._last: tuple[int, np.ndarray] = (-1, np.empty(0, np.int32))  # a cache: it changes no result

    @property
    def steps_per_epoch(self) -> int:
        """The number of steps after which every row has been used at least once."""
        return -(-self.n // self.batch)

    def __call__(self, start: int, stop: int) -> np.ndarray:
        """The indices of steps start … stop-1: int32, (stop - start, batch)."""
        first, end = start * self.batch, stop * self.batch
        epochs = range(first // self.n, -(-end // self.n))
        stream = np.concatenate([np.empty(0, np.int32), *map(self._epoch, epochs)])
        offset = first - epochs.start * self.n
        return stream[offset : offset + end - first].reshape(stop - start, self.batch)

    def _epoch(self, e: int) -> np.ndarray:
        cached, order = self._last
        if cached == e:
            return order
        key = np.array([self.seed, e], dtype=np.uint64)
        order = np.random.Generator(np.random.Philox(key=key)).permutation(self.n).astype(np.int32)
        self._last = (e, order)
        return order
