"""Text to syntax: what is written, before it is known what its names mean. The grammar is `grammar.lark`.

Read `syntax` (what comes out) and `parse` (the way there): characters become pieces (`scan`, `scripts`, `letters`,
`pieces`), pieces terminals (`arrange`), terminals syntax (`reader`, `sentences`, `nesting`, `parts`). What is wrong is
told by `faults` and `complaints`.
"""
