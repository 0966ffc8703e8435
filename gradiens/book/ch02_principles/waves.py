"""Polynomials through ten noisy points of a wave, on many data sets.

y = f(x) + N(0, 0.2),   f(x) = sin 2πx - cos 2πx,   x equispaced in [0, 1]
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gradiens.classical.features.polynomial_features import polynomial_features
from gradiens.classical.linear.least_squares_routes import solve_least_squares
from gradiens.classical.linear.linear_regression import fit_linear_regression
from gradiens.evaluation.bias_variance import Decomposition, decompose

NOISE, POINTS, TEST_POINTS = 0.2, 10, 10_001
DEGREES = range(10)


class Polynomials(NamedTuple):
    """By degree: errors of each seed, the decomposition, and the fits of seed 0 with what three criteria say of them."""

    train: Float[np.ndarray, "10 S"]
    test: Float[np.ndarray, "10 S"]
    to_truth: Float[np.ndarray, "10 S"]  # mean (f - f̂)² over the test points
    parts: tuple[Decomposition, ...]
    x: Float[np.ndarray, "N"]
    y: Float[np.ndarray, "N"]  # of seed 0
    curves: Float[np.ndarray, "10 M"]  # of seed 0, at `grid`
    grid: Float[np.ndarray, "M"]
    criteria: Float[np.ndarray, "3 9"]  # of seed 0, degrees 0 … 8: AIC, BIC, leave-one-out MSE


def wave(x: np.ndarray) -> np.ndarray:
    """f."""
    return np.sin(2 * np.pi * x) - np.cos(2 * np.pi * x)


def powers(x: np.ndarray, degree: int) -> Float[np.ndarray, "N d1"]:
    """1, x, …, x^degree."""
    return polynomial_features(x[:, None], degree)


def polynomials(seeds: int) -> Polynomials:
    """Fit all degrees to the training rows of seeds 0, 1, …; test on fresh noise (training noise is drawn first)."""
    x, at = np.linspace(0, 1, POINTS), np.linspace(0, 1, TEST_POINTS)
    draws = [np.random.default_rng(seed) for seed in range(seeds)]
    y = wave(x)[:, None] + np.stack([draw.normal(0, NOISE, POINTS) for draw in draws], axis=1)
    noise = np.stack([draw.normal(0, NOISE, TEST_POINTS) for draw in draws], axis=1)
    train, test, to_truth, parts, curves = [], [], [], [], []
    for degree in DEGREES:
        b = solve_least_squares(powers(x, degree), y, "svd")
        error = powers(at, degree) @ b - wave(at)[:, None]
        train.append(np.mean((powers(x, degree) @ b - y) ** 2, axis=0))
        test.append(np.mean((error - noise) ** 2, axis=0))
        to_truth.append(np.mean(error**2, axis=0))
        parts.append(decompose((error + wave(at)[:, None]).T, wave(at), NOISE**2))
        curves.append(powers(at[::50], degree) @ b[:, 0])
    train, test, to_truth = (np.stack(errors) for errors in (train, test, to_truth))
    grid, y0 = at[::50], y[:, 0]
    return Polynomials(train, test, to_truth, tuple(parts), x, y0, np.stack(curves), grid, _criteria(x, y0))


def _criteria(x: np.ndarray, y: np.ndarray) -> Float[np.ndarray, "3 9"]:
    """Degree 9 goes through all points: there is nothing left to judge it by."""
    fits = [fit_linear_regression(powers(x, degree)[:, 1:], y) for degree in DEGREES[:-1]]
    return np.array([(fit.aic, fit.bic, np.mean(fit.leave_one_out() ** 2)) for fit in fits]).T
