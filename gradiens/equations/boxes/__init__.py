"""Boxes: what mathematics looks like on paper, without knowing what it means, and its three formats.

Read `notation` (the boxes), then `numerals` (numbers in print), then a format: `unicode`, `latex`, `mathml`.
"""
