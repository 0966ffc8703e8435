"""IDX, the format of MNIST: two zero bytes, the type, the number of axes, their lengths (big-endian), the values.

Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits", file formats.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

from gradiens.core.check import Mistake

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def parse_idx(data: bytes, name: str = "the data") -> np.ndarray:
    """The array in the bytes of an IDX file, in the machine's byte order; a `Mistake` when they are damaged."""
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in _TYPES or data[3] == 0:
        raise Mistake(
            "an IDX file (two zero bytes, a type, the number of axes)", f"{name} beginning {data[:4].hex() or 'empty'}"
        )
    dtype, axes = np.dtype(_TYPES[data[2]]), data[3]
    start = 4 + 4 * axes
    if len(data) < start:
        raise Mistake(f"an IDX header of {start} bytes", f"{name} with {len(data)}, cut off", "fetch the file again")
    shape = struct.unpack(f">{axes}I", data[4:start])
    need = start + dtype.itemsize * int(np.prod(shape, dtype=object))
    if len(data) != need:
        raise Mistake(f"{need} bytes for shape {shape}", f"{len(data)} in {name}", "fetch the file again")
    array = np.frombuffer(data, dtype, offset=start).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False)


def read_idx(path: str | Path) -> np.ndarray:
    """The array in an IDX file, plain or .gz."""
    path = Path(path)
    if not path.is_file():
        raise Mistake("an IDX file", f"{path}, which does not exist", "check the path")
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            raise Mistake("a whole .gz file", f"{path}, damaged or cut off", "fetch the file again") from None
    return parse_idx(data, str(path))
