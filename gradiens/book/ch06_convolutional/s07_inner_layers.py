"""Inner Layer Interpretation.

The convolutional network that reads digits is asked what it looks at. Its first kernels are small pictures of light and dark,
its maps are drawings of the digit by one kernel each. Derivatives say which pixels a score answers to; a grey patch that is
moved over the picture says which pixels it needs; integrated gradients share the score out among the pixels, to the last
thousandth. An input climbs towards what the network takes for a 3, and it is none. Whether any such map means something can be
tested: grey what it points at, and the network must lose its certainty sooner than by pixels drawn at random.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch06_convolutional.digit_networks import Digits, convolutional, digits, logits, trained
from gradiens.book.ch06_convolutional.digit_views import (
    JUDGED,
    SHARES,
    Deleted,
    Fall,
    Layers,
    Shared,
    Views,
    codes,
    deleted,
    fall,
    layers,
    shared,
    views,
)
from gradiens.core.module import Module, knob
from gradiens.interpret.activation_maximum import maximise
from gradiens.interpret.saliency import saliency
from gradiens.nn.convolutions.pool import AveragePool
from gradiens.nn.regression import softmax_regression
from gradiens.report.figure import Figure, Series
from gradiens.report.maps import grey, heat, over, pictures, signed

SEEDS = 3
DRAWN = 300  # digits whose features are drawn in the plane
CLIMBED = 3  # the class whose score an input climbs


class Config(Module):
    """The training of the networks, and what they are asked."""

    images: int = knob(2000, 100, 60_000, says="training images, as many for validation")
    epochs: int = knob(5, 1, 100, says="passes over them")
    judged: int = knob(200, 10, 2000, says="pictures on which saliency is judged")
    window: int = knob(5, 1, 15, says="side of the grey patch")
    penalty: float = knob(0.05, 1e-6, 10.0, "log", says="penalty of the ascent")
    steps: int = knob(60, 1, 1000, says="steps of the ascent at most")


class Record(NamedTuple):
    """What each question gave."""

    weights: Float[np.ndarray, "10 784"]  # of a linear classifier
    linear: Float[np.ndarray, "5 10 784"]  # its saliency, at five pictures and for each class
    views: Views
    layers: Layers
    fall: Fall
    shared: Shared
    climbed: Float[np.ndarray, "28 28"]
    ascent: Float[np.ndarray, "T 2"]  # the penalised activation before and after each step
    ended: bool  # no trial raised it any more: then the last step stayed where it was
    deleted: tuple[Deleted, ...]  # by seed
    codes: Float[np.ndarray, "C 2"]
    labels: Int[np.ndarray, "C"]


def run(config: Config, key: Array) -> Record:
    """Train three networks and a smooth one, and ask them."""
    data = digits(config.images, config.images)
    starts, line, noise, hidden = jax.random.split(key, 4)
    networks = [
        trained(convolutional(k), data, seed, config.epochs) for seed, k in enumerate(jax.random.split(starts, SEEDS))
    ]
    smooth = trained(convolutional(starts, "tanh", AveragePool), data, 0, config.epochs)
    first = networks[0]
    four = jnp.asarray(data.x_val[:4])
    x, outcome = maximise(
        lambda x: first(x)[CLIMBED], jnp.full((1, 28, 28), 0.5, jnp.float32), config.steps, penalty=config.penalty
    )
    judged = jnp.asarray(data.x_val[: config.judged])
    return Record(
        *_linear(line, data),
        views=views(first, data, noise),
        layers=layers(first, four[0]),
        fall=fall(first, four[0], config.window),
        shared=shared(smooth, four, jnp.argmax(logits(smooth, four), axis=1)),
        climbed=np.asarray(x)[0],
        ascent=np.stack([outcome.trace.before, outcome.trace.value], axis=1),
        ended=outcome.stopped == "until",
        deleted=tuple(deleted(network, judged, k) for network, k in zip(networks, jax.random.split(hidden, SEEDS))),
        codes=codes(first, data.x_val[:DRAWN], 0),
        labels=data.y_val[:DRAWN],
    )


def _linear(key: Array, data: Digits) -> tuple[np.ndarray, np.ndarray]:
    """The weights of a linear classifier, drawn, and its saliency at the first five pictures."""
    network = softmax_regression(784, 10, key)
    W = jax.random.normal(key, (10, 784))
    network = jax.tree.map(lambda leaf: W if leaf.shape == W.shape else leaf, network)
    x = jnp.asarray(data.x[:5].reshape(5, 784), W.dtype)
    each = jax.vmap(jax.vmap(partial(saliency, network), (None, 0)), (0, None))
    return np.asarray(W), np.asarray(jax.jit(each)(x, jnp.arange(10)))


def lost(found: Deleted) -> np.ndarray:
    """By how much more the probability falls by the most salient tenth than by a random one, of each picture."""
    return found.random[:, JUDGED] - found.salient[:, JUDGED]


def values(config: Config, record: Record) -> dict[str, float]:
    """The falls of probability, the error of the shares, the ascent."""
    told = {}
    for seed, found in enumerate(record.deleted):
        told |= {
            f"seed {seed}: probability, whole picture, median": np.median(found.salient[:, 0]),
            f"seed {seed}: the most salient tenth greyed, median": np.median(found.salient[:, JUDGED]),
            f"seed {seed}: a random tenth greyed, median": np.median(found.random[:, JUDGED]),
            f"seed {seed}: difference of the falls, median": np.median(lost(found)),
        }
    told |= {
        "integrated gradients: largest error of a sum": np.abs(record.shared.sums - record.shared.differences).max(),
        "ascent: penalised activation at the start": record.ascent[0, 0],
        "ascent: at the end": record.ascent[-1, 1],
        "ascent: steps": len(record.ascent),
    }
    return {name: float(value) for name, value in told.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Kernels, maps, four digits by each method, the input that has climbed, and the curves."""
    at, inner = record.views, record.layers
    read = [f"read as {c}" if c == y else f"a {y}, read as {c}" for c, y in zip(at.c, at.y, strict=True)]
    by = lambda scale, maps: [over(x, scale(M)) for x, M in zip(at.x, maps, strict=True)]  # noqa: E731
    return (
        pictures("The eight kernels of the first layer", [signed(w) for w in inner.filters],
                 says="Red weighs light, blue weighs dark."),
        pictures("What they make of one digit", [grey(a) for a in inner.first], says="After relu, 24 × 24."),
        pictures("And the sixteen maps of the second layer", [grey(a) for a in inner.second], says="10 × 10."),
        pictures("Where the four largest of them come from", [signed(M) for M in inner.traced],
                 says="The deconvolution view of the largest number in each map."),
        pictures("Four digits", list(at.x), read, "As they are given."),
        pictures("Saliency", by(heat, at.saliency), read, "The size of the derivative by each pixel."),
        pictures("Saliency, smoothed", by(heat, at.smooth), read, "Of the mean derivative under noise of 0.15."),
        pictures("Integrated gradients", by(signed, at.integrated), read, "Red speaks for the class, blue against it."),
        pictures("Occlusion", by(signed, at.occlusion), read, "The fall of the score with a grey patch around the pixel."),
        pictures("Grad-CAM", by(heat, at.cam), read, "Where in the maps of the second layer the class is seen."),
        pictures(f"From grey, {len(record.ascent)} steps towards a {CLIMBED}", [grey(record.climbed)],
                 [f"for the network a {CLIMBED}"],
                 "At a maximum." if record.ended else "It would still rise; a person would not guess it."),
        *_curves(record),
    )  # fmt: skip


