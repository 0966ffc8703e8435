"""Autoencoders.

An autoencoder is trained to give back what it is given, through a code too short to hold it all: what survives is what the data
have in common. With linear layers it finds the principal components and nothing better; a hundred points along an S
need a code that can bend, and one tanh unit on either side cannot do that, eight more can. Digits are drawn again from
thirty, ten or two numbers; between the codes of two digits lie other digits, between their pixels only a double exposure. And
a network that is shown noisy pictures and asked for the clean ones learns to take the noise away.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float

from gradiens.book.ch03_simple_networks.digit_codes import (
    COMPONENTS,
    SEEDS,
    Between,
    Denoised,
    Redrawn,
    deep_against_components,
    denoise,
    interpolate,
    pictures,
    redraw,
)
from gradiens.book.ch03_simple_networks.s_curve import Curves, Linear, curve_figure, curve_values, curves, linear
from gradiens.core.module import Module, knob
from gradiens.report.figure import Figure, Series

NAMES = ("784-30-784", "784-50-10-50-784", "784-50-2-50-784")
LONG_SEEDS = 3


class Config(Module):
    """The starts on the S, and the training on MNIST."""

    starts: int = knob(12, 1, 100, says="starts of each network on the S")
    iterations: int = knob(1000, 10, 10_000, says="iterations of BFGS at most")
    images: int = knob(5000, 500, 60_000, says="training images of MNIST")
    epochs: int = knob(10, 1, 100, says="passes over them")
    batch: int = knob(100, 1, 10_000, says="images a minibatch")
    rate: float = knob(3e-3, 1e-6, 1.0, "log", says="step size of ADAM")
    noise: float = knob(0.3, 0.0, 2.0, says="standard deviation of the noise to be taken away")


class Record(NamedTuple):
    """The S, the linear autoencoders, the digits."""

    curves: Curves
    linear: Linear
    redrawn: Redrawn
    between: Between
    denoised: Denoised


class LongRecord(NamedTuple):
    """All of MNIST: the test error of ten components, and of the deep network by seed."""

    components: Float[np.ndarray, ""]
    deep: Float[np.ndarray, "3"]


def run(config: Config, key: Array) -> Record:
    """The four experiments."""
    on_s, straight, digits, noise = jax.random.split(key, 4)
    data = pictures(config.images)
    redrawn, deep = redraw(data, config, digits)
    return Record(
        curves=curves(config.starts, config.iterations, on_s),
        linear=linear(straight),
        redrawn=redrawn,
        between=interpolate(data, deep),
        denoised=denoise(data, config, noise),
    )


def long_run(config: Config, key: Array) -> LongRecord:
    """The deep network on all images, three seeds side by side."""
    found = deep_against_components(pictures(60_000), config, LONG_SEEDS, key)
    return LongRecord(found[0], found[1:])


def values(config: Config, record: Record) -> dict[str, float]:
    """Residuals on the S, mean squared errors a pixel on the digits."""
    components = {f"PCA, {m} components: test MSE": e for m, e in zip(COMPONENTS, record.redrawn.test_pca, strict=True)}
    networks = {f"{name}: test MSE": e for name, e in zip(NAMES, record.redrawn.test, strict=True)}
    noisy = {
        "noisy pictures: test MSE, median": float(np.median(record.denoised.noisy)),
        "denoised: test MSE, median": float(np.median(record.denoised.drawn)),
    }
    return {**curve_values(record.curves), **components, **networks, **noisy}


def long_values(config: Config, record: LongRecord) -> dict[str, float]:
    """Test errors on all of MNIST."""
    by_seed = {f"all of MNIST, seed {i}: deep test MSE": e for i, e in enumerate(record.deep)}
    return {"all of MNIST: PCA(10) test MSE": float(record.components), **by_seed}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The curves, the digits drawn again, their codes in the plane, the way from 3 to 3, the noise taken away."""
    drawn = zip(("given", "by 30 components", f"by {NAMES[0]}", f"by {NAMES[1]}"), record.redrawn.drawn, strict=True)
    between = (("Decoded between two codes", record.between.decoded), ("Mixed pixel by pixel", record.between.pixels))
    noise = zip(("clean", "with noise", "noise taken away"), record.denoised.pictures, strict=True)
    shares = [f"λ = {λ:.3g}" for λ in np.linspace(1, 0, len(record.between.decoded))]
    return (
        curve_figure(record.curves),
        *(_row(f"Nine test digits, {name}", row) for name, row in drawn),
        *_codes(record.redrawn),
        *(_row(title, row, shares) for title, row in between),
        *(_row(f"Six test digits, {name}", row) for name, row in noise),
    )


