"""One-hot coding: class k of K as the k-th unit vector, and back.

Book: 1.6.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from gradiens.core.check import Mistake

KIND = "preprocessing"


def one_hot(codes: Int[np.ndarray, "*n"], classes: int) -> Float[np.ndarray, "*n K"]:
    """1 at the place of the class and 0 elsewhere, in float32; `argmax` over the last axis gives the codes back.

    Raises `Mistake` for a code outside 0 … K-1 or one that is no whole number.

    Book: 1.6.
    """
    codes = np.asarray(codes)
    if codes.dtype.kind not in "iu" or (codes.size and (codes.min() < 0 or codes.max() >= classes)):
        got = f"{codes.min()} … {codes.max()} ({codes.dtype})" if codes.size else codes.dtype
        raise Mistake(f"class codes 0 … {classes - 1}", got)
    return (codes[..., None] == np.arange(classes)).astype(np.float32)
