"""Notes, References, and Further Details.

The universality of one hidden layer was proved around 1990; that networks of many layers can be trained had to wait for
starts that keep the size of signals, for units that do not saturate, and for normalisation and dropout. The works are in one
machine-readable file; what the sections and the library cite is looked up in it.
"""

from __future__ import annotations

from gradiens.book.chapter_notes import Config, Record, notes_of

__all__ = ["Config", "Record", "claim_references_resolve", "run", "show", "text", "values"]

run, values, text, show, claim_references_resolve = notes_of("5")
