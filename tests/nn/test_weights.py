"""Weights from elsewhere: what is put in, and what is refused with one clear line."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.nn.dense import Dense
from gradiens.nn.weights import read_weights, with_weights

NAMES = {"W": "fc.weight", "b": "fc.bias"}
ARRAYS = {"fc.weight": np.arange(6.0, dtype="f4").reshape(2, 3), "fc.bias": np.float32([7, 8])}


def layer():
    return Dense.make(3, 2, jax.random.key(0))


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_there_and_back(tmp_path, suffix):
    from safetensors.numpy import save_file

    path = tmp_path / f"w{suffix}"
    if suffix == ".npz":
        np.savez(path, **ARRAYS)
    else:
        save_file(ARRAYS, path)
    filled = with_weights(layer(), read_weights(path), NAMES)
    np.testing.assert_array_equal(filled.W, ARRAYS["fc.weight"])
    np.testing.assert_array_equal(filled(np.float32([1, 1, 1])), [10, 20])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda a: a.pop("fc.bias"), "fc.bias of shape"),
        (lambda a: a.update({"fc.bias": np.zeros(3, "f4")}), r"\(3,\)"),
        (lambda a: a.update({"other": np.zeros(3, "f4")}), "other"),
    ],
)
def test_what_does_not_fit(change, says):
    arrays = dict(ARRAYS)
    change(arrays)
    with pytest.raises(Mistake, match=says):
        with_weights(layer(), arrays, NAMES)


def test_an_array_without_a_name():
    with pytest.raises(Mistake, match="none for b"):
        with_weights(layer(), ARRAYS, {"W": "fc.weight"})


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_damaged_and_missing_files(tmp_path, suffix):
    path = tmp_path / f"w{suffix}"
    with pytest.raises(Mistake, match="no such file"):
        read_weights(path)
    path.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(Mistake, match="whole"):
        read_weights(path)


def test_objects_are_refused(tmp_path):
    """A pickled object in an .npz would run code."""
    path = tmp_path / "w.npz"
    np.savez(path, a=np.array([{"a": 1}], dtype=object))
    with pytest.raises(Mistake, match="plain arrays"):
        read_weights(path)
