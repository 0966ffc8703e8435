"""The literature of the book: one machine-readable file, and what the docstrings cite of it.

`bibliography.toml` holds the works: a key, authors as "Surname, Given", year, title, where it appeared, and the chapters
whose notes list it. A docstring cites as one writes: "Kingma & Ba (2015)", "Duchi et al. (2011)", "Nesterov (1983)",
"Loshchilov & Hutter (2017, 2019)", in its `Source:` also "Goodfellow, Bengio and Courville 2016".
"""

from __future__ import annotations

import ast
import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from gradiens.book.section import ROOT, sections

FILE = ROOT / "bibliography.toml"
_WORD = r"[^\W\d_a-zß-öø-ÿ][\w’'-]*\w|[^\W\d_a-zß-öø-ÿ]"  # a capital letter, then the rest of a name
_NAME = rf"(?:(?:[Vv]an|[Vv]on|[Dd]e[rn]?|[Dd]u|[Ll]e|[Ll]a) )*(?:{_WORD})"
_NAMES = rf"{_NAME}(?:, {_NAME})*(?:,? (?:&|and) {_NAME})?(?:,? et al\.?)?"
_YEARS = r"\d{4}(?:(?:, | and | & )\d{4})*"
_IN_PROSE = re.compile(rf"({_NAMES}) \(({_YEARS})\)")
_IN_SOURCE = re.compile(rf"({_NAMES}),? \(?({_YEARS})\)?")


class Citation(NamedTuple):
    """One work as it is cited: the surnames, whether more follow, the year; and the words."""

    surnames: tuple[str, ...]
    more: bool
    year: int
    says: str


@dataclass(frozen=True)
class Work:
    """One entry of the bibliography."""

    key: str
    authors: tuple[str, ...]
    year: int
    title: str
    where: str = ""
    chapters: tuple[str, ...] = ()

    @property
    def surnames(self) -> tuple[str, ...]:
        """The authors' surnames, folded."""
        return tuple(folded(author.partition(",")[0]) for author in self.authors)

    @property
    def complete(self) -> bool:
        """Whether it has a key, authors, a year that can be one, and a title."""
        return bool(self.key and self.authors and all(self.authors) and 1500 < self.year < 2100 and self.title)

    @property
    def cited_as(self) -> str:
        """As the docstrings cite it: "Duchi, Hazan & Singer (2011)", "Chen et al. (2023)"."""
        names = [author.partition(",")[0] for author in self.authors]
        written = " et al." if len(names) > 3 else ""
        who = names[0] + written if written or len(names) == 1 else f"{', '.join(names[:-1])} & {names[-1]}"
        return f"{who} ({self.year})"


@functools.cache
def works(path: Path = FILE) -> tuple[Work, ...]:
    """Every entry of the file, in its order."""
    entries: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["work"]
    return tuple(
        Work(**{**entry, **{name: tuple(entry.get(name, ())) for name in ("authors", "chapters")}}) for entry in entries
    )


def catalogue(chapter: str) -> list[Work]:
    """The works that the notes of a chapter list, oldest first."""
    return sorted((work for work in works() if chapter in work.chapters), key=lambda work: (work.year, work.key))


def duplicates() -> list[str]:
    """The keys that occur more than once."""
    keys = [work.key for work in works()]
    return sorted({key for key in keys if keys.count(key) > 1})


def citations(docstring: str) -> list[Citation]:
    """What a docstring cites: with the year in brackets anywhere, with a bare year too after `Source:`."""
    text = " ".join(docstring.split())
    before, _, source = text.partition("Source:")
    return [*_found(_IN_PROSE, before), *_found(_IN_SOURCE, source)]


def _found(pattern: re.Pattern[str], text: str) -> Iterator[Citation]:
    for match in pattern.finditer(text):
        names = re.split(r",? (?:&|and) |, ", re.sub(r",? et al\.?$", "", match[1]))
        surnames = tuple(folded(re.sub(r"[’']s$", "", name)) for name in names)
        for year in re.findall(r"\d{4}", match[2]):
            yield Citation(surnames, "et al" in match[1], int(year), f"{match[1]} ({year})")


def resolve(citation: Citation) -> Work | None:
    """The work that a citation means: all authors, or the first ones with "et al."; None when there is none.

    Words that stand before the names ("Adagrad, Duchi et al. (2011)") are passed over.
    """
    for start in range(len(citation.surnames)):
        names = citation.surnames[start:]
        for work in works():
            shown = work.surnames[: len(names)] if citation.more else work.surnames
            if work.year == citation.year and names == shown:
                return work
    return None


def cited_in(chapter: str) -> list[tuple[str, Citation]]:
    """Every citation of a chapter with its place: in its sections, and in docstrings of the library that name one."""
    return [(place, citation) for place, text in _of_chapter(chapter) for citation in citations(text)]


def unread_in(chapter: str) -> list[str]:
    """The places of a chapter with a `Source:` that begins like a name and cites nothing that can be read."""
    sources = [(place, " ".join(text.split()).partition("Source:")[2].strip()) for place, text in _of_chapter(chapter)]
    return [place for place, source in sources if source[:1].isupper() and not list(_found(_IN_SOURCE, source))]


def _of_chapter(chapter: str) -> list[tuple[str, str]]:
    """The docstrings of a chapter's files, and those of the library that name one of its sections, with their places."""
    files = [path for section in sections() if section.chapter == chapter for path in section.path.parent.glob("*.py")]
    book = re.compile(rf"Book:[^\n]*(?<![\w.]){chapter}\.\d")
    own = [pair for path in sorted(set(files)) for pair in _docstrings(path)]
    return own + [(place, text) for place, text in _library() if book.search(text)]


@functools.cache
def _library() -> tuple[tuple[str, str], ...]:
    package = ROOT.parent
    paths = [path for path in sorted(package.rglob("*.py")) if ROOT not in path.parents]
    return tuple(pair for path in paths for pair in _docstrings(path))


def _docstrings(path: Path) -> list[tuple[str, str]]:
    """Every docstring of a file, with the file and line where it begins."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    holders = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    place = path.relative_to(ROOT.parent.parent)
    return [(f"{place}:{getattr(node, 'lineno', 1)}", text) for node in holders if (text := ast.get_docstring(node))]


def folded(name: str) -> str:
    """A name without accents and capitals."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "'"))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold().strip()
