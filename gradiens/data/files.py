"""Files of the public data sets: found in GRADIENS_DATA, else in the cache folder, else downloaded; checked by sha256.

The sum is that of the uncompressed content: the .gz wrappers differ between mirrors. A file may lie there with or
without its .gz. The cache is `user_cache_dir("gradiens")`, or the folder in GRADIENS_CACHE.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import sys
import tempfile
import urllib.error
import urllib.request
import zlib
from dataclasses import dataclass
from pathlib import Path

from gradiens.core.check import Failure, Mistake

_TIMEOUT = 30  # seconds without an answer
_PIECE = 1 << 18


@dataclass(frozen=True)
class Remote:
    """One public file: the folder of its set, its name, the sha256 of its uncompressed content, the address (or "")."""

    folder: str
    name: str
    sha256: str
    url: str = ""


def cache_folder() -> Path:
    """Where downloaded data are kept."""
    import platformdirs

    return Path(os.environ.get("GRADIENS_CACHE") or platformdirs.user_cache_dir("gradiens"))


def places(remote: Remote) -> list[Path]:
    """Where the file may lie, in the order in which it is looked for."""
    shared = os.environ.get("GRADIENS_DATA", "")
    folders = [Path(shared), cache_folder()] if shared else [cache_folder()]
    names = dict.fromkeys((remote.name, remote.name.removesuffix(".gz")))
    return [folder / remote.folder / name for folder in folders for name in names]


def locate(remote: Remote) -> Path:
    """The file, downloaded into the cache when it is nowhere; a `Failure` says which file to put where."""
    for path in places(remote):
        if path.is_file():
            return path
    if not remote.url:
        raise Failure(
            f"{remote.folder}/{remote.name} is not on this machine and has no public address", _advice(remote)
        )
    return _download(remote)


def content(remote: Remote) -> bytes:
    """The uncompressed and checked content; a damaged file is a `Mistake` that names it."""
    path = locate(remote)
    data = _unpacked(path.read_bytes(), path.name)
    if data is None or hashlib.sha256(data).hexdigest() != remote.sha256:
        got = f"another content in {path}"
        raise Mistake(f"{remote.name} with sha256 {remote.sha256}", got, "remove that file, or put the right one there")
    return data


def _unpacked(data: bytes, name: str) -> bytes | None:
    if not name.endswith(".gz"):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return None


def _advice(remote: Remote) -> str:
    place = f"{cache_folder() / remote.folder} or GRADIENS_DATA/{remote.folder}"
    return f"put {remote.name} (sha256 of its uncompressed content {remote.sha256}) into {place}"


def _download(remote: Remote) -> Path:
    """Into a temporary file beside the place, checked, renamed: the place never holds half a file."""
    place = cache_folder() / remote.folder / remote.name
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            temporary = Path(file.name)
    except OSError as error:
        raise Failure(f"cannot write to the cache folder {place.parent} ({error})", "set GRADIENS_CACHE") from None
    try:
        temporary.write_bytes(_fetch(remote))
        os.replace(temporary, place)
    except OSError as error:  # refused, unknown host, timeout, full disk: URLError is an OSError
        raise Failure(f"cannot download {remote.url} ({error})", _advice(remote)) from None
    finally:
        temporary.unlink(missing_ok=True)
    return place


def _fetch(remote: Remote) -> bytes:
    pieces, got = [], 0
    try:
        answer = urllib.request.urlopen(remote.url, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:  # it holds the connection
        error.close()
        raise
    with answer:
        size = int(answer.headers.get("Content-Length") or 0)
        while piece := answer.read(_PIECE):
            pieces.append(piece)
            got += len(piece)
            _progress(remote.name, got, size)
    data = b"".join(pieces)
    plain = _unpacked(data, remote.name)
    if plain is None or hashlib.sha256(plain).hexdigest() != remote.sha256:
        raise OSError(f"{len(data)} bytes of another content came: the address is wrong or the connection broke")
    return data


def _progress(name: str, got: int, size: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if got >= size else ""
        share = f" of {size / 1e6:.1f}" if size else ""
        print(f"\rdownloading {name}: {got / 1e6:.1f}{share} MB", end=end, file=sys.stderr, flush=True)
