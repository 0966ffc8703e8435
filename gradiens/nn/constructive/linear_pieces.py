"""The linear pieces of a relu network along a straight line, found exactly: from the signs of its units, not from a grid.

    x(t) = x_0 + t (x_1 - x_0),  0 ≤ t ≤ 1;   on each piece  a[l](t) = P t + Q,   z[l+1](t) = W P t + (W Q + b)

Each unit that changes its sign within a piece cuts it in two. In one variable a layer of N units cuts every piece at most N
times, so that a network has at most Π (N_l + 1) pieces; one hidden layer has at most N + 1.

Book: 5.2.  Source: Montúfar et al. (2014).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake
from gradiens.functions.activations import identity, leaky_relu, relu
from gradiens.nn.mlp import MLP

KIND = "measure"

_SLOPE_BELOW = {relu: 0.0, leaky_relu: 0.01, identity: 1.0}
_WIDTH = 1e-12  # of the line: cuts that are nearer to each other are one cut


class Pieces(NamedTuple):
    """P pieces: where they meet, 0 = t_0 < … < t_P = 1, and the outputs ŷ(t) = slope t + intercept on each."""

    t: Float[np.ndarray, " P+1"]
    slope: Float[np.ndarray, "P K"]
    intercept: Float[np.ndarray, "P K"]

    def __len__(self) -> int:
        """P."""
        return len(self.slope)


def linear_pieces(network: MLP, start: Any, end: Any) -> Pieces:
    """The pieces of `network` from the point `start` to the point `end`; two neighbours with one slope are one piece.

    Raises `Mistake` for an activation that is not piecewise linear with its bend at 0, and for points of another size.

    Book: 5.2.  Source: Montúfar et al. (2014).
    """
    if network.activation not in _SLOPE_BELOW:
        raise Mistake("a network of relu, leaky_relu or identity units", getattr(network.activation, "__name__", "?"))
    below = _SLOPE_BELOW[network.activation]
    first, last = (np.atleast_1d(np.asarray(x, np.float64)) for x in (start, end))
    n = network.layers[0].W.shape[1]
    if first.shape != (n,) or last.shape != (n,):
        raise Mistake(f"two points of {n} numbers", f"shapes {first.shape} and {last.shape}")
    t, P, Q = np.array([0.0, 1.0]), (last - first)[None], first[None]
    *hidden, output = network.layers
    for layer in hidden:
        t, P, Q = _cut(t, *_affine(layer, P, Q))
        middle = (t[:-1] + t[1:])[:, None] / 2
        on = np.where(middle * P + Q > 0, 1.0, below)
        P, Q = on * P, on * Q
    return _merged(t, *_affine(output, P, Q))


def most_pieces(sizes: Sequence[int]) -> int:
    """Π (N_l + 1) over the hidden layers of (1, N_1, …, N_{L-1}, K): no relu network of one input has more pieces.

    Book: 5.2.  Source: Montúfar et al. (2014).
    """
    if len(sizes) < 2 or min(sizes) < 1 or sizes[0] != 1:
        raise Mistake("the sizes of a network of one input", tuple(sizes), "for example (1, 8, 8, 1)")
    return math.prod(n + 1 for n in sizes[1:-1])


def _affine(layer: Any, P: np.ndarray, Q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    W = np.asarray(layer.W, np.float64)
    return P @ W.T, Q @ W.T + (0 if layer.b is None else np.asarray(layer.b, np.float64)[None])


def _cut(t: np.ndarray, P: np.ndarray, Q: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every piece cut where one of its P t + Q is 0."""
    at = np.divide(-Q, P, out=np.full_like(P, np.nan), where=P != 0)
    inside = (at > t[:-1, None] + _WIDTH) & (at < t[1:, None] - _WIDTH)
    cuts = np.sort(np.concatenate([t, at[inside]]))
    cuts = cuts[np.concatenate([[True], np.diff(cuts) > _WIDTH])]
    of = np.searchsorted(t, (cuts[:-1] + cuts[1:]) / 2) - 1  # the piece that each part was cut from
    return cuts, P[of], Q[of]


def _merged(t: np.ndarray, slope: np.ndarray, intercept: np.ndarray) -> Pieces:
    size = np.maximum(np.abs(slope[1:]), np.abs(slope[:-1])).max(axis=1) if len(slope) > 1 else np.zeros(0)
    bends = np.abs(np.diff(slope, axis=0)).max(axis=1, initial=0) > 1e-9 * np.maximum(size, 1e-300)
    first = np.concatenate([[True], bends])
    return Pieces(np.append(t[:-1][first], t[-1]), slope[first], intercept[first])
