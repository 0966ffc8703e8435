"""Training, validation and test rows: disjoint, together all rows, a pure function of the seed, stratified for classes.

Stratified: the rows of each class are shuffled and spread evenly over (0, 1), the k-th of m at (k + ½)/m; the rows in
order of that number are then cut at the fractions. Each part so holds each class in nearly its share, and a class of a
single row goes to training when the training fraction is above one half. Rows of one group stay together: they go where
their first row goes, which is spread with the weight of all, and the cuts are the nearest between two groups.
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


def split(
    y: np.ndarray,
    task: str,
    seed: int,
    fractions: tuple[float, float, float] = (0.7, 0.15, 0.15),
    groups: np.ndarray | None = None,
) -> Indices:
    """The row indices `(train, val, test)`, each ascending; stratified by `y` unless `task` is "number".

    `groups`: for each row the first row of its group, if some are to stay together.
    """
    if seed < 0:
        raise Mistake("a seed of at least 0", seed)
    n = len(y)
    shares = sizes(n, fractions)
    groups = np.arange(n) if groups is None else groups
    weights = np.bincount(groups, minlength=n)
    order = np.random.Generator(np.random.Philox(key=seed)).permutation(n)
    order = order[weights[order] > 0]
    if task != "number":
        order = order[np.argsort(_spread(y[order], weights[order]), kind="stable")]
    parts = np.split(order, _cuts(np.cumsum(weights[order]), shares))
    return tuple(np.flatnonzero(np.isin(groups, part)) for part in parts)  # pyright: ignore[reportReturnType]


def _spread(y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(k + ½)/m for the k-th of the m rows of its class; the middle of its rows for a group of several."""
    _, codes = np.unique(y, return_inverse=True)
    by_class = np.argsort(codes, kind="stable")
    totals = np.bincount(codes, weights)
    ends = np.empty(len(y))
    ends[by_class] = np.cumsum(weights[by_class]) - np.repeat(np.cumsum(totals) - totals, np.bincount(codes))
    return (ends - weights / 2) / totals[codes]


def _cuts(ends: np.ndarray, shares: tuple[int, int, int]) -> list[int]:
    """After how many groups, which end at those rows, the parts are cut; a part that has rows gets a group at least."""
    train, val, test = shares
    if len(ends) < sum(share > 0 for share in shares):
        raise Mistake("a group of rows for each part", f"{len(ends)}", "add rows that differ")
    nearest = [int(np.argmin(np.abs(ends - rows))) + 1 for rows in (train, train + val)]
    last = len(ends) - (test > 0)
    first = min(nearest[0], last - (val > 0))
    return [first, min(max(nearest[1], first + 1), last) if val else first]
