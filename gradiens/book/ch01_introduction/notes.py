"""Notes, References, and Further Details.

The threshold unit of McCulloch and Pitts and Rosenblatt's perceptron are the beginnings; what made networks useful half a
century later were data: handwritten digits, then photographs by the million, and the small sets on which ideas are tried. The
works are in one machine-readable file; what the sections and the library cite is looked up in it.
"""

from __future__ import annotations

from gradiens.book.chapter_notes import Config, Record, notes_of

__all__ = ["Config", "Record", "claim_references_resolve", "run", "show", "text", "values"]

run, values, text, show, claim_references_resolve = notes_of("1")