def _row(title: str, rows: np.ndarray, labels: list[str] | None = None) -> Figure:
    names = labels or [""] * len(rows)
    series = [
        Series("picture", z=np.clip(z, 0, 1).reshape(28, 28), label=name) for z, name in zip(rows, names, strict=True)
    ]
    return Figure(title, series, summary=f"{len(rows)} pictures of 28 × 28 pixels.")


def _codes(found: Redrawn) -> tuple[Figure, ...]:
    titles = ("Codes of test digits: two principal components", "Codes of test digits: two units of a deep autoencoder")
    figures = []
    for title, codes in zip(titles, found.codes, strict=True):
        clouds = [Series("points", *codes[found.labels == k].T, label=str(k), colour=k) for k in range(10)]
        figures.append(Figure(title, clouds, "first", "second"))
    return tuple(figures)


def claim_the_s_has_the_stated_singular_values(config: Config, record: Record) -> bool:
    """Claim 1: (a): centred total sum of squares 55.090067, singular values 7.070606 and 2.257563, one-component residual
    5.096592 (9.25 %); half a unit of the last digit."""
    found = record.curves
    numbers = (found.total, *found.singular_values, found.pca)
    near = np.allclose(numbers, (55.090067, 7.070606, 2.257563, 5.096592), rtol=0, atol=5.1e-7)
    return near and bool(abs(100 * found.pca / found.total - 9.25) <= 0.005)


def claim_the_linear_autoencoder_is_pca(config: Config, record: Record) -> bool:
    """Claim 2: a linear autoencoder with m units on centred data has minimal residual the sum of the squared singular values
    beyond m (relative 1e-9), and its decoder spans the leading m-dimensional principal subspace (projections within
    1e-6); with tied weights the optimal W is orthonormal (1e-6)."""
    found = record.linear
    least = np.allclose(found.residual, found.tail, rtol=1e-9, atol=0)
    return least and bool(np.all(found.off_subspace <= 1e-6) and found.off_orthonormal <= 1e-6)


def claim_one_tanh_unit_does_not_beat_pca(config: Config, record: Record) -> bool:
    """Claim 3: (a): the one-unit tanh network does not beat PCA (best residual at least 5.09), because both of its output
    coordinates are monotone in the code."""
    return bool(record.curves.residuals[0].min() >= 5.09)


def claim_the_deeper_network_follows_the_s(config: Config, record: Record) -> bool:
    """Claim 4: (a): the deeper network's best-of-12 residual is below 1."""
    return bool(record.curves.residuals[1].min() < 1)


def claim_more_components_leave_less(config: Config, record: Record) -> bool:
    """Claim 5: training error of PCA decreases in m: 30 < 10 < 2 components."""
    two, ten, thirty = record.redrawn.train_pca
    return bool(thirty < ten < two)


def claim_the_ends_of_the_way_are_the_reconstructions(config: Config, record: Record) -> bool:
    """Claim 7: lambda = 1 and 0 return the reconstructions of A and B (1e-4, single precision)."""
    return np.allclose(record.between.decoded[[0, -1]], record.between.ends, rtol=1e-4, atol=1e-6)


def claim_noise_is_taken_away(config: Config, record: Record) -> bool:
    """Claim 8: test MSE of the denoised images < MSE of the noisy input, on each of 5 seeds."""
    return bool(len(record.denoised.drawn) == SEEDS and np.all(record.denoised.drawn < record.denoised.noisy))


def long_claim_ten_units_beat_ten_components(config: Config, record: LongRecord) -> bool:
    """Claim 6: all of MNIST: test MSE of the deep network with 10 units < PCA with 10, on each of 3 seeds."""
    return bool(len(record.deep) == LONG_SEEDS and np.all(record.deep < record.components))
