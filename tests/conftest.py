"""Shared by all tests: strict dtypes and ranks, and double precision where a test asks for it."""

from __future__ import annotations

import os
from pathlib import Path

import jax
import pytest

jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")


@pytest.fixture
def x64():
    """Double precision for one test."""
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real data sets, from GRADIENS_DATA."""
    folder = os.environ.get("GRADIENS_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("GRADIENS_DATA is not set: the real data sets are not on this machine")
    return Path(folder)
