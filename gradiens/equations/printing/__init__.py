"""Printing: trees as the lines of a page, in the notation of the book, by indices, or as code.

Read `naming` (which parts get a line), `blocks` and `loops` (lines for each step), `stack` and `repeat` (equal layers,
once), `page` (rows that fit), then the notations: `by_index`, `as_code`, and `worked` with numbers put in.
"""
