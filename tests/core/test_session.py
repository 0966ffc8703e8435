"""The settings of a process."""

from __future__ import annotations

import jax
import pytest

from gradiens.core.session import use_compile_cache


@pytest.fixture
def folder():
    """JAX's folder for compiled programs, put back afterwards."""
    before = jax.config.jax_compilation_cache_dir
    yield before
    jax.config.update("jax_compilation_cache_dir", before)


def test_a_given_folder_stays(folder, tmp_path):
    jax.config.update("jax_compilation_cache_dir", str(tmp_path))
    assert use_compile_cache() == tmp_path and jax.config.jax_compilation_cache_dir == str(tmp_path)


def test_without_one_it_is_the_cache_of_gradiens(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIENS_CACHE", str(tmp_path))
    jax.config.update("jax_compilation_cache_dir", None)
    assert use_compile_cache() == tmp_path / "compiled" == type(tmp_path)(jax.config.jax_compilation_cache_dir)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GRADIENS_CACHE", str(tmp_path / "file"))
    jax.config.update("jax_compilation_cache_dir", None)
    assert use_compile_cache() is None
