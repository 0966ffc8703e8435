"""The tree: symbols, numbers, and operations applied to trees; what each operation computes and how it is drawn.

Read `expression` (the tree), `operations` (the table, to which the files below add their entries), `layout` (a tree as
boxes), then any of the entries: `entrywise`, `linear`, `structure`, `arrays`, `matrices`, `convolution`, `recurrence`,
`normalised`, `attention`, `picking`, `special`. `verify` says when two trees are taken for the same.
"""

from __future__ import annotations

from gradiens.equations.tree import (
    arrays,
    attention,
    convolution,
    entrywise,
    linear,
    matrices,
    normalised,
    picking,
    recurrence,
    special,
    structure,
)

__all__ = [
    "arrays", "attention", "convolution", "entrywise", "linear", "matrices", "normalised", "picking", "recurrence",
    "special", "structure",
]  # fmt: skip
