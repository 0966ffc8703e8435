"""Programs to trees: a function is traced, and each primitive of JAX becomes the operation it is.

Read `trace`, then `primitives` (the table primitive → rule) and what adds to it: `positions`, `library`, `gathers`,
`windows`, `control`. `leaves` knows what the parts of the arguments are called on paper.
"""
