"""Paths of ridge regression, lasso and elastic net on the diabetes data, with cross-validation along them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gradiens.classical.linear.elastic_net import ElasticNetPath, elastic_net_path
from gradiens.classical.linear.ridge import RidgePath, ridge_path
from gradiens.data.folds import k_fold
from gradiens.data.sets.diabetes import diabetes

RATIO = 0.5  # of the elastic net
LEAST = 1e-5  # the least penalty of a path of the lasso or the net, as a share of the largest


class Validated(NamedTuple):
    """A path over all rows, and the mean over the folds of the error along it, with its standard error."""

    path: RidgePath | ElasticNetPath
    error: Float[np.ndarray, "K"]
    standard_error: Float[np.ndarray, "K"]

    @property
    def best(self) -> int:
        """Where the error is least."""
        return int(np.argmin(self.error))

    @property
    def simplest(self) -> int:
        """The largest penalty whose error is within one standard error of the least."""
        within = self.error <= self.error[self.best] + self.standard_error[self.best]
        return int(np.flatnonzero(within)[np.argmax(self.path.penalties[within])])

    @property
    def degrees(self) -> float:
        """Degrees of freedom where the error is least, the intercept's with them; for an L1 penalty the weights left."""
        path = self.path
        return float(path.degrees[self.best] if isinstance(path, RidgePath) else path.nonzero[self.best] + 1)


def data() -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """The ten measurements, the progress, and the measurements' names."""
    frame = diabetes().frame
    x = frame.drop("progression")
    return x.to_numpy(), frame["progression"].to_numpy().astype(np.float64), tuple(x.columns)


def paths(count: int, folds: int, seed: int) -> dict[str, Validated]:
    """The three paths, each with K-fold cross-validation on its own penalties."""
    x, y, _ = data()
    lasso, net = (elastic_net_path(x, y, ratio, count=count, least=LEAST) for ratio in (1.0, RATIO))
    ridge = ridge_path(x, y, np.geomspace(100, 1e-4, count))
    again: dict[str, tuple[RidgePath | ElasticNetPath, Callable[..., RidgePath | ElasticNetPath]]] = {
        "ridge": (ridge, lambda x, y: ridge_path(x, y, ridge.penalties)),
        "lasso": (lasso, lambda x, y: elastic_net_path(x, y, penalties=lasso.penalties)),
        "elastic net": (net, lambda x, y: elastic_net_path(x, y, RATIO, net.penalties)),
    }
    cuts = k_fold(len(y), folds, seed)
    found = {}
    for name, (path, refit) in again.items():
        errors = [np.mean((refit(x[a], y[a]).predict(x[b]) - y[b]) ** 2, axis=1) for a, b in cuts]
        found[name] = Validated(path, np.mean(errors, axis=0), np.std(errors, axis=0, ddof=1) / np.sqrt(folds))
    return found
