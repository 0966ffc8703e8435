"""What the notes of every chapter do: load the bibliography, list the chapter's landmarks, resolve what it cites.

A notes file is its text, and `run, values, text, show, claim_references_resolve = notes_of("4")`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Bool, Int

from gradiens.book import bibliography
from gradiens.core.check import Failure
from gradiens.core.module import Module, knob
from gradiens.report.figure import Figure, Series


class Config(Module):
    """What is listed."""

    since: int = knob(1500, 1500, 2100, says="the works from this year on are listed")


class Record(NamedTuple):
    """The chapter's landmarks, and its citations, in order."""

    years: Int[np.ndarray, " W"]
    complete: Bool[np.ndarray, " W"]
    cited: Int[np.ndarray, " W"]  # how often the chapter cites each
    resolved: Bool[np.ndarray, " C"]


class Notes(NamedTuple):
    """The functions of a section, for the notes of one chapter."""

    run: Callable[[Config, Array], Record]
    values: Callable[[Config, Record], dict[str, float]]
    text: Callable[[Config, Record], str]
    show: Callable[[Config, Record], Figure]
    claim_references_resolve: Callable[[Config, Record], bool]


def notes_of(chapter: str) -> Notes:
    """The section that closes a chapter."""

    def run(config: Config, key: Array) -> Record:
        """Load the bibliography and resolve every citation of the chapter."""
        return run_of(chapter)

    def text(config: Config, record: Record) -> str:
        """The chapter's catalogue, oldest first."""
        return text_of(chapter, config)

    def claim_references_resolve(config: Config, record: Record) -> bool:
        """Claim 1: keys are unique, fields complete, and every reference made in this chapter resolves."""
        return sound(chapter, record)

    return Notes(run, _values, text, _show, claim_references_resolve)


def run_of(chapter: str) -> Record:
    """Load the bibliography and resolve every citation of the chapter."""
    listed = bibliography.catalogue(chapter)
    found = [bibliography.resolve(citation) for _, citation in bibliography.cited_in(chapter)]
    counts = Counter(work.key for work in found if work)
    return Record(
        years=np.asarray([work.year for work in listed]),
        complete=np.asarray([work.complete for work in listed]),
        cited=np.asarray([counts[work.key] for work in listed]),
        resolved=np.asarray([work is not None for work in found]),
    )


def _values(config: Config, record: Record) -> dict[str, float]:
    """How much there is."""
    return {
        "works in the bibliography": float(len(bibliography.works())),
        "landmarks of this chapter": float(len(record.years)),
        "citations in this chapter": float(len(record.resolved)),
        "citations that resolve": float(record.resolved.sum()),
    }


def text_of(chapter: str, config: Config) -> str:
    """The chapter's catalogue, oldest first."""
    listed = [work for work in bibliography.catalogue(chapter) if work.year >= config.since]
    lines = [f"{work.cited_as}. {work.title}." + (f" {work.where}." if work.where else "") for work in listed]
    return "The landmarks of this chapter, oldest first.\n\n" + "\n\n".join(lines)


def _show(config: Config, record: Record) -> Figure:
    """The landmarks by decade."""
    decades, counts = np.unique(record.years // 10 * 10, return_counts=True)
    bars = Series("bars", [f"{decade}s" for decade in decades], counts, label="works")
    says = f"{len(record.years)} works from {record.years.min()} to {record.years.max()}."
    return Figure("The landmarks of this chapter by decade", [bars], "", "works", summary=says)


def sound(chapter: str, record: Record) -> bool:
    """Whether keys are unique, fields complete, and every reference of the chapter resolves.

    Raises `Failure` that names what is missing, and where it is cited.
    """
    twice = bibliography.duplicates()
    if twice:
        raise Failure(f"keys that occur twice: {', '.join(twice)}", "rename one")
    missing = [f"{c.says} in {at}" for at, c in bibliography.cited_in(chapter) if not bibliography.resolve(c)]
    if missing:
        raise Failure(f"not in bibliography.toml: {'; '.join(missing)}", "add it")
    unread = bibliography.unread_in(chapter)
    if unread:
        raise Failure(f"a source without author and year: {', '.join(unread)}", "write it as Author & Author (year)")
    incomplete = [work.key for work in bibliography.works() if not work.complete]
    if incomplete:
        raise Failure(f"without authors, year or title: {', '.join(incomplete)}", "complete them")
    return bool(np.all(record.complete) and np.all(record.resolved) and len(record.years) > 0)
