"""All first-order methods on one ill-conditioned quadratic, from one start, with the step sizes that theory gives.

Where theory gives none (the adaptive methods), the step size is a knob of the section.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch04_optimization.paths import side_by_side
from gradiens.optim.accelerated import Accelerated
from gradiens.optim.adadelta import Adadelta
from gradiens.optim.adagrad import Adagrad
from gradiens.optim.adamax import Adamax
from gradiens.optim.barzilai_borwein import BarzilaiBorwein
from gradiens.optim.coordinate_descent import CoordinateDescent
from gradiens.optim.fista import FISTA
from gradiens.optim.fletcher_reeves import FletcherReeves
from gradiens.optim.ista import ISTA
from gradiens.optim.line_search.backtracking import Backtracking
from gradiens.optim.line_search.exact import Exact
from gradiens.optim.line_search.strong_wolfe import StrongWolfe
from gradiens.optim.line_search.wolfe import Wolfe
from gradiens.optim.linear_cg import LinearCG
from gradiens.optim.momentum import Momentum
from gradiens.optim.nadam import Nadam
from gradiens.optim.nesterov import Nesterov
from gradiens.optim.polak_ribiere import PolakRibiere
from gradiens.optim.problems.quadratic import Quadratic
from gradiens.optim.sgd import SGD
from gradiens.optim.steepest_descent import SteepestDescent

Numbers = Array | np.ndarray
Gaps = dict[str, Float[Numbers, "T1"]]


def groups(kappa: float, rate: float) -> dict[str, dict[str, Any]]:
    """The methods in the groups in which they are drawn; constant steps are the best for eigenvalues in [1, κ]."""
    root = kappa**0.5
    ball, ahead = ((root - 1) / (root + 1)) ** 2, (root - 1) / (root + 1)
    return {
        "Constant steps and their repair": {
            "gradient descent": SGD(2 / (kappa + 1)),
            "momentum": Momentum(4 / (root + 1) ** 2 / (1 - ball), ball),
            "Nesterov momentum": Nesterov(1 / kappa / (1 - ahead), ahead),
            "Barzilai-Borwein": BarzilaiBorwein(),
        },
        "Ahead; and proximal, with no penalty": {
            "accelerated": Accelerated(1 / kappa),
            "ISTA": ISTA(1 / kappa, 0.0),
            "FISTA": FISTA(1 / kappa, 0.0),
        },
        "A step size for each coordinate": {
            "Adagrad": Adagrad(10 * rate),
            "Adadelta": Adadelta(),
            "Adamax": Adamax(rate),
            "Nadam": Nadam(rate),
        },
        "Steepest and coordinate descent": {
            "steepest, exact": SteepestDescent(Exact()),
            "steepest, backtracking": SteepestDescent(Backtracking()),
            "steepest, Wolfe": SteepestDescent(Wolfe()),
            "steepest, strong Wolfe": SteepestDescent(StrongWolfe()),
            "coordinate descent": CoordinateDescent(),
        },
        "Conjugate directions": {
            "Fletcher-Reeves": FletcherReeves(Exact()),
            "Polak-Ribière+": PolakRibiere(Exact()),
            "linear CG": LinearCG(),
        },
    }


def race(kappa: float, dimension: int, rate: float, steps: int) -> Gaps:
    """C - C* along the path of every method, on the quadratic with eigenvalues from 1 to κ."""
    problem = Quadratic(kappa, dimension)
    methods = {name: method for group in groups(kappa, rate).values() for name, method in group.items()}
    paths = side_by_side(problem.cost(), methods, problem.start(), steps)
    return {name: path.value for name, (path, _) in paths.items()}


def steps_to(gaps: Float[Numbers, "T1"], share: float) -> int | None:
    """The first step after which the gap is at most this share of the first; None where it never is."""
    reached = np.asarray(gaps) <= share * gaps[0]
    return int(np.argmax(reached)) if reached.any() else None
