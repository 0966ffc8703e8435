"""Random expressions: functions of several numbers or vectors that nobody chose, to compare ways of differentiating on.

Each operation takes earlier results; arguments of exp are kept small and those of log and √ positive, so that the value
is finite everywhere. The same expression runs on floats, dual numbers, tapes and jets (`xp=numpy`) and in JAX
(`xp=jax.numpy`).
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

_UNARY = ("sin", "cos", "tanh", "exp", "log", "sqrt", "reciprocal", "cube", "negative")
_BINARY = ("add", "subtract", "multiply", "divide")


@dataclasses.dataclass(frozen=True)
class RandomExpression:
    """A function of `inputs` arrays of one shape to one number, of `operations` operations; `seed` chooses it.

    Book: 4.6.
    """

    seed: int
    inputs: int = 3
    operations: int = 12

    def steps(self) -> list[tuple[str, int, int]]:
        """The operations: a name and the places of its one or two arguments among inputs and earlier results."""
        rng = np.random.default_rng(self.seed)
        found = []
        for i in range(self.operations):
            name = str(rng.choice(_UNARY if rng.random() < 0.5 else _BINARY))
            newest = self.inputs + i - 1  # so that nothing is computed in vain
            found.append((name, newest, int(rng.integers(newest)) if newest else 0))
        return found

    def __call__(self, *x: Any, xp: Any = np) -> Any:
        """The value at x."""
        results = list(x)
        for name, i, j in self.steps():
            results.append(_apply(xp, name, results[i], results[j]))
        return xp.sum(results[-1])


def _apply(xp: Any, name: str, u: Any, v: Any) -> Any:
    """One operation, its argument brought to where it is smooth."""
    if name == "cube":
        return (0.5 + xp.tanh(u)) ** 3
    if name == "exp":
        return xp.exp(xp.sin(u))
    if name in ("log", "sqrt"):
        return getattr(xp, name)(1.0 + u * u)
    if name == "reciprocal":
        return 1.0 / (2.0 + xp.cos(u))
    if name == "divide":
        return u / (1.0 + v * v)
    if name == "multiply":
        return xp.sin(u) * v
    return getattr(xp, name)(u, v) if name in _BINARY else getattr(xp, name)(u)
