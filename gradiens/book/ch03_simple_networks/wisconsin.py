"""The Wisconsin data as the sections of this chapter take it: columns by name, and y = 1 for malignant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from gradiens.data.sets.breast_cancer import breast_cancer


def wisconsin(columns: Sequence[str] = ()) -> tuple[Float[np.ndarray, "569 D"], Int[np.ndarray, "569"]]:
    """These columns (all thirty when none is named), and y."""
    frame = breast_cancer().frame
    y = (frame["diagnosis"] == "malignant").to_numpy().astype(np.int64)
    return (frame.select(columns) if columns else frame.drop("diagnosis")).to_numpy(), y
