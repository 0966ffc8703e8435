"""Notes, References, and Further Details.

The calculus of this appendix is that of every text; the rules for matrices are collected by Petersen and Pedersen and
derived by Magnus and Neudecker, and what a computer makes of the chain rule is the subject of Griewank and Walther. The
works are in one machine-readable file; what the sections and the library cite is looked up in it.
"""

from __future__ import annotations

from gradiens.book.chapter_notes import Config, Record, notes_of

__all__ = ["Config", "Record", "claim_references_resolve", "run", "show", "text", "values"]

run, values, text, show, claim_references_resolve = notes_of("A")
