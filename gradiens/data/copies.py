"""Equal pictures among those to split: a copy in the test part would be known by heart, so that copies stay together.

Where a class has fewer different pictures than there are parts, they cannot: its rows are split one by one, and it is said.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int, UInt8


def copies(
    pixels: UInt8[np.ndarray, "N *shape"], y: Int[np.ndarray, " N"], classes: tuple[str, ...], parts: int
) -> tuple[Int[np.ndarray, " N"], list[str]]:
    """For each picture the row of the first one that goes to the same of the `parts`, and what was found, in words."""
    _, first, which = np.unique(_sums(pixels), return_index=True, return_inverse=True)
    groups = first[which]
    again = int(len(y) - len(first))
    if not again:
        return groups, []
    different = [len(np.unique(groups[y == k])) for k in range(len(classes))]
    small = [k for k, n in enumerate(different) if n < min(parts, np.count_nonzero(y == k))]
    loose = np.isin(groups, groups[np.isin(y, small)])
    groups = np.where(loose, np.arange(len(y)), groups)
    notes = [f"pictures that are equal to others: {again:,}; equal ones are in one part"]
    names = ", ".join(classes[k] for k in small[:3]) + (", …" if len(small) > 3 else "")
    few = f"classes with fewer than {parts} different pictures, the same ones in several parts: {names}"
    return groups, notes + [few] * bool(small)


def _sums(pixels: np.ndarray) -> np.ndarray:
    """64 bits of each picture's bytes."""
    return np.fromiter((hash(one.tobytes()) for one in pixels), np.int64, len(pixels))
