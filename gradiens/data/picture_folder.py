"""What a folder of pictures holds: one sub-folder a class, or those within train/ and test/ (or val/); nothing is opened.

Files are pictures by their names (`.png`, `.jpg`, …), at any depth below the folder of their class. Hidden files and those
that systems leave behind are passed over, other files are counted, links that run in a circle are followed once.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

from gradiens.core.check import Mistake
from gradiens.data.decode import SUFFIXES
from gradiens.data.picture_batch import first_of, shown

PARTS = {
    "train": "train", "training": "train", "test": "test", "testing": "test",
    "val": "val", "valid": "val", "validation": "val",
}  # fmt: skip
_LEFT_BEHIND = ("thumbs.db", "desktop.ini", "__macosx", "@eadir")


class Files(NamedTuple):
    """Pictures' files with the name of the class of each, and whether it is of the official test part."""

    paths: list[Path]
    names: list[str]  # from the root, with /
    labels: list[str]
    test: list[bool]
    notes: tuple[str, ...]


def scan(folder: str | Path) -> Files:
    """The files of `folder` and their classes.

    Raises `Mistake` for a folder without sub-folders of pictures, of one class, with a class that only test/ has, and where
    sub-folders may be parts or classes.
    """
    root, notes = _root(Path(folder))
    parts, others = _parts(root)
    found = Files([], [], [], [], ())
    if parts:
        beside = " and ".join(f"{sub.name}/" for sub in parts.values())
        notes += [f"folders beside {beside}, left out: {first_of(others)}"] * bool(others)
        notes += _take_parts(found, root, parts)
    else:
        notes += _take(found, root, root, False)
    labels = sorted_names({label for label, test in zip(found.labels, found.test, strict=True) if not test})
    if not found.paths:
        inside, loose = [shown(sub.name) for sub in _folders(root)], len(_own_pictures(root))
        got = f"{root} with {loose:,} pictures" if loose else f"{root} without pictures"
        got += f" and in {first_of(inside)} none" if inside else " and no sub-folder"
        raise Mistake("a folder with one sub-folder of pictures a class", got, "such as FOLDER/cat/1.jpg")
    if len(labels) < 2:
        raise Mistake(
            "pictures of at least two classes", f"{root} with {first_of(labels) or 'none'} alone", "add a class"
        )
    strange = sorted_names(set(found.labels) - set(labels))
    if strange:
        raise Mistake(f"classes of the test among those of training: {first_of(labels)}", repr(strange[0]))
    return found._replace(notes=tuple(notes))


def pictures_below(folder: Path) -> tuple[list[Path], list[str]]:
    """The pictures' files at any depth below a folder, in the order of their names, and the names of other files."""
    files = sorted((Path(entry.path) for entry in _files_below(folder)), key=lambda path: path.parts)
    pictures = [path for path in files if path.suffix.lower() in SUFFIXES]
    return pictures, sorted(path.name for path in files if path.suffix.lower() not in SUFFIXES)


def _files_below(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Every file at any depth; a folder that was seen before, by a link, is not entered again."""
    own, todo = Path(os.path.realpath(folder)), [folder]
    seen = {str(own), *map(str, own.parents)}
    while todo:
        entries = _entries(todo.pop())
        yield from (entry for entry in entries if not _is_folder(entry))
        inside = {os.path.realpath(entry.path): Path(entry.path) for entry in entries if _is_folder(entry)}
        todo += [path for real, path in inside.items() if real not in seen]
        seen |= set(inside)


def sorted_names(names: Iterable[str]) -> list[str]:
    """Names of classes in order: by their value if all are whole numbers."""
    names = list(names)
    numbers = all(name.isascii() and name.isdigit() for name in names)
    return sorted(names, key=lambda name: (int(name), name) if numbers else (0, name))


def _root(folder: Path) -> tuple[Path, list[str]]:
    """The folder, or the only sub-folder of it that holds the classes, as archives leave it."""
    notes = []
    while len(subs := _folders(folder)) == 1 and len(_folders(subs[0])) > 1 and not _own_pictures(folder):
        notes = [f"the classes are in {shown(subs[0].name)}"]
        folder = subs[0]
    return folder, notes


def _parts(root: Path) -> tuple[dict[str, Path], list[str]]:
    """train/ and test/ or val/ by what they are, nothing where sub-folders are classes; and the names of the others."""
    parts, others = {}, []
    for sub in _folders(root):
        kind = PARTS.get(sub.name.lower(), "")
        if kind in parts:
            return _unclear(parts[kind], sub, "name one of them otherwise")
        if kind:
            parts[kind] = sub
        else:
            others.append(shown(sub.name))
    if "train" not in parts or len(parts) < 2:
        return {}, []
    used = parts["train"], parts.get("test", parts.get("val", root))
    flat = [sub for sub in used if not any(pictures_below(inner)[0] for inner in _folders(sub))]
    if others and flat:
        return _unclear(
            flat[0], root / others[0], "put classes into train/ and test/, or rename those that are classes"
        )
    return parts, others


def _unclear(one: Path, other: Path, do: str) -> NoReturn:
    raise Mistake("sub-folders that are classes, or parts with classes", f"{one.name}/ beside {shown(other.name)}/", do)


def _take_parts(found: Files, root: Path, kinds: dict[str, Path]) -> list[str]:
    """The classes within train/, and those within test/, else val/, as the test part."""
    test = "test" if "test" in kinds else "val"
    notes = _take(found, root, kinds["train"], False) + _take(found, root, kinds[test], True)
    if len(kinds) == 3:
        notes += _take(found, root, kinds["val"], False)
        notes.append(f"the pictures of {kinds['val'].name}/ are among those of {kinds['train'].name}/")
    return [*notes, f"the pictures of {kinds[test].name}/ are the test part"] if test == "val" else notes


def _take(found: Files, root: Path, folder: Path, test: bool) -> list[str]:
    """Add the pictures of every class of `folder`; what is passed over in words."""
    others, empty = [], []
    for sub in _folders(folder):
        pictures, more = pictures_below(sub)
        label = unicodedata.normalize("NFC", shown(sub.name))
        others += more
        empty += [label] * (not pictures)
        found.paths.extend(pictures)
        found.names.extend(path.relative_to(root).as_posix() for path in pictures)
        found.labels.extend([label] * len(pictures))
        found.test.extend([test] * len(pictures))
    loose = [shown(path.name) for path in _own_pictures(folder)]
    notes = [f"class folders without a picture, no classes: {first_of(empty)}"] if empty else []
    notes += [f"pictures outside the folders of classes, left out: {len(loose):,} ({first_of(loose)})"] if loose else []
    return notes + (
        [f"files that are no pictures by their names: {len(others):,} ({first_of([*map(shown, others)])})"]
        if others
        else []
    )


def _own_pictures(folder: Path) -> list[Path]:
    return [Path(e.path) for e in _entries(folder) if not _is_folder(e) and Path(e.name).suffix.lower() in SUFFIXES]


def _folders(folder: Path) -> list[Path]:
    return [Path(entry.path) for entry in _entries(folder) if _is_folder(entry)]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is seen in a folder, by name; nothing in one that may not be read."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return []
    return [entry for entry in entries if entry.name[0] != "." and entry.name.lower() not in _LEFT_BEHIND]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that runs in a circle
        return False
