"""A Taste of Unsupervised Learning.

Without targets there is still structure to be found. K-means alternates between two easy minimisations, and its sum W of
squared distances can only fall: on three blobs a handful of steps suffice, and a noisy picture keeps its shapes when
it is left two colours, or six. Principal components turn thirty correlated measurements into a few uncorrelated scores, of which
the first two already part the diagnoses that they were never told. The same decomposition compresses a picture: its best
approximation of rank m is known, and so is its error.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch02_principles.groups import Groups, find_groups, group_figures, group_values
from gradiens.book.ch02_principles.pictures import coloured, waves_and_disc
from gradiens.classical.features.standardised import Standardised
from gradiens.classical.unsupervised.colour_segmentation import segment_colours
from gradiens.classical.unsupervised.kmeans_fit import fit_kmeans
from gradiens.classical.unsupervised.low_rank import low_rank
from gradiens.classical.unsupervised.pca import fit_pca
from gradiens.core.module import Module, knob
from gradiens.data.sets.breast_cancer import breast_cancer
from gradiens.data.sets.mnist import mnist
from gradiens.report.figure import Figure, Series

COLOURS = (2, 6)
RANKS = (10, 30, 50)
STATED = {5: 9.94674e-4, 10: 3.99592e-4, 20: 1.53141e-4, 30: 7.74058e-5}  # relative squared errors of claim 5
DIGITS, COMPONENTS = 10, 50  # clusters and components of the long run


class Config(Module):
    """The starts of k-means, and the noise of the picture."""

    starts: int = knob(20, 1, 200, says="starts of k-means for each number of centres")
    noise: float = knob(0.12, 0.0, 1.0, says="noise of the colours")
    subspaces: int = knob(100, 1, 10_000, says="random column spaces that the best approximation is compared with")


class Components(NamedTuple):
    """PCA of the standardised Wisconsin data by both routes."""

    loadings: Float[np.ndarray, "30 30"]  # as columns, from the singular value decomposition
    by_eigen: Float[np.ndarray, "30 30"]  # from the covariance
    variances: Float[np.ndarray, "2 30"]
    scores: Float[np.ndarray, "N 30"]
    white: Float[np.ndarray, "N 30"]
    malignant: Int[np.ndarray, "N"]


class Compression(NamedTuple):
    """The grey picture at each rank: the picture, the best squared error by m, what m random directions leave at best."""

    pictures: Float[np.ndarray, "3 353 469"]
    error: Float[np.ndarray, "3"]
    tail: Float[np.ndarray, "3"]  # the sum of the squared singular values beyond m
    least_other: Float[np.ndarray, "3"]
    relative: Float[np.ndarray, "353"]  # ‖A - A_m‖² / ‖A‖² for m = 1, 2, …
    storage: Float[np.ndarray, "3"]


class Record(NamedTuple):
    """The four experiments."""

    groups: Groups
    picture: Float[np.ndarray, "48 64 3"]
    segments: Float[np.ndarray, "2 48 64 3"]
    components: Components
    compression: Compression


class LongRecord(NamedTuple):
    """MNIST: W by step, the centres and how far each is from the mean of its cell; loadings, ratios, correlations of the
    scores."""

    path: Float[np.ndarray, "T"]
    centres: Float[np.ndarray, "10 784"]
    off_mean: Float[np.ndarray, ""]
    purity: Float[np.ndarray, ""]
    loadings: Float[np.ndarray, "50 784"]
    ratios: Float[np.ndarray, "50"]
    correlation: Float[np.ndarray, ""]


def run(config: Config, key: Array) -> Record:
    """Blobs, colours, components, compression; the draws are NumPy's, from one number of the key."""
    rng = np.random.default_rng(int(jax.random.randint(key, (), 0, 2**31 - 1)))
    groups = find_groups(config.starts, rng)
    picture = coloured(config.noise, rng)
    segments = np.stack([segment_colours(picture, k).image() for k in COLOURS])
    return Record(groups, picture, segments, _components(), _compression(config, rng))


def _components() -> Components:
    table = breast_cancer().frame
    x = table.drop("diagnosis").to_numpy().astype(np.float64)
    z = Standardised.of(x).apply(x)
    svd, eigen = fit_pca(z, route="svd"), fit_pca(z, route="eigen")
    return Components(
        loadings=svd.components.T,
        by_eigen=eigen.components.T,
        variances=np.stack([svd.variances, eigen.variances]),
        scores=svd.transform(z),
        white=svd.transform(z, whiten=True),
        malignant=(table["diagnosis"] == "malignant").to_numpy().astype(np.int64),
    )


