"""Notes, References, and Further Details.

Principal components, low rank and k-means are older than the computers that run them; robust losses came in the 1960s, and
the penalties that keep large models honest between 1970 and 1996. The works are in one machine-readable file; what the
sections and the library cite is looked up in it.
"""

from __future__ import annotations

from gradiens.book.chapter_notes import Config, Record, notes_of

__all__ = ["Config", "Record", "claim_references_resolve", "run", "show", "text", "values"]

run, values, text, show, claim_references_resolve = notes_of("2")
