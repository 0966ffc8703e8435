"""Notes, References, and Further Details.

Logistic regression was statistics before it was a neuron: Cox, then the generalised linear models of Nelder and Wedderburn.
Bridle named softmax. That a network can learn to repeat its input, what a bottleneck then does, and what noise adds, was
found between 1988 and 2008. The works are in one machine-readable file; what the sections and the library cite is looked up
in it.
"""

from __future__ import annotations

from gradiens.book.chapter_notes import Config, Record, notes_of

__all__ = ["Config", "Record", "claim_references_resolve", "run", "show", "text", "values"]

run, values, text, show, claim_references_resolve = notes_of("3")
