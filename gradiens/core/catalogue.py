"""The only registry: what the packages hold, discovered from the packages.

A package (or a single module, or a base class) says of what kind its members are with a line `KIND = "optimizer"`. A
member is a public class or function that is defined there and whose docstring has a line `Book: …`. Its name is the
snake-case name of the object, as its file spells it (`rmsprop.py` holds `RMSprop`). So adding one means writing its
file: nothing here, or anywhere else, is edited.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from gradiens.core.check import known


@dataclass(frozen=True)
class Entry:
    """One catalogued object: its kind, name, the object, its module, and the sections of the book it belongs to."""

    kind: str
    name: str
    what: Any
    module: str
    book: tuple[str, ...]

    @property
    def says(self) -> str:
        """The first sentence of the docstring."""
        text = " ".join((inspect.getdoc(self.what) or "").split("\n\n")[0].split())
        return re.split(r"(?<=\.)\s", text)[0]

    @property
    def file(self) -> str:
        """The file, from the root of the project."""
        return self.module.replace(".", "/") + ".py"


def snake(name: str) -> str:
    """`CrossEntropy` → `cross_entropy`, `SGD` → `sgd`, `AdamW` → `adamw`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z]{2})", "_", name).lower()


def _modules(package: str) -> Iterator[tuple[str, ModuleType]]:
    """The modules at and below `package` with the kind that holds for each: its own `KIND`, else its package's."""
    root = importlib.import_module(package)
    kind = getattr(root, "KIND", "")
    if kind:
        yield kind, root
    for info in pkgutil.iter_modules(getattr(root, "__path__", [])):
        full = f"{package}.{info.name}"
        if info.ispkg:
            yield from _modules(full)
            continue
        module = importlib.import_module(full)
        own = getattr(module, "KIND", kind)
        if own:
            yield own, module


def _members(kind: str, module: ModuleType) -> Iterator[Entry]:
    for name, what in vars(module).items():
        defined_here = getattr(what, "__module__", None) == module.__name__
        if name.startswith("_") or not defined_here or not (inspect.isclass(what) or callable(what)):
            continue
        book = re.findall(r"^\s*Book: ([^\n]*?)\.?(?:\s{2,}|$)", inspect.getdoc(what) or "", re.MULTILINE)
        if book:
            sections = tuple(part.strip(" .") for part in ", ".join(book).split(","))
            stem = module.__name__.rsplit(".", 1)[-1]
            own = stem if stem.replace("_", "") == name.lower() else snake(name)
            yield Entry(getattr(what, "KIND", kind), own, what, module.__name__, sections)


# The packages that hold members; doors (cli, lab) and the book, whose sections are files, are not among them.
_HOLDERS = (
    *("functions", "calculus", "data", "classical", "nn", "optim", "evaluation", "interpret", "gp", "mdp", "env"),
    *("tune", "generative", "rl"),
)


@functools.cache
def everything() -> tuple[Entry, ...]:
    """Every catalogued object, ordered by kind and name."""
    root = importlib.import_module("gradiens")
    found = [
        entry
        for info in pkgutil.iter_modules(root.__path__)
        if info.name in _HOLDERS
        for kind, module in _modules(f"gradiens.{info.name}")
        for entry in _members(kind, module)
    ]
    return tuple(sorted(found, key=lambda entry: (entry.kind, entry.name)))


def kinds() -> list[str]:
    """The kinds there are."""
    return sorted({entry.kind for entry in everything()})


def members(kind: str) -> dict[str, Entry]:
    """The members of one kind, by name."""
    return {entry.name: entry for entry in everything() if entry.kind == kind}


def find(name: str, kind: str = "") -> Entry:
    """The object called `name`; a `Mistake` with the nearest name when there is none."""
    among = {entry.name: entry for entry in everything() if not kind or entry.kind == kind}
    name = name.replace("-", "_")
    return among[known(kind or "object of the catalogue", name, among)]
