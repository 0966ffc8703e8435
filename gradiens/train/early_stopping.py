"""Early stopping: training ends when the validation loss has not become lower for some epochs, and the best is kept.

    best = argmin C_val[0 … e],   stop at the first e with e - best ≥ patience

The number of epochs is then chosen by data that training does not see, as a penalty's strength is.

Book: 4.2, 5.7.  Source: Prechelt (1998).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradiens.core.check import Mistake


def stopped(losses: Sequence[float] | np.ndarray, patience: int) -> tuple[int, int]:
    """The epochs (from 0) at which training ends and of the network that is kept, for the validation losses of a training.

    It ends when the loss has not become lower for `patience` epochs, else with the last; kept is the lowest seen until then.
    A loss that is not a number is never lower.

    Raises `Mistake` without losses, or for a patience below 1.

    Book: 4.2, 5.7.  Source: Prechelt (1998).
    """
    if not len(losses) or patience < 1:
        raise Mistake("losses, and a patience of at least 1", f"{len(losses)} losses, patience {patience}")
    best, lowest = 0, np.inf
    for epoch, loss in enumerate(losses):
        if loss < lowest:
            best, lowest = epoch, loss
        if epoch - best >= patience:
            return epoch, best
    return len(losses) - 1, best
