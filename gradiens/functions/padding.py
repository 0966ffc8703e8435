"""Padding by name: how many zeros go before and after an axis so that the result has the size that is wanted.

    "valid"    none: only places where the whole window fits
    "same"     d (k - 1) in all: at stride 1 as many places as before; of an odd number the larger half comes after
    "causal"   d (k - 1), all before: place t depends on nothing after t

Book: 6.4.  Source: Dumoulin & Visin (2016), chapter 2.
"""

from __future__ import annotations

from gradiens.core.check import known
from gradiens.functions.convolution import Around, Sides, around, each

PADDINGS = ("valid", "same", "causal")


def padding_of(padding: Around | str, window: Sides, dilation: Sides = 1, axes: int = 2) -> tuple[tuple[int, int], ...]:
    """The zeros (before, after) each axis, of a padding that is named or told in numbers.

    Raises `Mistake` for a name that is not known, or numbers below 0 or of other axes.
    """
    if not isinstance(padding, str):
        return tuple(around(padding, axes))
    known("padding", padding, PADDINGS)
    wholes = [d * (k - 1) for k, d in zip(each(window, axes), each(dilation, axes))]
    halves = {"valid": lambda whole: (0, 0), "same": lambda whole: (whole // 2, whole - whole // 2)}
    return tuple(halves.get(padding, lambda whole: (whole, 0))(whole) for whole in wholes)
