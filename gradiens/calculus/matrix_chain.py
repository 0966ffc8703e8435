"""The order in which a chain of matrices is multiplied: the result is the same, the cost is not.

    m(i, j) = min over k of m(i, k) + m(k+1, j) + nᵢ nₖ₊₁ nⱼ₊₁

A is an n₀ × n₁ matrix, the next n₁ × n₂, and so on. The Jacobian of f ∘ g ∘ h is such a chain: forward accumulation
starts at the input, reverse accumulation at the output. A bracketing is a nested pair of places: ((0, 1), 2) is (A B) C.

Book: A.3.  Source: Griewank & Walther (2008), chapter 9.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from gradiens.core.check import Mistake

Bracketing = int | tuple[Any, Any]


class Plan(NamedTuple):
    """A bracketing and the number of multiplications of numbers that it takes."""

    bracketing: Bracketing
    multiplications: int


def bracketings(first: int, last: int) -> Iterator[Bracketing]:
    """Every way to bracket the matrices `first` … `last`: a Catalan number of them.

    Book: A.3.
    """
    if first == last:
        yield first
    for k in range(first, last):
        for left in bracketings(first, k):
            for right in bracketings(k + 1, last):
                yield left, right


def multiplications(sizes: Sequence[int], bracketing: Bracketing) -> int:
    """The multiplications of numbers that a bracketing takes; matrix i is sizes[i] × sizes[i+1].

    Book: A.3.  Source: Griewank & Walther (2008), chapter 9.
    """
    return _counted(tuple(sizes), bracketing)[0]


def _counted(sizes: tuple[int, ...], bracketing: Bracketing) -> tuple[int, int, int]:
    """(multiplications, rows, columns)."""
    if isinstance(bracketing, int):
        return 0, sizes[bracketing], sizes[bracketing + 1]
    (left, rows, inner), (right, _, columns) = (_counted(sizes, part) for part in bracketing)
    return left + right + rows * inner * columns, rows, columns


def from_the_right(n: int) -> Bracketing:
    """A (B (C …)) of n matrices: forward accumulation of the Jacobians of f ∘ g ∘ h.

    Book: A.3.
    """
    return functools.reduce(lambda done, i: (i, done), reversed(range(n - 1)), n - 1)


def from_the_left(n: int) -> Bracketing:
    """((A B) C) … of n matrices: reverse accumulation.

    Book: A.3.
    """
    return functools.reduce(lambda done, i: (done, i), range(1, n), 0)


def cheapest(sizes: Sequence[int]) -> Plan:
    """A bracketing with the fewest multiplications, by dynamic programming.

        m(i, j) = min over k of m(i, k) + m(k+1, j) + nᵢ nₖ₊₁ nⱼ₊₁

    Raises `Mistake` for fewer than one matrix or a size below 1.

    Book: A.3.  Source: Griewank & Walther (2008), chapter 9.
    """
    n = tuple(sizes)
    if len(n) < 2 or min(n) < 1:
        raise Mistake("the sizes n₀, n₁, … of at least one matrix, each at least 1", n)

    @functools.cache
    def best(i: int, j: int) -> tuple[int, Bracketing]:
        if i == j:
            return 0, i
        ways = ((best(i, k), best(k + 1, j), n[i] * n[k + 1] * n[j + 1]) for k in range(i, j))
        return min(((a[0] + b[0] + last, (a[1], b[1])) for a, b, last in ways), key=lambda way: way[0])

    cost, bracketing = best(0, len(n) - 2)
    return Plan(bracketing, cost)


def multiply(matrices: Sequence[Any], bracketing: Bracketing) -> Any:
    """The product of the matrices in the order of the bracketing."""
    if isinstance(bracketing, int):
        return matrices[bracketing]
    left, right = bracketing
    return multiply(matrices, left) @ multiply(matrices, right)


def written(bracketing: Bracketing, names: Sequence[str]) -> str:
    """The bracketing as it is written: (A B) C."""
    if isinstance(bracketing, int):
        return names[bracketing]
    parts = (written(part, names) for part in bracketing)
    return " ".join(text if isinstance(part, int) else f"({text})" for part, text in zip(bracketing, parts))
