"""IDX files, whole and damaged."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.data.idx import parse_idx, read_idx

HEAD = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}


def idx(array):
    """Written from the format's description."""
    code = HEAD[array.dtype.str[1:]]
    head = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.mark.parametrize("kind", HEAD)
@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 3, 4), (0, 3)])
def test_what_was_written_is_read(tmp_path, kind, shape):
    array = (np.arange(np.prod(shape)) * 7 - 3).astype(kind).reshape(shape)
    for name, data in (("a", idx(array)), ("a.gz", gzip.compress(idx(array)))):
        (tmp_path / name).write_bytes(data)
        got = read_idx(tmp_path / name)
        assert got.dtype == array.dtype and got.dtype.isnative
        np.testing.assert_array_equal(got, array)


WHOLE = idx(np.arange(6, dtype="u1").reshape(2, 3))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\0\0\x08", "IDX file"),
        (b"\1" + WHOLE[1:], "beginning 01000802"),
        (b"\0\0\x07\x01" + WHOLE[4:], "IDX file"),
        (b"\0\0\x08\x00", "IDX file"),
        (WHOLE[:9], "header of 12 bytes"),
        (WHOLE[:-1], r"18 bytes for shape \(2, 3\), got 17"),
        (WHOLE + b"\0", "got 19"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "bytes for shape"),
    ],
)
def test_damage_is_a_mistake(data, says):
    with pytest.raises(Mistake, match=says):
        parse_idx(data)


def test_damaged_wrapper_and_no_file(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(WHOLE * 100)[:-9])
    with pytest.raises(Mistake, match="cut off"):
        read_idx(tmp_path / "a.gz")
    with pytest.raises(Mistake, match="does not exist"):
        read_idx(tmp_path / "b")
