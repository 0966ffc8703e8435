"""Units that nobody trains: random cosines. Their mean approaches a function as one over the root of their number, whatever the
number of variables, and with output weights by least squares they do better."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gradiens.classical.features.random_features import RandomFeatures

WIDTHS = (10, 40, 160, 640)
VARIABLES = (1, 10, 100)
DRAWS, POINTS = 20, 100


class RandomUnits(NamedTuple):
    """Root mean square errors by number of units (WIDTHS): of the mean of random units for exp(-½ ‖x‖² / D), x ~ N(0, 1) of D
    variables (VARIABLES), over DRAWS draws; of a least-squares fit to a curve, the middle of five draws."""

    mean: Float[np.ndarray, "D M"]
    fit: Float[np.ndarray, " M"]


def random_units(curve: Callable[[np.ndarray], np.ndarray], axis: Float[np.ndarray, " N"]) -> RandomUnits:
    """The errors, for `curve` on `axis`."""
    return RandomUnits(np.array([[_mean(D, M) for M in WIDTHS] for D in VARIABLES]), _fits(curve(axis), axis[:, None]))


def _mean(D: int, M: int) -> float:
    """φ(x)·φ(0) against the kernel, of which it is the mean of M independent draws."""
    x = np.random.default_rng(D).normal(size=(POINTS, D))
    kernel = np.exp(-np.sum(x**2, axis=1) / (2 * D))
    drawn = [RandomFeatures.draw(D, M, 1 / (2 * D), seed) for seed in range(DRAWS)]
    off = [features.apply(x) @ features.apply(np.zeros((1, D)))[0] - kernel for features in drawn]
    return float(np.sqrt(np.mean(np.square(off))))


def _fits(y: Float[np.ndarray, " N"], x: Float[np.ndarray, "N 1"]) -> Float[np.ndarray, " M"]:
    errors = []
    for M in WIDTHS:
        inputs = [RandomFeatures.draw(1, M, 50.0, seed).apply(x) for seed in range(5)]
        errors.append([np.sqrt(np.mean((y - X @ np.linalg.lstsq(X, y, rcond=1e-10)[0]) ** 2)) for X in inputs])
    return np.median(errors, axis=1)


def told(found: RandomUnits) -> dict[str, float]:
    """The errors, and by which power of their number the mean of random units comes closer: ½ is Barron's rate."""
    named = {f"mean of {M} random units, {D} variables: error": e for D, row in zip(VARIABLES, found.mean, strict=True)
             for M, e in zip(WIDTHS, row, strict=True)}  # fmt: skip
    named |= {f"{D} variables: order of the error in 1/units": -float(np.polyfit(np.log(WIDTHS), np.log(row), 1)[0])
              for D, row in zip(VARIABLES, found.mean, strict=True)}  # fmt: skip
    return named | {f"least squares on {M} random units: error": e for M, e in zip(WIDTHS, found.fit, strict=True)}
