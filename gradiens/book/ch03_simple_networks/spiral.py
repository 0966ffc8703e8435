"""Two arms of a spiral: points of the plane in two classes, and classifiers on their monomials."""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.classical.classifiers.kernel_logistic import fit_kernel_logistic, gaussian_kernel
from gradiens.classical.classifiers.logistic_regression import LogisticFit, fit_logistic
from gradiens.classical.features.polynomial_features import polynomial_features
from gradiens.classical.features.random_features import RandomFeatures
from gradiens.classical.features.spline_features import SplineFeatures
from gradiens.functions.metrics import accuracy

OTHERS = ("splines, additive", "random features", "Gaussian kernel")
DEGREES = (1, 2, 4, 8)
ARM, TRAINED = 400, 600  # points an arm, points of both that are trained on


class Spiral(NamedTuple):
    """Training and test points, and their arms."""

    x: Float[np.ndarray, "600 2"]
    y: Int[np.ndarray, "600"]
    x_test: Float[np.ndarray, "200 2"]
    y_test: Int[np.ndarray, "200"]


def spiral(key: Array) -> Spiral:
    """Arm j = 0, 1: points (r sin t, r cos t), r equispaced in [0.05, 1], t equispaced from 4.7 j to 4.7 (j + 1), plus
    N(0, 0.3); split at random."""
    noise, order = jax.random.split(key)
    r = np.linspace(0.05, 1, ARM)
    turns = np.stack([np.linspace(4.7 * j, 4.7 * (j + 1), ARM) for j in (0, 1)])
    t = turns + 0.3 * np.asarray(jax.random.normal(noise, (2, ARM)))
    x = np.stack([r * np.sin(t), r * np.cos(t)], axis=-1).reshape(-1, 2)
    y = np.repeat([0, 1], ARM)
    shuffled = np.asarray(jax.random.permutation(order, 2 * ARM))
    first, last = shuffled[:TRAINED], shuffled[TRAINED:]
    return Spiral(x[first], y[first], x[last], y[last])


def monomials(x: Float[np.ndarray, "N 2"], degree: int) -> Float[np.ndarray, "N M"]:
    """Without the constant: a fit has an intercept of its own."""
    return polynomial_features(x, degree)[:, 1:]


def fits(x: np.ndarray, y: np.ndarray, classes: int, degrees: tuple[int, ...], l2: float) -> list[LogisticFit]:
    """One fit for each degree."""
    return [fit_logistic(monomials(x, degree), y, classes, l2) for degree in degrees]


def regions(found: list[LogisticFit], degrees: tuple[int, ...], axis: np.ndarray) -> Int[np.ndarray, "F G G"]:
    """The class at each point of the square over `axis`, for each fit."""
    plane = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    codes = [fit.predict(monomials(plane, degree)) for fit, degree in zip(found, degrees, strict=True)]
    return np.stack(codes).reshape(-1, len(axis), len(axis)).astype(np.int8)


def others(one: Spiral, l2: float) -> Float[np.ndarray, "3"]:
    """Test accuracy with the features of OTHERS: B-splines of each coordinate, 200 cosines, and the kernel they stand for."""
    splines, cosines = SplineFeatures.of(one.x, 8), RandomFeatures.draw(2, 200, gamma=4.0)
    by_features = [
        accuracy(one.y_test, fit_logistic(f.apply(one.x), one.y, 2, l2).predict(f.apply(one.x_test)))
        for f in (splines, cosines)
    ]
    kernel = fit_kernel_logistic(one.x, one.y, 2, gaussian_kernel(4.0), l2)
    return np.array([*by_features, accuracy(one.y_test, kernel.predict(one.x_test))])
