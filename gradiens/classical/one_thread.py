"""BLAS and LAPACK on one thread for a while.

Thousands of short parallel regions cost thirtyfold on a busy machine and gain little on a quiet one.
"""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def _controller() -> Any:
    """Finding the loaded libraries takes milliseconds; those of NumPy and SciPy are loaded together, and stay."""
    import scipy.linalg  # noqa: F401 - its own BLAS has to be there to be found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_thread() -> Any:
    """A context in which BLAS works on the calling thread alone."""
    return _controller().limit(limits=1, user_api="blas")
