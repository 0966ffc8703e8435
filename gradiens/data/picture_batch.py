"""Many pictures' files as one array, decoded in threads; what is unlike the rest is counted, what cannot be read left out."""

from __future__ import annotations

import itertools
import math
import os
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, UInt8

from gradiens.core.check import Mistake
from gradiens.core.progress import Bar
from gradiens.data.decode import SCALES, TRAITS, Decoded, Form, Look, decode, form_of, look

LARGEST = 64  # pixels of a side that pictures get without being asked
LOOKS = 2000  # files whose heads decide size and colours
_COPIES = 3  # of the pixels that a run holds: as read, in its parts, on the device
_TASK = 32  # files of one task of a thread


@dataclass(frozen=True)
class Batch:
    """Pixels of the files that could be read, which those are, the sha256 of every file, and notes in words."""

    pixels: UInt8[np.ndarray, "N H W *C"]
    read: Bool[np.ndarray, " files"]
    sums: tuple[str, ...]
    notes: tuple[str, ...]


def choose_form(files: Sequence[Path], size: int | None) -> tuple[Form, str]:
    """The form of the pictures in these files, by the heads of at most 2,000 of them, evenly spaced."""
    places = np.linspace(0, len(files) - 1, min(len(files), LOOKS)).round().astype(int)
    sample = [files[i] for i in places]
    with _threads() as pool:
        looks = [one for one in pool.map(look, sample) if isinstance(one, Look)]
    if not looks:
        first = decode(sample[0], Form(1, 1, 1)).fault
        raise Mistake("pictures that can be read", f"none among {len(sample)} files, {shown(sample[0].name)}: {first}")
    return form_of(looks, size, LARGEST)


def read_pictures(files: Sequence[Path], names: Sequence[str], form: Form) -> Batch:
    """The pictures in `files`, called `names` in notes. More than half unreadable is a `Mistake`, and so is too many."""
    _check_memory(len(files), form)
    pixels = np.empty((len(files), *form.shape), np.uint8)
    told: list[Decoded] = []
    with Bar("decoding pictures", len(files)) as bar, _threads() as pool:
        for one in _in_order(pool, files, form):
            if one.pixels is not None:
                pixels[len(told)] = one.pixels
            told.append(one._replace(pixels=None))
            bar.show(len(told), {})
    _one_scale(files, form, told, pixels)
    read = np.array([not one.fault for one in told], bool)
    notes = (*_faults(names, told), *_traits(names, told))
    return Batch(pixels if read.all() else pixels[read], read, tuple(one.sha256 for one in told), notes)


def _one_scale(files: Sequence[Path], form: Form, told: list[Decoded], pixels: np.ndarray) -> None:
    """Pictures of numbers whose scale is not that of most are read again with it: a dark one looks like one of 0 … 1."""
    for pair in SCALES:
        places = [[i for i, one in enumerate(told) if trait in one.traits] for trait in pair]
        few, scale = (places[0], pair[1]) if len(places[0]) <= len(places[1]) else (places[1], pair[0])
        for i in few:
            one = decode(files[i], form, scale)
            told[i] = one._replace(pixels=None)
            if one.pixels is not None:
                pixels[i] = one.pixels


def _in_order(pool: ThreadPoolExecutor, files: Sequence[Path], form: Form) -> Iterator[Decoded]:
    """Each file decoded, some tasks ahead of the reader: the pixels on the way stay few."""
    tasks = [files[i : i + _TASK] for i in range(0, len(files), _TASK)]
    work = lambda task: [decode(file, form) for file in task]  # noqa: E731
    ahead = [pool.submit(work, task) for task in tasks[:8]]
    rest = iter(tasks[8:])
    while ahead:
        done = ahead.pop(0).result()
        ahead += [pool.submit(work, task) for task in itertools.islice(rest, 1)]
        yield from done


@contextmanager
def _threads() -> Iterator[ThreadPoolExecutor]:
    """A pool of threads; a picture of too many pixels is an error in it; an interruption does not wait for what is left."""
    from PIL import Image

    pool = ThreadPoolExecutor(min(16, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of damaged EXIF, TIFF tags, palettes
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def _check_memory(n: int, form: Form) -> None:
    one, free = int(np.prod(form.shape)), free_memory()
    need = _COPIES * n * one
    if free is None or need <= free:
        return
    fits = int((free / (_COPIES * n * form.channels)) ** 0.5)
    got = f"{n:,} pictures of {form.high} × {form.wide}, which take {need / 1e9:.1f} GB"
    raise Mistake(f"pictures for {free / 1e9:.1f} GB of memory", got, f"--size {max(fits, 1)} would fit")


def free_memory() -> int | None:
    """Bytes that can be had without swapping, where the system says so."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(found[0]) * 1024 if found else None


def _faults(names: Sequence[str], told: Sequence[Decoded]) -> list[str]:
    bad = [f"{shown(name)} ({one.fault})" for name, one in zip(names, told, strict=True) if one.fault]
    if not bad:
        return []
    if len(bad) == 1 == len(told):
        raise Mistake("a picture", bad[0])
    if 2 * len(bad) > len(told):
        raise Mistake("pictures that can be read", f"{len(bad):,} of {len(told):,} that cannot: {first_of(bad)}")
    return [f"cannot be read, left out: {len(bad):,} of {len(told):,} pictures, {first_of(bad)}"]


def _traits(names: Sequence[str], told: Sequence[Decoded]) -> list[str]:
    notes = []
    for trait, says in TRAITS.items():
        having = [(shown(name), one.size) for name, one in zip(names, told, strict=True) if trait in one.traits]
        if not having:
            continue
        note = f"{says}: {len(having):,} of {len(told):,} pictures"
        if trait == "resized":
            note += f", {_span([size for _, size in having])}"
        elif len(having) < len(told):
            note += f", {first_of([name for name, _ in having])}"
        notes.append(note)
    return notes


def _span(sizes: list[tuple[int, int]]) -> str:
    """`from 20 × 30 to 40 × 60`: the fewest and the most pixels."""
    least, most = (f"{high} × {wide}" for high, wide in (min(sizes, key=math.prod), max(sizes, key=math.prod)))
    return f"from {least} to {most}" if least != most else f"from {least}"


def first_of(names: Sequence[str]) -> str:
    """The first three names."""
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def shown(name: str) -> str:
    """A file's name as text, also where its bytes are none."""
    return name.encode("utf-8", "backslashreplace").decode()