def _curves(record: Record) -> tuple[Figure, ...]:
    rows = np.arange(1, len(record.ascent) + 1)
    first = record.deleted[0]
    greyed = [
        Series("line", SHARES, np.median(curve, axis=0), label=name)
        for name, curve in (("most salient", first.salient), ("at random", first.random))
    ]
    clouds = [Series("points", *record.codes[record.labels == k].T, label=str(k), colour=k) for k in range(10)]
    unit = Series("heat", z=record.fall.fall[::-1], label="fall of the unit")
    return (
        Figure("The ascent", [Series("line", rows, record.ascent[:, 1], label="logit - λ‖x‖²")], "step", ""),
        Figure("Greying pixels: the probability of the class read", greyed, "share of the pixels greyed", "median"),
        Figure(
            "One unit of the second layer: what a patch at each place changes",
            [unit],
            "column",
            "row, from below",
            square=True,
        ),
        Figure("The features of the last layer in the plane (t-SNE)", clouds),
    )


def claim_the_saliency_of_a_linear_classifier_is_its_weights(config: Config, record: Record) -> bool:
    """Claim 1: saliency |d logit_c/dx| of a linear classifier is |w_c| everywhere: at five pictures, for each of ten
    classes (relative 1e-9)."""
    return np.allclose(record.linear, np.abs(record.weights)[None], rtol=1e-9, atol=0)


def claim_outside_the_receptive_field_nothing_changes(config: Config, record: Record) -> bool:
    """Claim 2: occluding outside a unit's receptive field changes nothing (1e-9 of the unit's size, double precision); and
    some patch inside does."""
    off = np.abs(np.where(record.fall.touched, 0, record.fall.fall)).max()
    moved = np.abs(record.fall.fall).max()
    return bool(off <= 1e-9 * max(abs(record.fall.value), 1.0) and moved > 1e-3)


def claim_every_step_of_the_ascent_raises(config: Config, record: Record) -> bool:
    """Claim 3: gradient ascent with backtracking raises the penalised activation at every step, until no trial does."""
    taken = record.ascent[: len(record.ascent) - record.ended]
    return bool(len(taken) and np.all(taken[:, 1] > taken[:, 0]))


def claim_integrated_gradients_add_up(config: Config, record: Record) -> bool:
    """Claim 4: integrated gradients sum to f(x) - f(baseline) within 1e-3 (midpoint rule, 300 steps, smooth units, average
    pooling), for four digits."""
    return bool(np.all(np.abs(record.shared.sums - record.shared.differences) <= 1e-3))


def claim_salient_pixels_matter_more_than_random_ones(config: Config, record: Record) -> bool:
    """Claim 5: greying (0.5) the 10 % most salient pixels lowers the predicted class probability by 0.1 more than random
    ones: the median of 200 images, and of 3 seeds."""
    return bool(np.median([np.median(lost(found)) for found in record.deleted]) >= 0.1)
