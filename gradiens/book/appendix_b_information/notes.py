"""Notes, References, and Further Details.

Shannon measured information, Kullback and Leibler compared two laws by it, and Lin made of their divergence a bounded and
symmetric one; transport between laws is a subject of its own, told by Villani. The text for all of it is Cover and Thomas.
The works are in one machine-readable file; what the sections and the library cite is looked up in it.
"""

from __future__ import annotations

from gradiens.book.chapter_notes import Config, Record, notes_of

__all__ = ["Config", "Record", "claim_references_resolve", "run", "show", "text", "values"]

run, values, text, show, claim_references_resolve = notes_of("B")
