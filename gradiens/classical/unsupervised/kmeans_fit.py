"""K-means in one call: several starts, the best kept.

Few numbers run through all starts in one `vmap`; a large table goes through one start after another. float32 data stay
float32, all other are doubles. Where no point moves any more, the centres are the means of their cells, the sums of
float32 data taken in blocks and those in double precision.

Book: 2.1, 2.2.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from gradiens.classical.unsupervised.kmeans import Info, Lloyd, State
from gradiens.classical.unsupervised.kmeans_start import plus_plus
from gradiens.core.check import Mistake
from gradiens.core.iterate import Outcome, iterate

TOGETHER = 2e6  # N D starts up to which the starts run in one vmap, and the centres of every step are kept
ROWS = 4096  # rows summed in one product


@dataclasses.dataclass(frozen=True)
class KMeansFit:
    """Centres (K, D), the cell of each point, the within-cluster sum W, and how the best start ended.

    `path` holds W of the best start before any step and after each, `centres_path` the centres (none of a large table),
    `starts` the W of every start.
    """

    centres: Float[np.ndarray, "K D"]
    labels: Int[np.ndarray, "N"]
    within: float
    steps: int
    converged: bool
    path: Float[np.ndarray, "T1"]
    centres_path: Float[np.ndarray, "T1 K D"]
    starts: Float[np.ndarray, "R"]

    def transform(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N K"]:
        """The distance of each row to each centre."""
        return np.sqrt(self._squared(x))

    def predict(self, x: Float[np.ndarray, "N D"]) -> Int[np.ndarray, "N"]:
        """The nearest centre of each row."""
        return np.argmin(self._squared(x), axis=1)

    def score(self, x: Float[np.ndarray, "N D"], y: object = None) -> float:
        """-W of the rows: larger is better."""
        return -float(np.sum(np.min(self._squared(x), axis=1), dtype=np.float64))

    def _squared(self, x: np.ndarray) -> Float[np.ndarray, "N K"]:
        """‖x - c_k‖², centre by centre: without cancellation, and each row as if it were alone."""
        x = np.asarray(x)
        if x.ndim != 2 or x.shape[1] != self.centres.shape[1]:
            raise Mistake(f"rows of {self.centres.shape[1]} numbers", f"x of shape {x.shape}")
        return np.stack([np.sum((x - c) ** 2, axis=1) for c in self.centres], axis=1)


def fit_kmeans(
    x: Float[np.ndarray, "N D"],
    k: int,
    starts: int | Float[np.ndarray, "K D"] = 10,
    steps: int = 300,
    seed: int = 0,
) -> KMeansFit:
    """K centres by Lloyd's algorithm from `starts` k-means++ draws, or from the given centres (K, D).

    Each start runs until no point changes its cell, or for `steps` steps.

    Book: 2.1, 2.2.  Source: Lloyd (1982); Arthur & Vassilvitskii (2007).

    Raises `Mistake` for numbers that are not finite, centres of another shape, or k outside 1 … N.
    """
    x = _checked(np.asarray(x), k)
    shift = x.mean(axis=0, dtype=np.float64).astype(x.dtype)  # distances lose fewer digits near the origin
    at = np.subtract(x, shift, out=_aligned(x.shape, x.dtype))
    if isinstance(starts, int | np.integer):
        if starts < 1:
            raise Mistake("at least one start", starts)
        begin = np.stack([plus_plus(at, k, np.random.default_rng([seed, r])) for r in range(starts)])
    else:
        begin = _given(starts, x, k)[None] - shift
    with jax.enable_x64(x.dtype == np.float64):
        state, info, path, ends = _best(at, begin, steps)
    labels, c, within = state.a, state.c[:k], float(info.within[-1])
    converged = bool(info.moved[-1] == 0)
    if converged:
        c, within = _means(at, labels, c)
    moved = (c + shift).astype(x.dtype)
    return KMeansFit(moved, labels, within, len(info.within) - 1, converged, info.within, path[:, :k] + shift, ends)


def _checked(x: np.ndarray, k: int) -> np.ndarray:
    if x.ndim != 2 or not x.size or not np.isfinite(x).all():
        raise Mistake("points x of shape (N, D), all finite", f"shape {x.shape}")
    if not 1 <= k <= len(x):
        raise Mistake(f"between 1 and {len(x)} clusters for {len(x)} points", k)
    return x if x.dtype == np.float32 else x.astype(np.float64)


def _aligned(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """An array that begins at a multiple of 64 bytes, as XLA wants it: the table is not copied."""
    size = int(np.prod(shape)) * dtype.itemsize
    buffer = np.empty(size + 64, np.uint8)
    first = -buffer.ctypes.data % 64
    return buffer[first : first + size].view(dtype).reshape(shape)


def _given(starts: np.ndarray, x: np.ndarray, k: int) -> np.ndarray:
    c = np.asarray(starts, x.dtype)
    if c.shape != (k, x.shape[1]) or not np.isfinite(c).all():
        raise Mistake(f"starting centres of shape {(k, x.shape[1])}, all finite", f"shape {c.shape}")
    return c


Run = tuple[Any, Any, np.ndarray]  # the end (a State); W and the points moved, the centres: at the start and by step


def _best(x: np.ndarray, begin: Float[np.ndarray, "R K D"], steps: int) -> tuple[Any, Any, np.ndarray, np.ndarray]:
    """The run with the least W at its end, and that W of all."""
    algorithm, small = Lloyd.of(jax.device_put(x, may_alias=True), begin.shape[1]), len(begin) * x.size <= TOGETHER
    if small and len(begin) > 1:
        runs = _lanes(_run(algorithm, begin, steps, True, jax.random.split(jax.random.key(0), len(begin))))
    else:
        runs = [_alone(_run(algorithm, c, steps, small)) for c in begin]
    ends = np.array([info.within[-1] for _, info, _ in runs])
    return *runs[int(np.argmin(ends))], ends


def _run(algorithm: Lloyd, begin: np.ndarray, steps: int, path: bool, lanes: Any = None) -> Outcome:
    """One start, or one in each lane: the keys make the lanes, and nothing is drawn from them."""
    record, axis = (_with_centres if path else _numbers), None if lanes is None else 0
    how = {"record": record, "keep": None, "until": _over, "start_axis": axis, "quiet": True}
    return iterate(algorithm, jnp.asarray(begin), steps=steps + 1, key=lanes, **how)  # the first step assigns


def _alone(outcome: Outcome) -> Run:
    return jax.device_get(outcome.state), *jax.device_get(outcome.trace)


def _lanes(outcome: Outcome) -> list[Run]:
    state, (info, path) = jax.device_get(outcome.state), jax.device_get(outcome.trace)
    settled, runs = info.moved == 0, []
    for r in range(settled.shape[1]):
        t = int(np.argmax(settled[:, r])) + 1 if settled[:, r].any() else len(settled)
        info_r = Info(info.within[:t, r], info.moved[:t, r])
        runs.append((State(*(leaf[r] for leaf in state)), info_r, path[:t, r]))
    return runs


def _over(state: State, info: Info) -> jax.Array:
    return info.moved == 0


def _with_centres(state: State, info: Info) -> tuple[Info, jax.Array]:
    return info, state.c


def _numbers(state: State, info: Info) -> tuple[Info, jax.Array]:
    return info, state.c[:0]


def _means(x: np.ndarray, labels: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, float]:
    """The means of the cells, summed in double precision (an empty cell keeps its centre), and
    W = Σ ‖x‖² - Σ_k n_k ‖c_k‖²."""
    K = len(c)
    n, sums, squares = np.bincount(labels, minlength=K)[:, None], np.zeros(c.shape), 0.0
    for i in range(0, len(x), ROWS):
        block, cells = x[i : i + ROWS], labels[i : i + ROWS]
        sums += (cells == np.arange(K)[:, None]).astype(x.dtype) @ block
        squares += float(np.einsum("nd,nd->n", block, block).sum(dtype=np.float64))
    c = np.where(n > 0, sums / np.maximum(n, 1), c)
    return c, max(squares - float(np.sum(n * c**2)), 0.0)
