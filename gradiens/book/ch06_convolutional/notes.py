"""Notes, References, and Further Details.

From the neocognitron by way of the networks that read zip codes to the residual networks and detectors of the 2010s. The works
are in one machine-readable file; what the sections and the library cite is looked up in it.
"""

from __future__ import annotations

from gradiens.book.chapter_notes import Config, Record, notes_of

__all__ = ["Config", "Record", "claim_references_resolve", "run", "show", "text", "values"]

run, values, text, show, claim_references_resolve = notes_of("6")
