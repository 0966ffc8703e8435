"""Three blobs of the plane, and what finds them: k-means step by step, a tree of merges, a mixture of Gaussians."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from gradiens.classical.unsupervised.gaussian_mixture import SHAPES
from gradiens.classical.unsupervised.gaussian_mixture_fit import fit_gaussian_mixture
from gradiens.classical.unsupervised.hierarchical import fit_hierarchical
from gradiens.classical.unsupervised.kmeans import Lloyd
from gradiens.classical.unsupervised.kmeans_fit import fit_kmeans
from gradiens.classical.unsupervised.kmeans_start import plus_plus
from gradiens.classical.unsupervised.silhouette import silhouette_score
from gradiens.report.figure import Figure, Series

MEANS = np.array([[0.0, 1.0], [0.5, 0.0], [1.0, 1.0]])
START = np.array([[0.5, 1.0], [0.5, 0.0], [1.0, 1.0]])
POINTS, VARIANCE = 40, 0.05
MOST = 8  # centres


class Groups(NamedTuple):
    """The points, k-means from START, the best of many starts by number of centres, the tree, the mixture."""

    x: Float[np.ndarray, "120 2"]
    labels: Int[np.ndarray, "120"]
    path: Float[np.ndarray, "T1"]  # W at the start and after each step
    centres: Float[np.ndarray, "T1 3 2"]
    best: Float[np.ndarray, "8"]  # W for k = 1 … 8
    at_start: Float[np.ndarray, "8"]  # W of the first k-means++ centres, before any step
    silhouette: Float[np.ndarray, "7"]  # for k = 2 … 8
    tree: Float[np.ndarray, "2 P"]
    agree: Float[np.ndarray, ""]  # share of the pairs of points on which k-means and the tree's cut at 3 agree
    density: Float[np.ndarray, "G G"]  # the mixture's log-density on GRID
    log_likelihood: Float[np.ndarray, "T"]
    bic: Float[np.ndarray, ""]


GRID = (np.linspace(-0.8, 1.8, 66), np.linspace(-0.8, 1.8, 66))


def find_groups(starts: int, rng: np.random.Generator) -> Groups:
    """Draw 3 blobs of 40 points and look for them."""
    x = np.concatenate([rng.normal(m, np.sqrt(VARIANCE), (POINTS, 2)) for m in MEANS])
    found = fit_kmeans(x, 3, START)
    best = [fit_kmeans(x, k, starts) for k in range(1, MOST + 1)]
    first = [plus_plus(x, k, rng) for k in range(1, MOST + 1)]
    tree = fit_hierarchical(x, "ward")
    drawn = tree.dendrogram()
    mixture = fit_gaussian_mixture(x, 3, SHAPES[0], start=found.labels)
    plane = np.stack(np.meshgrid(*GRID), axis=-1).reshape(-1, 2)
    together = lambda labels: labels[:, None] == labels[None]  # noqa: E731
    return Groups(
        x=x,
        labels=found.labels,
        path=found.path,
        centres=found.centres_path,
        best=np.array([one.within for one in best]),
        at_start=np.array([np.sum((x[:, None] - c) ** 2, axis=2).min(1).sum() for c in first]),
        silhouette=np.array([silhouette_score(x, one.labels) for one in best[1:]]),
        tree=np.stack([drawn.x, drawn.y]),
        agree=np.mean(together(found.labels) == together(tree.cut(3))),
        density=mixture.log_density(plane).reshape(len(GRID[1]), len(GRID[0])),
        log_likelihood=mixture.path,
        bic=np.asarray(mixture.bic),
    )


def group_values(found: Groups) -> dict[str, float]:
    """W, steps, silhouettes, and how far the other methods agree."""
    best = {f"k = {k}: W": w for k, w in enumerate(found.best, start=1)}
    silhouettes = {f"k = {k}: silhouette": s for k, s in enumerate(found.silhouette, start=2)}
    steps = {"blobs: steps": len(found.path) - 1, "blobs: W": float(found.path[-1])}
    others = {
        "blobs: pairs on which Ward's tree agrees": float(found.agree),
        "blobs: BIC of the mixture": float(found.bic),
    }
    return {**steps, **best, **silhouettes, **others}


def group_figures(found: Groups) -> tuple[Figure, ...]:
    """Every iteration, W by step and by number of centres, the tree, the mixture."""
    k = np.arange(1, MOST + 1)
    by_k = [
        Series("line", k, found.best, label=f"best of many starts of {Lloyd.__name__}'s method"),
        Series("line", k, found.at_start, label="first k-means++ centres", guide=True),
    ]
    names = [f"blob {i + 1}" for i in range(3)]
    blobs = [Series("points", *found.x[POINTS * i : POINTS * (i + 1)].T, label=names[i], colour=i) for i in range(3)]
    contour = Series("contour", *GRID, np.maximum(found.density, -8), label="log-density")
    return (
        *(_step(found, t) for t in range(len(found.path))),
        Figure("W by step", [Series("line", None, found.path, label="W")], "step", "W"),
        Figure("W by number of centres", by_k, "k", "W"),
        Figure("Ward's tree of the points", [Series("line", *found.tree, label="merges")], "point", "height"),
        Figure("A mixture of three Gaussians", [contour, *blobs], "x₁", "x₂", square=True),
    )


def _step(found: Groups, t: int) -> Figure:
    """The cells of the centres after t steps, and the way that the centres came."""
    c = found.centres[t]
    a = np.argmin(np.sum((found.x[:, None] - c) ** 2, axis=2), axis=1)
    cells = [Series("points", *found.x[a == i].T, label=f"cell {i + 1}", colour=i) for i in range(3)]
    ways = [Series("line", *found.centres[: t + 1, i].T, label=f"centre {i + 1}", colour=i) for i in range(3)]
    title = (
        f"k-means after {t} step{'s' * (t != 1)}: W = {found.path[t]:.4g}"
        if t
        else f"The start: W = {found.path[0]:.4g}"
    )
    return Figure(title, [*cells, *ways], "x₁", "x₂", square=True)
