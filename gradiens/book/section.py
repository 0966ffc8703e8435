"""The sections of the book, discovered from the file system.

    chNN_name/sMM_name.py          section NN.MM: "4.3"
    appendix_x_name/sMM_name.py    section X.MM of an appendix: "A.2"
    …/notes.py                     the notes that close a chapter: "4.notes", "A.notes"

A section's file holds

    its docstring           title line, the story, what is claimed
    Config(Module)          the knobs of the experiment
    Record(NamedTuple)      arrays: what the experiment gave
    run(config, key)        -> Record, pure
    show(config, record)    -> Figure or several, as data
    values(config, record)  -> dict[str, float], the key figures by name
    text(config, record)    -> str, where there is more to print than numbers: a table, a catalogue (optional)
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
    """One section: its id ("4.3"), title, chapter ("4", "A"), and file. `load` imports it."""

    id: str
    title: str
    chapter: str
    path: Path

    @property
    def is_notes(self) -> bool:
        """Whether these are the notes of a chapter: its literature, no mathematics."""
        return self.id.endswith(".notes")

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
    """Every section, in the order of the book: chapters, appendices, in each its sections and then its notes."""
    found = []
    for path in (*root.glob("*_*/s*_*.py"), *root.glob("*_*/notes.py")):
        folder = re.match(r"ch(\d+)_|appendix_([a-z])_", path.parent.name)
        number = re.fullmatch(r"s(\d+)_\w+|(notes)", path.stem)
        if folder and number:
            chapter = str(int(folder[1])) if folder[1] else folder[2].upper()
            within = str(int(number[1])) if number[1] else number[2]
            title = _docstring(path).partition("\n")[0].rstrip(".")
            found.append(Section(f"{chapter}.{within}", title, chapter, path))
    return tuple(sorted(found, key=_place))


def _place(section: Section) -> tuple[int, str, float]:
    within = section.id.partition(".")[2]
    return *_order(section.chapter), float(within) if within.isdigit() else float("inf")


def _order(chapter: str) -> tuple[int, str]:
    """Chapters by number, then appendices by letter."""
    return (int(chapter), "") if chapter.isdigit() else (10**6, chapter)


def find_section(name: str) -> Section:
    """The section with this id, "4.3", "A.2", "4.notes", in either case; a `Mistake` with the nearest when there is none."""
    by_id = {section.id: section for section in sections()}
    folded = {known_id.casefold(): known_id for known_id in by_id}
    name = name.strip()
    return by_id[known("section", folded.get(name.casefold(), name), by_id)]


def in_chapters(chapters: tuple[str | int, ...] = ()) -> list[Section]:
    """The sections of these chapters, 4 or "A"; of all when none is given. A `Mistake` for a chapter without sections."""
    present = sorted({section.chapter for section in sections()}, key=_order)
    asked = [str(chapter).strip().upper() for chapter in chapters]
    for chapter in asked:
        if chapter not in present:
            raise Mistake(
                f"a chapter with sections ({', '.join(present)})", chapter, "for example: gradiens book check 4 A"
            )
    return [section for section in sections() if not asked or section.chapter in asked]
