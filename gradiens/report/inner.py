"""What the report of a run on pictures shows of the inside: a few test pictures with their saliency, and all in the plane."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradiens.core.module import count
from gradiens.interpret.tsne import tsne
from gradiens.report.figure import Figure, Series
from gradiens.report.look_page import plain
from gradiens.report.maps import enlarged, heat, over, pictures
from gradiens.report.text import elide
from gradiens.train.asked import Asked
from gradiens.train.evaluate import decide
from gradiens.train.fitted import Fitted
from gradiens.train.hidden import hidden_features, is_layered, saliencies
from gradiens.train.spread import spread

SHOWN = 8  # pictures with their saliency, half of them mistakes where there are so many
LEAST = 30  # pictures below which there is nothing to see in the plane
COLOURED = 20  # most classes with a colour of their own
LARGE = 5_000_000  # parameters above which the report does not wait for it: `gradiens look` shows it


def inner_figures(fitted: Fitted) -> list[Figure]:
    """The figures, if the run is on pictures and kept some."""
    pixels = fitted.tested.get("pictures")
    if pixels is None or not len(pixels) or not is_layered(fitted) or count(fitted.model) > LARGE:
        return []
    rows = fitted.tested.get("pictured", np.arange(len(pixels)))  # older runs kept the first
    y, prediction = (np.asarray(fitted.tested[name])[rows] for name in ("y", "prediction"))
    code = decide(fitted.task, prediction)
    return [_looked(fitted, pixels, y, code), *_plane(fitted, pixels, y)]


def _looked(fitted: Fitted, pixels: np.ndarray, y: np.ndarray, code: np.ndarray) -> Figure:
    wrong, right = np.flatnonzero(code != y), np.flatnonzero(code == y)
    few = wrong[spread(len(wrong), max(SHOWN // 2, SHOWN - len(right)))]
    at = np.concatenate([right[spread(len(right), SHOWN - len(few))], few])
    classes, asked = fitted.preprocessing.target.classes, Asked(fitted.preprocessing)  # pyright: ignore
    drawn = [
        enlarged(over(plain(asked.planes(pixels[i])), heat(M)), 120)
        for i, M in zip(at, saliencies(fitted, pixels[at], code[at]), strict=True)
    ]
    labels = [classes[a] if a == b else f"{classes[a]}, but {classes[b]}" for a, b in zip(code[at], y[at], strict=True)]
    says = "Dark: pixels that the score of the predicted class answers to (saliency). Wrong ones stand last."
    return pictures("Which pixels mattered, on test pictures", drawn, [elide(label, 40) for label in labels], says)


def _plane(fitted: Fitted, pixels: np.ndarray, y: np.ndarray) -> Iterator[Figure]:
    if len(pixels) < LEAST:
        return
    z = hidden_features(fitted, pixels)
    if not z.shape[1] or not np.isfinite(z).all():
        return
    u = tsne(z, fitted.spec.seed, steps=300)
    names, frequent = fitted.preprocessing.target.classes, np.argsort(-np.bincount(y), kind="stable")[:COLOURED]
    clouds = [Series("points", *u[y == k].T, label=elide(names[k], 20), colour=int(k)) for k in sorted(frequent)]
    says = (
        f"{len(u)} test pictures by what the last layer gets, {z.shape[1]} numbers each, coloured by their true class. "
        "Neighbours are alike to the network; distances between clusters mean nothing (t-SNE)."
    )
    yield Figure("Test pictures as the last layer has them", clouds, summary=says)
