"""Notes, References, and Further Details.

The methods of this chapter grew over almost two centuries: from Cauchy's descent by way of the quadratic methods of the
1950s and the quasi-Newton methods of the 1970s to the adaptive methods with which networks are trained. The works are in
one machine-readable file; what the sections and the library cite is looked up in it.
"""

from __future__ import annotations

from gradiens.book.chapter_notes import Config, Record, notes_of

__all__ = ["Config", "Record", "claim_references_resolve", "run", "show", "text", "values"]

run, values, text, show, claim_references_resolve = notes_of("4")
