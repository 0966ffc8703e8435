"""Training, validation and test rows: disjoint, together all rows, a pure function of the seed, stratified for classes.

Stratified: the rows of each class are shuffled and spread evenly over (0, 1), the k-th of m at (k + ½)/m; the rows in
order of that number are then cut at the fractions. Each part so holds each class in nearly its share, and a class of a
single row goes to training when the training fraction is above one half.
"""

from __future__ import annotations

import numpy as np

from gradiens.core.check import Mistake

Indices = tuple[np.ndarray, np.ndarray, np.ndarray]


def sizes(n: int, fractions: tuple[float, float, float]) -> tuple[int, int, int]:
    """The number of rows of each part; a part with a positive fraction gets at least one row."""
    if not (len(fractions) == 3 and min(fractions) >= 0 < fractions[0] and abs(sum(fractions) - 1) < 1e-9):
        raise Mistake(
            "three fractions ≥ 0 that add up to 1, the first above 0", fractions, "for example 0.7, 0.15, 0.15"
        )
    need = sum(fraction > 0 for fraction in fractions)
    if n < need:
        raise Mistake(f"at least {need} rows, one for each part", n, "add rows or set a fraction to 0")
    test, val = (max(round(n * fraction), int(fraction > 0)) for fraction in (fractions[2], fractions[1]))
    while val + test > n - 1:  # tiny tables: the larger of the two gives way
        test, val = (test - 1, val) if test >= val else (test, val - 1)
    return n - val - test, val, test


def split(y: np.ndarray, task: str, seed: int, fractions: tuple[float, float, float] = (0.7, 0.15, 0.15)) -> Indices:
    """The row indices `(train, val, test)`, each ascending; stratified by `y` unless `task` is "number"."""
    if seed < 0:
        raise Mistake("a seed of at least 0", seed)
    n = len(y)
    train, val, _ = sizes(n, fractions)
    draw = np.random.Generator(np.random.Philox(key=seed))
    order = draw.permutation(n)
    if task != "number":
        order = order[np.argsort(_spread(y[order]), kind="stable")]
    parts = np.split(order, [train, train + val])
    return tuple(np.sort(part) for part in parts)  # pyright: ignore[reportReturnType]


def _spread(y: np.ndarray) -> np.ndarray:
    """(k + ½)/m for the k-th of the m rows of its class."""
    _, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    by_class = np.argsort(codes, kind="stable")
    starts = np.cumsum(counts) - counts
    k = np.empty(len(y))
    k[by_class] = np.arange(len(y)) - np.repeat(starts, counts)
    return (k + 0.5) / counts[codes]
