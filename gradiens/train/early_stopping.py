"""Early stopping: training ends when the validation loss has not become lower for some epochs, and the best is kept.

    best = argmin C_val[0 … e],   stop at the first e with e - best ≥ patience

The number of epochs is then chosen by data that training does not see, as a penalty's strength is.

Book: 4.2, 5.7.  Source: Prechelt (1998).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from gradiens.core.check import Mistake


@dataclasses.dataclass
class Lowest:
    """The lowest loss of a training under way, and when it was seen: in epochs, or in steps.

    Book: 4.2, 5.7.  Source: Prechelt (1998).
    """

    loss: float = np.inf
    at: int = 0

    def lower(self, loss: float, at: int) -> bool:
        """Whether `loss`, seen at `at`, is the lowest so far; then it is kept. What is not a number is never lower."""
        if not loss < self.loss:
            return False
        self.loss, self.at = float(loss), at
        return True

    def waited(self, at: int, patience: int) -> bool:
        """Whether nothing lower has come for `patience`; never for a patience of 0."""
        return 0 < patience <= at - self.at


def stopped(losses: Sequence[float] | np.ndarray, patience: int) -> tuple[int, int]:
    """The epochs (from 0) at which training ends and of the network that is kept, for the validation losses of a training.

    It ends when the loss has not become lower for `patience` epochs, else with the last; kept is the lowest seen until then.

    Raises `Mistake` without losses, or for a patience below 1.

    Book: 4.2, 5.7.  Source: Prechelt (1998).
    """
    if not len(losses) or patience < 1:
        raise Mistake("losses, and a patience of at least 1", f"{len(losses)} losses, patience {patience}")
    lowest = Lowest()
    for epoch, loss in enumerate(losses):
        lowest.lower(loss, epoch)
        if lowest.waited(epoch, patience):
            return epoch, lowest.at
    return len(losses) - 1, lowest.at
