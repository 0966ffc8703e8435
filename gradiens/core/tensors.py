"""Named arrays and a JSON header in one safetensors file, with a checksum: never pickle, safe to load from a stranger."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import jax
import numpy as np

from gradiens.core.check import Mistake
from gradiens.core.files import write_bytes
from gradiens.core.module import key_path, named_leaves


def save(path: Path, tree: Any, header: dict[str, Any]) -> None:
    """Write the arrays of `tree` by their paths, and `header`."""
    from safetensors.numpy import save as pack

    arrays = {name: np.asarray(leaf) for name, leaf in named_leaves(tree).items()}
    text = json.dumps(header, ensure_ascii=False, sort_keys=True)
    # One entry: the library writes several in no fixed order, and equal runs must give equal files.
    write_bytes(path, pack(arrays, {"gradiens": _digest(arrays, text) + text}))


def load(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays and the header; a `Mistake` for a file that is missing, damaged or not ours."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise Mistake(f"the file {path}", "no such file")
    try:
        with safe_open(path, framework="numpy") as file:
            meta = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError, ValueError) as error:
        raise Mistake("a whole safetensors file", f"{path.name}, damaged or cut short ({str(error)[:80]})") from None
    if "gradiens" not in meta:
        raise Mistake("a file written by Gradiens", f"{path.name}, a safetensors file of another program")
    digest, text = meta["gradiens"][:64], meta["gradiens"][64:]
    if _digest(arrays, text) != digest:
        raise Mistake("a whole safetensors file", f"{path.name}, whose checksum does not match its content")
    return arrays, json.loads(text)


def fill(template: Any, arrays: dict[str, np.ndarray]) -> Any:
    """`template` with each array (or shape) replaced by the stored array of its path; shapes and dtypes must agree."""
    leaves, shape = jax.tree_util.tree_flatten_with_path(template)
    return shape.unflatten([_stored(key_path(path), leaf, arrays) for path, leaf in leaves])


def _stored(name: str, leaf: Any, arrays: dict[str, np.ndarray]) -> Any:
    if not hasattr(leaf, "dtype"):
        return leaf
    stored = arrays.get(name)
    if stored is None or (stored.shape, stored.dtype) != (leaf.shape, leaf.dtype):
        got = "nothing" if stored is None else f"{stored.dtype}{list(stored.shape)}"
        raise Mistake(f"{name} as {leaf.dtype}{list(leaf.shape)}", got, "the file belongs to another model")
    return jax.numpy.asarray(stored)


def _digest(arrays: dict[str, np.ndarray], text: str) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name}{array.dtype}{array.shape}".encode())
        digest.update(array.data if array.size else b"")
    return digest.hexdigest()
