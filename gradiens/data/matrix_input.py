"""From the rows of a matrix of numbers to the input of a model: each column standardised by its training rows."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Float

from gradiens.core.check import Mistake, known
from gradiens.data.columns import standardise
from gradiens.data.encoded import Encoded, default_precision
from gradiens.data.table import Table, read_table, tidy
from gradiens.data.target import Target


@dataclass(frozen=True)
class MatrixPreprocessing:
    """The names of the columns, their means and standard deviations (1 for a constant column), and the target."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    target: Target

    @classmethod
    def fit(cls, x: Float[np.ndarray, "N D"], names: tuple[str, ...], target: Target) -> MatrixPreprocessing:
        """Means and standard deviations (over N) of the columns; a power of two is taken out against overflow."""
        e = np.frexp(np.abs(x).max(axis=0))[1].astype(np.int32)
        z = np.ldexp(x, -e)
        mean, std = np.ldexp(z.mean(axis=0), e), np.ldexp(z.std(axis=0), e)
        std[(std == 0) | (z.min(axis=0) == z.max(axis=0))] = 1.0
        return cls(names, tuple(mean.tolist()), tuple(std.tolist()), target)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.names

    @property
    def n_features(self) -> int:
        """The number of columns."""
        return len(self.names)

    @property
    def levels(self) -> tuple[int, ...]:
        """No embedded columns."""
        return ()

    def read(self, path: str | Path) -> Table:
        """New rows from a file with these columns."""
        return read_table(path, least=1)

    def encode(self, data: Table | pl.DataFrame | Float[np.ndarray, "N D"]) -> Encoded:
        """The standardised numbers as float32; a table needs all columns by name, an array as many columns."""
        if isinstance(data, Table | pl.DataFrame):
            frame = tidy(data.frame if isinstance(data, Table) else data)
            data = frame.select([known("column of the data", name, frame.columns) for name in self.names]).to_numpy()
        x = np.asarray(data, np.float64)
        if x.ndim != 2 or x.shape[1] != self.n_features:
            raise Mistake(f"rows of {self.n_features} numbers", f"shape {x.shape}", "give the columns of the training")
        if not np.isfinite(x).all():
            raise Mistake("finite numbers in every column", "NaN or Inf", "mend or impute them first")
        z, far = standardise(x, np.asarray(self.mean), np.asarray(self.std))
        return Encoded(z, (f"{far} values cut at a million standard deviations",) * (far > 0), {})

    @staticmethod
    def features(x: Any) -> Any:
        """The row itself, in the default precision."""
        return default_precision(x)

    def decode_target(self, y: np.ndarray) -> np.ndarray:
        """Class names, or numbers in the target's unit."""
        return self.target.decode(y)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON."""
        return {"kind": "matrix", **dataclasses.asdict(self)}
