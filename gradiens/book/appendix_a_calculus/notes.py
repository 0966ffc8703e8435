"""Notes, References, and Further Details.

The calculus of this appendix is that of every text; the rules for matrices are collected by Petersen and Pedersen and
derived by Magnus and Neudecker, and what a computer makes of the chain rule is the subject of Griewank and Walther. The
works are in one machine-readable file; what the sections and the library cite is looked up in it.
"""

from __future__ import annotations

from jaxtyping import Array

from gradiens.book.chapter_notes import Config, Record, run_of, show_of, sound, text_of, values_of
from gradiens.report.figure import Figure

CHAPTER = "A"


def run(config: Config, key: Array) -> Record:
    """Load the bibliography and resolve every citation of the chapter."""
    return run_of(CHAPTER)


def values(config: Config, record: Record) -> dict[str, float]:
    """How much there is."""
    return values_of(record)


def text(config: Config, record: Record) -> str:
    """The chapter's catalogue, oldest first."""
    return text_of(CHAPTER, config)


def show(config: Config, record: Record) -> Figure:
    """The landmarks by decade."""
    return show_of(record)


def claim_references_resolve(config: Config, record: Record) -> bool:
    """Claim 1: keys are unique, fields complete, and every reference made in this chapter resolves."""
    return sound(CHAPTER, record)
