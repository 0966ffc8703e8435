"""Information: entropies, divergences and distances of laws, in nats. On finitely many outcomes and of Gaussians in JAX,
differentiable; from samples in NumPy.

A law is an array of probabilities; a joint law is a table of them. A density f on nodes with weights w is the law f w:
divergences take it as it is (`density.py`).
"""

KIND = "information"
