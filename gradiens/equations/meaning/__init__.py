"""Syntax to trees: what names stand for, how large everything is, which product is meant.

Read `elaborate` (the whole way), `scope` (names), `sizes` (equations between sizes), `terms` (trees whose sizes are still
unknown), `reading` (what each form means); then the forms: `products`, `calls`, `subscripts`, `indexing`, `steps`.
"""
