"""Error-correcting output codes: a word of ±1 for each class, and a two-class fit for each letter of the words.

    class k has the word C_k ∈ {-1, 1}^L;   letter l is learnt by a fit to the targets C_{y l}
    ŷ = argmax_k C_k · s(x),   s the L scores

Words that differ in many letters let a few fits be wrong without harm: if any two differ in at least d letters, (d - 1)/2
wrong signs are corrected. One-vs-rest is the code 2I - 1, whose words differ in two letters only.

Book: 2.8.  Source: Dietterich & Bakiri (1995).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from gradiens.classical.classifiers.linear_classifier import Scorer, TwoClassFit
from gradiens.classical.linear.least_squares import LinearFit, fit_linear
from gradiens.core.check import Mistake


@dataclasses.dataclass(frozen=True)
class OutputCodes:
    """The words, one row a class, and the fitted scorer of each letter."""

    words: Int[np.ndarray, "K L"]
    scorers: Sequence[Scorer]

    def scores(self, x: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N L"]:
        """One score a letter."""
        return np.stack([scorer.predict(x) for scorer in self.scorers], axis=1)

    def predict(self, x: Float[np.ndarray, "N D"]) -> Int[np.ndarray, "N"]:
        """The class whose word agrees best with the scores, each cut to [-1, 1]; ties to the lowest."""
        return np.argmax(np.clip(self.scores(x), -1, 1) @ self.words.T, axis=1)


def exhaustive_code(classes: int) -> Int[np.ndarray, "K L"]:
    """All 2^(K-1) - 1 ways to divide the classes in two, as columns; any two words differ in 2^(K-2) letters.

    Book: 2.8.  Source: Dietterich & Bakiri (1995).
    """
    if not 2 <= classes <= 16:
        raise Mistake("between 2 and 16 classes", classes, "for more, draw a random code")
    letters = np.arange(2 ** (classes - 1) - 1)
    bits = (letters[None, :] >> np.arange(classes - 2, -1, -1)[:, None]) & 1
    return np.vstack([np.ones((1, len(letters)), np.int64), 2 * bits - 1])


def fit_output_codes(
    x: Float[np.ndarray, "N D"],
    y: Int[np.ndarray, "N"],
    words: Int[np.ndarray, "K L"],
    method: TwoClassFit = fit_linear,
) -> OutputCodes:
    """Fit `method`, by default least squares, to the letters of the words.

    Book: 2.8.

    Raises `Mistake` for words that are not ±1, two classes of one word, a letter that is the same for all, or a class code
    without a word.
    """
    x, y, words = np.asarray(x), np.asarray(y), np.asarray(words)
    if words.ndim != 2 or not np.isin(words, (-1, 1)).all():
        raise Mistake("words (K, L) of letters +1 and -1", f"shape {words.shape}")
    if len(np.unique(words, axis=0)) < len(words) or (words == words[:1]).all(0).any():
        raise Mistake("different words, and no letter that all share", "a code that does not tell the classes apart")
    if y.shape != (len(x),) or y.min() < 0 or y.max() >= len(words):
        raise Mistake(f"class codes 0 … {len(words) - 1}, one a row", f"shape {y.shape}, {y.min()} … {y.max()}")
    targets = words[y].astype(np.float64)
    if method is not fit_linear:
        return OutputCodes(words, [method(x, targets[:, letter]) for letter in range(words.shape[1])])
    both = fit_linear(x, targets)  # one decomposition for all letters
    return OutputCodes(words, [LinearFit(both.w[:, j], both.b[j], both.rank) for j in range(words.shape[1])])