def _compression(config: Config, rng: np.random.Generator) -> Compression:
    a = waves_and_disc()
    kept = [low_rank(a, m) for m in RANKS]
    s = np.concatenate([kept[0].s, kept[0].tail])
    return Compression(
        pictures=np.stack([one.matrix() for one in kept]),
        error=np.array([np.sum((a - one.matrix()) ** 2) for one in kept]),
        tail=np.array([np.sum(s[m:] ** 2) for m in RANKS]),
        least_other=np.array([min(_random_residuals(a, m, config.subspaces, rng)) for m in RANKS]),
        relative=np.append(np.cumsum(s[::-1] ** 2)[::-1][1:], 0.0) / np.sum(s**2),
        storage=np.array([one.storage for one in kept]),
    )


def _random_residuals(a: np.ndarray, m: int, count: int, rng: np.random.Generator) -> list[float]:
    """‖A - QQ'A‖² for m orthonormal columns Q drawn at random."""
    found = []
    for _ in range(count):
        q, _ = np.linalg.qr(rng.normal(size=(len(a), m)))
        found.append(float(np.sum(a**2) - np.sum((q.T @ a) ** 2)))
    return found


def long_run(config: Config, key: Array) -> LongRecord:
    """K-means and components of all training images of MNIST, in single precision."""
    images = mnist()
    x = images.pixels.reshape(len(images.pixels), -1).astype(np.float32) / np.float32(images.maximum)
    found = fit_kmeans(x, DIGITS, 3, seed=int(jax.random.randint(key, (), 0, 2**31 - 1)))
    cells = [found.labels == k for k in range(DIGITS)]
    means = np.stack([x[cell].mean(0, dtype=np.float64) for cell in cells])
    most = [np.bincount(images.labels[cell]).max() for cell in cells]
    pca = fit_pca(x, COMPONENTS)
    correlation = np.corrcoef(pca.transform(x).T) - np.eye(COMPONENTS)
    return LongRecord(
        path=found.path,
        centres=found.centres,
        off_mean=np.abs(found.centres - means).max(),
        purity=np.sum(most) / len(x),
        loadings=pca.components,
        ratios=pca.ratios,
        correlation=np.abs(correlation).max(),
    )


def values(config: Config, record: Record) -> dict[str, float]:
    """Groups, the first seven variance ratios, errors and storage by rank."""
    λ = record.components.variances[0]
    ratios = {f"variance ratio {j + 1}": ratio for j, ratio in enumerate((λ / λ.sum())[:7])}
    errors = {f"rank {m}: relative squared error": record.compression.relative[m - 1] for m in RANKS}
    storage = {f"rank {m}: storage": share for m, share in zip(RANKS, record.compression.storage, strict=True)}
    return {**group_values(record.groups), **ratios, **errors, **storage}


def long_values(config: Config, record: LongRecord) -> dict[str, float]:
    """What k-means and the components find in MNIST."""
    share = {f"MNIST: variance kept by {m}": record.ratios[:m].sum() for m in (2, 10, COMPONENTS)}
    return {
        "MNIST: W": float(record.path[-1]),
        "MNIST: steps": len(record.path) - 1,
        "MNIST: purity": float(record.purity),
        **share,
    }


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The steps of k-means, the segmented picture, the scores, the compressed picture and its error."""
    names = ("the picture", *(f"in {k} colours" for k in COLOURS))
    pictures = (record.picture, *record.segments)
    segments = Figure(
        "A noisy picture, segmented by colour",
        [Series("picture", z=picture, label=name) for name, picture in zip(names, pictures, strict=True)],
        summary="Painted in six colours, with noise. Where a pixel lies plays no part, so that a small region can lose its "
        "colour to the noise of a large one.",
    )
    return (
        *group_figures(record.groups),
        segments,
        *_component_figures(record.components),
        *_compression_figures(record),
    )


def _component_figures(found: Components) -> tuple[Figure, ...]:
    one, two = found.scores[:, :2].T
    kinds = (("benign", found.malignant == 0), ("malignant", found.malignant == 1))
    clouds = [Series("points", one[at], two[at], label=kind) for kind, at in kinds]
    ratios = found.variances[0] / found.variances[0].sum()
    j = np.arange(1, len(ratios) + 1)
    shares = [
        Series("bars", j, ratios, label="a component"),
        Series("line", j, np.cumsum(ratios), label="all up to it"),
    ]
    return (
        Figure("Wisconsin data by its first two principal components", clouds, "PC1", "PC2", square=True),
        Figure("Share of the variance", shares, "component", "share"),
    )


def _compression_figures(record: Record) -> tuple[Figure, ...]:
    found = record.compression
    shown = [(waves_and_disc(), "all of it")]
    shown += [(picture, f"rank {m}") for m, picture in zip(RANKS, found.pictures, strict=True)]
    held = found.relative > 1e-20
    line = Series("line", np.arange(1, len(held) + 1)[held], found.relative[held], label="‖A - A_m‖² / ‖A‖²")
    return (
        Figure("A picture at low rank", [Series("picture", z=np.clip(z, 0, 1), label=label) for z, label in shown]),
        Figure("Relative squared error of the best approximation", [line], "rank m", "error", log_y=True),
    )


def long_show(config: Config, record: LongRecord) -> tuple[Figure, ...]:
    """The centres and the first components as pictures."""
    centres = [Series("picture", z=c.reshape(28, 28), label=f"centre {k}") for k, c in enumerate(record.centres)]
    largest = np.abs(record.loadings).max()
    parts = [0.5 + v.reshape(28, 28) / (2 * largest) for v in record.loadings[:10]]
    return (
        Figure("Ten centres of MNIST", centres),
        Figure("Ten components of MNIST", [Series("picture", z=z, label=f"PC{j + 1}") for j, z in enumerate(parts)]),
    )


def claim_w_never_increases(config: Config, record: Record) -> bool:
    """Claim 1: W never increases from step to step; at convergence each centre is its cell's mean (1e-9)."""
    found = record.groups
    falls = bool(np.all(np.diff(found.path) <= 1e-12 * found.path[0]))
    means = np.stack([found.x[found.labels == k].mean(0) for k in range(3)])
    return falls and np.allclose(found.centres[-1], means, rtol=1e-9, atol=1e-12)


