"""The sections of the book, discovered from the file system: `chNN_name/sMM_name.py` is section NN.MM.

A section's file holds

    its docstring           title line, the story, what is claimed
    Config(Module)          the knobs of the experiment
    Record(NamedTuple)      arrays: what the experiment gave
    run(config, key)        -> Record, pure
    show(config, record)    -> Figure or several, as data
    values(config, record)  -> dict[str, float], the key figures by name
    claim_<sentence>(config, record) -> bool, with the claim's number and text as docstring

and, for claims that need the full-size experiment, `long_run(config, key)` with `long_claim_<sentence>` and
`long_values`. A file is found, run and checked because it is there: nothing is registered, and finding it imports
nothing.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from gradiens.core.check import Mistake, known

ROOT = Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Section:
    """One section: its id ("4.3"), title, chapter, and file. `load` imports it."""

    id: str
    title: str
    chapter: int
    path: Path

    @property
    def module(self) -> str:
        """The dotted name of the section's module."""
        return ".".join(("gradiens.book", self.path.parent.name, self.path.stem))

    @property
    def story(self) -> str:
        """The docstring after its title line."""
        return _docstring(self.path).partition("\n")[2].strip()

    def load(self) -> ModuleType:
        """The section's module."""
        return importlib.import_module(self.module)


def claims(module: ModuleType, prefix: str = "claim_") -> dict[str, Callable[..., Any]]:
    """The claims of a section's module in the order of the file, by their sentence; the long ones by `long_claim_`."""
    found = [(name, what) for name, what in vars(module).items() if name.startswith(prefix) and callable(what)]
    return {name.removeprefix(prefix): what for name, what in sorted(found, key=lambda pair: _line(pair[1]))}


def _line(what: Callable[..., Any]) -> int:
    code = getattr(inspect.unwrap(what), "__code__", None)
    return code.co_firstlineno if code else 0


def _docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


@functools.cache
def sections(root: Path = ROOT) -> tuple[Section, ...]:
    """Every section, in the order of the book."""
    found = []
    for path in root.glob("ch*_*/s*_*.py"):
        chapter, number = re.match(r"ch(\d+)_", path.parent.name), re.match(r"s(\d+)_", path.name)
        if chapter and number:
            name = f"{int(chapter[1])}.{int(number[1])}"
            found.append(Section(name, _docstring(path).partition("\n")[0].rstrip("."), int(chapter[1]), path))
    return tuple(sorted(found, key=lambda section: (section.chapter, int(section.id.split(".")[1]))))


def find_section(name: str) -> Section:
    """The section with this id; a `Mistake` with the nearest id when there is none."""
    by_id = {section.id: section for section in sections()}
    return by_id[known("section", name.strip(), by_id)]


def in_chapters(chapters: tuple[int, ...] = ()) -> list[Section]:
    """The sections of these chapters; of all when none is given. A `Mistake` for a chapter without sections."""
    present = sorted({section.chapter for section in sections()})
    for chapter in chapters:
        if chapter not in present:
            raise Mistake(f"a chapter with sections ({', '.join(map(str, present))})", chapter)
    return [section for section in sections() if not chapters or section.chapter in chapters]
