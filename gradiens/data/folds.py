"""Folds: ways to cut the rows of a table k times into rows to learn from and rows to be judged on.

    k_fold            test parts disjoint, together all rows, sizes that differ by at most 1
    stratified_k_fold the same, and the counts of each class differ by at most 1 between the test parts
    group_k_fold      no group has rows on both sides
    time_folds        the test rows come after the training rows, each time with more of the past

Each is a list of k pairs (train, test) of ascending row indices, a pure function of its arguments.

Book: 2.7.  Source: Stone (1974); Kohavi (1995) for stratification.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int, Shaped
from numpy.typing import ArrayLike

from gradiens.core.check import Mistake

KIND = "folds"

Fold = tuple[Int[np.ndarray, " train"], Int[np.ndarray, " test"]]


def k_fold(n: int, k: int = 5, seed: int = 0) -> list[Fold]:
    """The n rows in random order, cut into k parts; each part once the test rows, the others the training rows.

    Book: 2.7.  Source: Stone (1974).

    Raises `Mistake` unless 2 ≤ k ≤ n and the seed is at least 0.
    """
    _check(n, k)
    place = np.empty(n, np.int64)
    place[_draw(seed).permutation(n)] = np.arange(n) % k
    return _by_label(place, k)


def stratified_k_fold(y: Shaped[ArrayLike, " N"], k: int = 5, seed: int = 0) -> list[Fold]:
    """Like `k_fold`, with the rows of each class of y dealt out evenly: class by class, the i-th row to part i mod k.

    A class of fewer than k rows is missing from some test parts; one of a single row is missing from one training part.

    Book: 2.7, 3.6.  Source: Kohavi (1995).

    Raises `Mistake` unless 2 ≤ k ≤ N and the seed is at least 0.
    """
    y = np.asarray(y)
    if y.ndim != 1:
        raise Mistake("class labels of shape (N,)", f"shape {y.shape}")
    n = len(y)
    _check(n, k)
    order = _draw(seed).permutation(n)
    order = order[np.argsort(y[order], kind="stable")]
    place = np.empty(n, np.int64)
    place[order] = np.arange(n) % k
    return _by_label(place, k)


def group_k_fold(groups: Shaped[ArrayLike, " N"], k: int = 5) -> list[Fold]:
    """Whole groups to parts: from the largest group to the smallest, each to the part with the fewest rows so far.

    Book: 2.7.

    Raises `Mistake` when there are fewer than k groups, or k < 2.
    """
    groups = np.asarray(groups)
    if groups.ndim != 1:
        raise Mistake("one group label for each row, of shape (N,)", f"shape {groups.shape}")
    _, codes, counts = np.unique(groups, return_inverse=True, return_counts=True)
    _check(len(counts), k, "groups")
    rows, part = np.zeros(k, np.int64), np.empty(len(counts), np.int64)
    for group in np.argsort(-counts, kind="stable"):
        part[group] = np.argmin(rows)
        rows[part[group]] += counts[group]
    return _by_label(part[codes], k)


def time_folds(n: int, k: int = 5, gap: int = 0) -> list[Fold]:
    """For rows in the order of time: the last k blocks of n // (k+1) rows, each tested after learning from all before.

    `gap` rows between the two are left out, for targets that look ahead. The first rows are never tested.

    Book: 2.7.

    Raises `Mistake` when nothing would be left to learn from.
    """
    _check(n, k, at_most=n - 1)
    size = n // (k + 1)
    first = n - k * size - gap  # rows that the first fold learns from
    if gap < 0 or first < 1:
        raise Mistake(f"a gap between 0 and {n - k * size - 1} for {n} rows and {k} folds", gap)
    starts = range(n - k * size, n, size)
    return [(np.arange(start - gap), np.arange(start, start + size)) for start in starts]


def check_folds(folds: Sequence[Fold], n: int) -> list[Fold]:
    """The folds, if each has training rows and test rows, no row on both sides, and none outside 0 … n-1.

    Raises `Mistake` otherwise: folds that share rows between the sides measure memory, not prediction.
    """
    if not len(folds):
        raise Mistake("at least one fold", "none", "k_fold(n, 5) makes five")
    made = [(np.asarray(train), np.asarray(test)) for train, test in folds]
    for i, (train, test) in enumerate(made):
        if not (len(train) and len(test)):
            raise Mistake(f"rows on both sides of fold {i}", f"{len(train)} for training and {len(test)} for test")
        both = np.concatenate([train, test])
        if both.min() < 0 or both.max() >= n:
            raise Mistake(f"rows 0 … {n - 1} in fold {i}", f"{both.min()} … {both.max()}")
        shared = np.intersect1d(train, test)
        if shared.size:
            raise Mistake(f"no row on both sides of fold {i}", f"{shared.size}, row {shared[0]} among them")
    return made


def _by_label(part: np.ndarray, k: int) -> list[Fold]:
    return [(np.flatnonzero(part != i), np.flatnonzero(part == i)) for i in range(k)]


def _draw(seed: int) -> np.random.Generator:
    if seed < 0:
        raise Mistake("a seed of at least 0", seed)
    return np.random.Generator(np.random.Philox(key=seed))


def _check(n: int, k: int, what: str = "rows", at_most: int | None = None) -> None:
    most = n if at_most is None else at_most
    if not 2 <= k <= most:
        got = f"{k} folds of {n} {what}"
        raise Mistake(f"between 2 folds and {most} for {n} {what}" if most >= 2 else "two folds or more", got)