def claim_more_centres_are_no_worse(config: Config, record: Record) -> bool:
    """Claim 2: the best W over 20 starts does not increase in k = 1..8; a segmented image has at most k colours."""
    falls = bool(np.all(np.diff(record.groups.best) <= 0))
    counts = [len(np.unique(image.reshape(-1, 3), axis=0)) for image in record.segments]
    return falls and all(count <= k for count, k in zip(counts, COLOURS, strict=True))


def claim_components_are_orthonormal_and_scores_uncorrelated(config: Config, record: Record) -> bool:
    """Claim 3: loadings orthonormal, scores uncorrelated (1e-9); both routes agree up to sign (loadings 1e-8)."""
    found, eye = record.components, np.eye(30)
    orthonormal = np.allclose(found.loadings.T @ found.loadings, eye, atol=1e-9)
    uncorrelated = np.allclose(np.corrcoef(found.scores.T), eye, atol=1e-9)
    white = np.allclose(np.cov(found.white.T), eye, atol=1e-9)
    turned = found.by_eigen * np.sign(np.sum(found.by_eigen * found.loadings, axis=0))
    agree = np.allclose(turned, found.loadings, atol=1e-8) and np.allclose(*found.variances, rtol=1e-8)
    return orthonormal and uncorrelated and white and agree


def claim_the_tail_is_the_error_and_none_is_better(config: Config, record: Record) -> bool:
    """Claim 4: |A - A_m|² is the sum of the squared singular values beyond m (relative 1e-9); projecting onto 100 random
    m-dimensional column spaces does no better; m = 10, 30, 50."""
    found = record.compression
    return np.allclose(found.error, found.tail, rtol=1e-9, atol=0) and bool(np.all(found.least_other >= found.error))


def claim_relative_errors_are_the_stated_ones(config: Config, record: Record) -> bool:
    """Claim 5: relative squared error for m = 5, 10, 20, 30: 9.94674e-4, 3.99592e-4, 1.53141e-4, 7.74058e-5 (relative
    1e-4)."""
    return all(
        np.isclose(record.compression.relative[m - 1], stated, rtol=1e-4, atol=0) for m, stated in STATED.items()
    )


def claim_half_the_rank_is_a_quarter_of_the_storage(config: Config, record: Record) -> bool:
    """Claim 6: storage ratio m (1 + 353 + 469) / (353 · 469): 0.248555 at m = 50 (half a unit of the last digit)."""
    return bool(abs(record.compression.storage[-1] - 0.248555) <= 5e-7)


def long_claim_w_never_increases_on_mnist(config: Config, record: LongRecord) -> bool:
    """Claim 1: on MNIST, in single precision: W never increases (relative 1e-6); each centre is its cell's mean (1e-5)."""
    return bool(np.all(np.diff(record.path) <= 1e-6 * record.path[0]) and record.off_mean <= 1e-5)


def long_claim_components_of_mnist_are_orthonormal(config: Config, record: LongRecord) -> bool:
    """Claim 3: on MNIST, 50 components: orthonormal (1e-9), scores uncorrelated (1e-4, single precision)."""
    apart = np.abs(record.loadings @ record.loadings.T - np.eye(COMPONENTS)).max()
    return bool(apart <= 1e-9 and record.correlation <= 1e-4)
