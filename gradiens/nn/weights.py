"""Weights trained elsewhere: arrays by name from an .npz or safetensors file, put into a model by a declared map of names.

Nothing in such a file is run: pickled objects are refused.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from gradiens.core.check import Mistake
from gradiens.core.module import key_path

M = TypeVar("M")


def read_weights(path: str | Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz or .safetensors file by name; a `Mistake` for a missing or damaged file, or for objects in it."""
    path = Path(path)
    if not path.is_file():
        raise Mistake(f"the file {path}", "no such file")
    try:
        if path.suffix == ".npz":
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        from safetensors.numpy import load_file

        return load_file(path)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise Mistake("a whole .npz or .safetensors file of plain arrays", f"{path.name} ({str(error)[:80]})") from None
    except Exception as error:  # safetensors raises a class of its own, and only what is damaged gets here
        raise Mistake("a whole safetensors file", f"{path.name}, damaged ({str(error)[:80]})") from None


def with_weights(model: M, arrays: Mapping[str, np.ndarray], names: Mapping[str, str]) -> M:
    """`model` with every array replaced by the one that `names` (own path → foreign name) gives; none may be left over.

    Of a model made by `equinox.filter_eval_shape`, shapes in the place of arrays, it makes one with arrays. Axes of length 1 at
    the end of a shape do not count: a matrix may serve as a kernel with window 1.

    Raises `Mistake` that names the first array that is missing, has another shape, or has no place.
    """
    leaves, shape = jax.tree_util.tree_flatten_with_path(model)
    paths = {key_path(at) for at, leaf in leaves if hasattr(leaf, "shape")}
    unnamed = sorted(paths - set(names))
    if unnamed:
        raise Mistake("a name for every array of the model", f"none for {unnamed[0]}")
    left = [name for name in arrays if name not in names.values() and not name.endswith("num_batches_tracked")]
    if left:
        raise Mistake("only arrays that the model has", left[0], "the weights belong to another network")
    placed = [_array(arrays, names[key_path(at)], leaf) if hasattr(leaf, "shape") else leaf for at, leaf in leaves]
    return shape.unflatten(placed)


def _array(arrays: Mapping[str, np.ndarray], name: str, leaf: Any) -> jax.Array:
    array = arrays.get(name)
    if array is None or _without_ones(array.shape) != _without_ones(leaf.shape):
        got = "nothing" if array is None else f"shape {array.shape}"
        raise Mistake(f"{name} of shape {leaf.shape}", got, "the weights belong to another network")
    return jnp.asarray(array.reshape(leaf.shape))  # in the precision of the file


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape but for the axes of length 1 at its end: a dense layer at each pixel is a convolution with window 1."""
    while shape and shape[-1] == 1:
        shape = shape[:-1]
    return shape
