"""Shared by all tests: strict dtypes and ranks, one cache of compiled programs, double precision where a test asks for it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import jax
import pytest

jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")


def pytest_configure(config):
    """Compiled programs are kept for the length of the run, in a folder that all workers share: much is compiled twice."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["GRADIENS_TEST_PROGRAMS"] = folder = tempfile.mkdtemp(prefix="gradiens-programs-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    jax.config.update("jax_compilation_cache_dir", os.environ["GRADIENS_TEST_PROGRAMS"])
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


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
