"""Selection of a setting by validation: the best mean score, or the simplest setting within one standard error of it.

    best:    argmin of the mean loss over the folds
    one-se:  the first setting, from the simplest on, with mean ≤ mean_best + s.e._best

Book: 2.7, 3.6.  Source: Breiman et al. (1984) for the rule of one standard error.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from jaxtyping import Float

from gradiens.core.check import Mistake, known
from gradiens.core.module import Knob
from gradiens.data.folds import Fold, check_folds
from gradiens.evaluation.cross_validation import standard_error
from gradiens.evaluation.fitting import Fit, Output, Score, matching, predicted, scored

RULES = ("best", "one-se")


@dataclasses.dataclass(frozen=True)
class Selection:
    """The scores of every setting on every fold, and which setting is chosen.

    Book: 2.7, 3.6.
    """

    settings: Sequence[Any]
    scores: Float[np.ndarray, "S k"]
    lower: bool  # whether a lower score is better
    chosen: int
    make: Callable[[Any], Fit] | None = None

    @property
    def mean(self) -> Float[np.ndarray, " S"]:
        """The mean score of each setting."""
        return self.scores.mean(1)

    @property
    def standard_error(self) -> Float[np.ndarray, " S"]:
        """The standard error of each mean."""
        return np.array([standard_error(row) for row in self.scores])

    @property
    def setting(self) -> Any:
        """The chosen setting."""
        return self.settings[self.chosen]

    def refit(self, x: Any, y: np.ndarray) -> Any:
        """A model of the chosen setting, fitted to (x, y)."""
        if self.make is None:
            raise Mistake("a selection that can fit", "scores alone", "use `select`")
        return self.make(self.setting)(x, y)


def select(
    make: Callable[[Any], Fit],
    settings: Sequence[Any],
    x: Any,
    y: Any,
    folds: Sequence[Fold],
    score: Score,
    output: Output = predicted,
    lower: bool = True,
    rule: str = "best",
) -> Selection:
    """Score `make(setting)` on every fold for every setting, and choose by `rule`; settings from the simplest on.

    One fold is a hold-out: `[(train, validation)]`. `lower` says that a lower score is better, as for losses.

    Book: 2.7, 3.6.

    Raises `Mistake` for an unknown rule, no settings, folds that share rows, or a score that is not finite.
    """
    y = matching(x, y)
    folds = check_folds(folds, len(y))
    if not len(settings):
        raise Mistake("at least one setting", "none")
    found = np.empty((len(settings), len(folds)))
    for i, (train, test) in enumerate(folds):
        inside, labels, outside, truth = x[train], y[train], x[test], y[test]
        for s, setting in enumerate(settings):
            made = output(make(setting)(inside, labels), outside)
            found[s, i] = scored(score, truth, made, f"of setting {setting} in fold {i}")
    return Selection(list(settings), found, lower, choose(found, lower, rule), make)


def choose(scores: Float[np.ndarray, "S k"], lower: bool = True, rule: str = "best") -> int:
    """The index of the chosen setting; of settings that tie, the first.

    Book: 2.7, 3.6.

    Raises `Mistake` for an unknown rule, and for the one-standard-error rule with a single fold.
    """
    known("rule of selection", rule, RULES)
    loss = (1 if lower else -1) * np.asarray(scores, np.float64)
    mean = loss.mean(1)
    best = int(np.argmin(mean))
    if rule == "best":
        return best
    if loss.shape[1] < 2:
        raise Mistake("at least two folds for the rule of one standard error", loss.shape[1], "use rule='best'")
    return int(np.flatnonzero(mean <= mean[best] + standard_error(loss[best]))[0])


def grid(**choices: Sequence[Any]) -> list[dict[str, Any]]:
    """Every combination of the choices, the last varying fastest: `grid(rate=[0.1, 1], batch=[16, 128])`.

    Book: 3.6.
    """
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


def random_settings(ranges: Mapping[str, Knob | Sequence[Any]], n: int, seed: int = 0) -> list[dict[str, Any]]:
    """n settings at random: uniform in the range of a knob, in its logarithm if its scale is "log"; else among choices.

    `random_settings(knobs(Adam), 20)` draws settings of an optimizer. Where few knobs matter, random settings try
    more values of each than a grid of the same size.

    Book: 3.6.  Source: Bergstra & Bengio (2012).

    Raises `Mistake` for a knob without both ends, n < 1, or a negative seed.
    """
    if n < 1 or seed < 0:
        raise Mistake("n of at least 1 and a seed of at least 0", f"n {n}, seed {seed}")
    rng = np.random.default_rng(seed)
    columns = {name: _drawn(name, among, n, rng) for name, among in ranges.items()}
    return [{name: column[i] for name, column in columns.items()} for i in range(n)]


def _drawn(name: str, among: Knob | Sequence[Any], n: int, rng: np.random.Generator) -> list[Any]:
    if not isinstance(among, Knob) or among.choices:
        options = among.choices if isinstance(among, Knob) else among
        return [options[i] for i in rng.integers(len(options), size=n)]
    if among.low is None or among.high is None or (among.scale == "log" and among.low <= 0):
        raise Mistake(f"a range for {name} with both ends, above 0 on a log scale", among.span())
    if among.scale == "log":
        drawn = np.exp(rng.uniform(np.log(among.low), np.log(among.high), n))
    else:
        drawn = rng.uniform(among.low, among.high, n)
    whole = isinstance(among.default, int) and not isinstance(among.default, bool)
    return [round(value) if whole else float(value) for value in drawn]
