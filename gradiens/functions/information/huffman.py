"""Huffman's code: the binary prefix code of least mean length, made by joining the two rarest again and again.

    H₂(p) ≤ L < H₂(p) + 1,    L = Σ pₖ |wordₖ| bits,    Σ 2^(-|wordₖ|) = 1

Book: B.1.  Source: Huffman (1952).
"""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np

from gradiens.core.check import Mistake

KIND = "method"


@dataclasses.dataclass(frozen=True)
class HuffmanCode:
    """The words, strings of 0 and 1, and the probability of each symbol."""

    words: Mapping[Any, str]
    probabilities: Mapping[Any, float]

    @property
    def mean_length(self) -> float:
        """L, in bits a symbol."""
        return float(sum(p * len(self.words[symbol]) for symbol, p in self.probabilities.items()))

    def encode(self, symbols: Iterable[Hashable]) -> str:
        """The words of the symbols, joined; a `Mistake` for a symbol that has none."""
        try:
            return "".join(self.words[symbol] for symbol in symbols)
        except KeyError as error:
            raise Mistake("symbols of the code", error.args[0], "make the code from counts that have it") from None

    def decode(self, bits: str) -> list[Hashable]:
        """The symbols of a string of words; a `Mistake` where it ends within a word or holds anything but 0 and 1."""
        symbol_of, found, word = {word: symbol for symbol, word in self.words.items()}, [], ""
        for bit in bits:
            word += bit
            if word in symbol_of:
                found.append(symbol_of[word])
                word = ""
        if word:
            raise Mistake("whole words of 0 and 1", f"the end {word[:20]!r}")
        return found


def huffman(counts: Mapping[Any, float]) -> HuffmanCode:
    """The code for symbols with these counts or probabilities; of equals the earlier is joined first.

    One symbol alone gets the word "0". Raises `Mistake` when there is no symbol or a count is not positive.

    Book: B.1.  Source: Huffman (1952).
    """
    values = np.asarray(list(counts.values()), np.float64)
    if not len(values) or not np.isfinite(values).all() or values.min() <= 0:
        raise Mistake("positive counts of one symbol or more", dict(list(counts.items())[:5]))
    heap = [(value, i, [symbol]) for i, (symbol, value) in enumerate(zip(counts, values.tolist()))]
    words = dict.fromkeys(counts, "" if len(heap) > 1 else "0")
    heapq.heapify(heap)
    for i in range(len(heap), 2 * len(heap) - 1):
        (a, _, zeros), (b, _, ones) = heapq.heappop(heap), heapq.heappop(heap)
        words |= {symbol: "0" + words[symbol] for symbol in zeros}
        words |= {symbol: "1" + words[symbol] for symbol in ones}
        heapq.heappush(heap, (a + b, i, zeros + ones))
    return HuffmanCode(words, dict(zip(counts, (values / values.sum()).tolist())))
