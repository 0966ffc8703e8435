"""The 490 tracts of Boston whose median house value is not cut at 50: the table and its columns by name."""

from __future__ import annotations

import numpy as np
import polars as pl
from jaxtyping import Float

from gradiens.data.sets.housing import housing


def tracts() -> pl.DataFrame:
    """The rows of the housing data with medv other than 50."""
    frame = housing().frame
    return frame.filter(frame["medv"] != 50)


def columns(frame: pl.DataFrame, *names: str) -> Float[np.ndarray, "N p"]:
    """These columns as a matrix in double precision."""
    return frame.select(names).to_numpy().astype(np.float64)
