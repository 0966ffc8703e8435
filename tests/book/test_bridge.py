"""Both ends of the bridge between library and book: the line `Book: 4.3` in a docstring, and the import in the
section's file."""

from __future__ import annotations

import ast
import functools
import importlib
from pathlib import Path

import pytest

from gradiens.book.section import Section, sections
from gradiens.core.catalogue import Entry, everything

ENDS = [(entry, section) for entry in everything() for section in sections() if section.id in entry.book]


@functools.cache
def imports(path: str | Path | None) -> set[str]:
    """The modules that a file imports from."""
    tree = ast.parse(Path(path or "").read_text())
    return {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


@functools.cache
def used(section: Section) -> set[str]:
    """The modules that the section's file imports from, through the helpers that lie beside it too."""
    found = imports(section.path)
    helpers = [importlib.import_module(name).__file__ for name in found if name.startswith("gradiens.book.")]
    return found.union(*map(imports, helpers))


def file_of(entry: Entry) -> str | None:
    return importlib.import_module(entry.module).__file__


@functools.cache
def kin_of(section: str) -> dict[str, Entry]:
    """What names the section, by module."""
    return {other.module: other for other in everything() if section in other.book}


def crosses(entry: Entry, section: Section) -> bool:
    """The section's file imports its module, or a module of the same section that this one is built from or that is built
    on it."""
    kin = kin_of(section.id)
    parts = imports(file_of(entry)) & set(kin)
    wholes = {name for name, other in kin.items() if entry.module in imports(file_of(other))}
    return bool({entry.module, *parts, *wholes} & used(section))


@pytest.mark.parametrize(("entry", "section"), ENDS, ids=[f"{e.kind}-{e.name}-{s.id}" for e, s in ENDS])
def test_what_names_a_section_is_used_by_it(entry, section):
    assert crosses(entry, section), f"{entry.file} says Book: {section.id}, and {section.path.name} does not use it"


@pytest.mark.parametrize("section", [s for s in sections() if not s.is_notes], ids=lambda section: section.id)
def test_a_section_uses_what_names_it(section):
    assert any(section.id in entry.book for entry in everything() if crosses(entry, section))


@pytest.mark.parametrize("section", sections(), ids=lambda section: section.id)
def test_a_section_imports_from_below_only(section):
    assert not used(section) & {other.module for other in sections()}, "a section does not import a section"
    assert not any(name.startswith(("gradiens.cli", "gradiens.lab")) for name in used(section))
