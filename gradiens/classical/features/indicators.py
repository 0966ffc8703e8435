"""Indicator coding: a category with K levels as K - 1 columns of 0 and 1, one level being the one compared with.

    x_k = 1 where the level is k, else 0;   k = all levels but the reference

With an intercept, K columns would sum to it and leave the coefficients undetermined: the *full* coding is for models
with a penalty, or without intercept. The coefficient of level k is then the difference from the reference.

Book: 2.4.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake, known


@dataclasses.dataclass(frozen=True)
class Indicators:
    """The levels that get a column, in order, and the reference (None: all levels have one).

    Book: 2.4.
    """

    levels: tuple[str, ...]
    reference: str | None

    @classmethod
    def of(cls, values: Sequence[object], reference: str | None = None, full: bool = False) -> Indicators:
        """The coding of the levels that occur, sorted; the first is the reference if none is named.

        Raises `Mistake` when there are no values, or the reference does not occur.
        """
        found = sorted({str(value) for value in values})
        if not found:
            raise Mistake("at least one value", "none")
        if full:
            return cls(tuple(found), None)
        base = found[0] if reference is None else known("level", str(reference), found)
        return cls(tuple(level for level in found if level != base), base)

    def apply(self, values: Sequence[object]) -> Float[np.ndarray, "N M"]:
        """A column of 0 and 1 for each level. Raises `Mistake` for a level that was not there before."""
        given = np.array([str(value) for value in values])
        for level in sorted(set(given.tolist()) - {*self.levels, self.reference}):
            known("level", level, [*self.levels, *filter(None, [self.reference])])
        return (given[:, None] == np.array(self.levels)).astype(np.float64)
