"""Multi-class Problems with Softmax.

Softmax turns K scores into K probabilities and shallow linear scores into convex regions. On 17 points of four
classes the linear model is quasi-separated: its likelihood has no maximum, and the weights grow for ever towards an
infimum; labels that are not quite sure would put the least cost at finite scores. Monomials of degree 2 separate the
classes outright. On MNIST, two ways to build a ten-class classifier from two-class ones, each with the squared and
with the logistic loss, stand beside softmax.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch03_simple_networks.five_ways import WAYS, digits, linear, logistic
from gradiens.classical.classifiers.logistic_regression import LogisticFit, fit_logistic
from gradiens.classical.classifiers.separation import margins, separation
from gradiens.classical.features.polynomial_features import polynomial_features
from gradiens.core.module import Module, knob
from gradiens.data.sets.four_class_toy import four_class_toy
from gradiens.functions.activations import sigmoid, softmax
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.functions.metrics import accuracy, log_loss
from gradiens.functions.smoothed import smoothed_cross_entropy
from gradiens.functions.tempered import sparsemax, tempered_softmax
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
DEGREES = (1, 2, 8)
SEARCH = (5, 10, 20, 40)  # Newton iterations at which the growth of the weights is watched
SEEDS = 3  # of the long run
TEMPERATURES, SMOOTHING = (0.5, 1.0, 2.0), 0.1
T_AXIS = np.linspace(-3, 7, 201)


class Config(Module):
    """The pictures, and the training on MNIST."""

    grid: int = knob(601, 11, 1201, says="points along each side of the grid on which regions are drawn")
    segments: int = knob(2000, 10, 100_000, says="random segments on which convexity is tried")
    images: int = knob(10_000, 1000, 60_000, says="training images of MNIST")
    epochs: int = knob(40, 1, 1000, says="passes over the training images")
    batch: int = knob(2000, 1, 60_000, says="images a minibatch")
    rate: float = knob(0.02, 1e-6, 1.0, "log", says="step size of ADAM")


class Identities(NamedTuple):
    """Random scores z, the Jacobian of softmax there, and the gradient of the cross-entropy in z for each class y."""

    scores: Float[Array, "N K"]
    jacobian: Float[Array, "N K K"]
    gradient: Float[Array, "N K K"]


class Relatives(NamedTuple):
    """For scores (t, 0, 0), by t: the probability of the first class at three temperatures and by sparsemax, and its
    cross-entropy, plain and with smoothed labels."""

    first: Float[Array, "T 4"]
    costs: Float[Array, "T 2"]


class Toy(NamedTuple):
    """The 17 points by degree of the monomials."""

    x: Float[Numbers, "17 2"]
    y: Int[Numbers, "17"]
    search: Float[Numbers, "4 2"]  # total negative log-likelihood and largest weight after SEARCH iterations, degree 1
    loss: Float[Numbers, "3"]  # total negative log-likelihood of the fit of each degree
    accuracy: Float[Numbers, "3"]
    monomials: Int[Numbers, "3"]
    separation: Int[Numbers, "3"]  # what the solver reports: 0 no, 1 quasi, 2 complete
    least_margin: Float[Numbers, ""]  # of the linear program's solution at degree 2
    scaled_loss: Float[Numbers, ""]  # total loss of that solution times 20
    scaled_accuracy: Float[Numbers, ""]
    regions: Int[Numbers, "3 G G"]
    on_segments: Int[Numbers, "S 65"]  # classes along segments between two points of one class, degree 1


class Record(NamedTuple):
    """The identities, the toy, and the test accuracies on MNIST in the order of WAYS."""

    identities: Identities
    relatives: Relatives
    toy: Toy
    mnist: Float[Numbers, "5"]


class LongRecord(NamedTuple):
    """Test accuracies on all of MNIST by seed."""

    mnist: Float[Numbers, "3 5"]


def run(config: Config, key: Array) -> Record:
    """Softmax identities, the toy at three degrees, MNIST five ways."""
    at, ends, start = jax.random.split(key, 3)
    toy, images = _toy(config, ends), digits(config.images)
    return Record(_identities(at), _relatives(), toy, np.concatenate([linear(images), logistic(config, images, start)]))


def _identities(key: Array) -> Identities:
    z = 3 * jax.random.normal(key, (20, 4))
    by_class = jax.vmap(jax.grad(categorical_cross_entropy), (None, 0))
    gradient = jax.vmap(by_class, (0, None))(z, jnp.arange(4))
    return Identities(z, jax.vmap(jax.jacobian(softmax))(z), gradient)


def _relatives() -> Relatives:
    z = jnp.stack([T_AXIS, 0 * T_AXIS, 0 * T_AXIS], axis=-1)
    first = [*(tempered_softmax(z, tau)[:, 0] for tau in TEMPERATURES), sparsemax(z)[:, 0]]
    losses = categorical_cross_entropy, lambda z, y: smoothed_cross_entropy(z, y, SMOOTHING)
    costs = [jax.vmap(loss, (0, None))(z, jnp.int32(0)) for loss in losses]
    return Relatives(jnp.stack(first, axis=-1), jnp.stack(costs, axis=-1))


def _toy(config: Config, key: Array) -> Toy:
    table = four_class_toy().frame
    x, y = table.select("x1", "x2").to_numpy(), table["label"].to_numpy().astype(np.int64)
    features = [_features(x, d) for d in DEGREES]
    fits = [fit_logistic(f, y, 4) for f in features]
    early = [fit_logistic(features[0], y, 4, iterations=n) for n in SEARCH]
    certificate = separation(features[1], y, 4).w
    m = margins(certificate, features[1], y)
    others = np.arange(4) != y[:, None]
    return Toy(
        x=x,
        y=y,
        search=np.array([(len(y) * fit.cross_entropy, np.abs(fit.w).max()) for fit in early]),
        loss=np.array([len(y) * log_loss(y, fit.predict_proba(f)) for f, fit in zip(features, fits, strict=True)]),
        accuracy=np.array([accuracy(y, fit.predict(f)) for f, fit in zip(features, fits, strict=True)]),
        monomials=np.array([polynomial_features(x, d).shape[1] for d in DEGREES]),
        separation=np.array([("no", "quasi", "complete").index(fit.separated) for fit in fits]),
        least_margin=m[others].min(),
        scaled_loss=np.sum(np.log1p(np.sum(np.exp(-20 * m) * others, axis=1))),
        scaled_accuracy=np.mean(np.all((m > 0) | ~others, axis=1)),
        regions=_regions(config.grid, fits),
        on_segments=_along(fits[0].predict, key, config.segments),
    )


def _features(x: np.ndarray, degree: int) -> np.ndarray:
    """The monomials without the constant: the fit has an intercept of its own."""
    return polynomial_features(x, degree)[:, 1:]


def _regions(grid: int, fits: Sequence[LogisticFit]) -> np.ndarray:
    """The class at each point of a grid on the unit square, for each degree."""
    axis = np.linspace(0, 1, grid, dtype=np.float32)
    plane = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    found = [fit.predict(_features(plane, d)).astype(np.int8) for d, fit in zip(DEGREES, fits, strict=True)]
    return np.stack(found).reshape(-1, grid, grid)


def _along(predict: Callable[[np.ndarray], np.ndarray], key: Array, segments: int) -> np.ndarray:
    """The class at 65 points of each segment between two random points of one class."""
    points = np.asarray(jax.random.uniform(key, (20 * segments, 2)))
    classes = predict(points)
    pairs = [same[: len(same) // 2 * 2].reshape(-1, 2) for same in (np.flatnonzero(classes == k) for k in range(4))]
    a, b = points[np.concatenate(pairs)[::10][:segments]].swapaxes(0, 1)
    share = np.linspace(0, 1, 65)[None, :, None]
    return predict((a[:, None] * (1 - share) + b[:, None] * share).reshape(-1, 2)).reshape(-1, 65)


def long_run(config: Config, key: Array) -> LongRecord:
    """All of MNIST for 200 epochs, three seeds."""
    images = digits(60_000)
    full = Config(epochs=200, batch=config.batch, rate=config.rate)
    closed = linear(images)  # there is no chance in it
    seeds = [logistic(full, images, jax.random.fold_in(key, seed)) for seed in range(SEEDS)]
    return LongRecord(np.stack([np.concatenate([closed, found]) for found in seeds]))


def values(config: Config, record: Record) -> dict[str, float]:
    """Losses and accuracies of the toy, test accuracies on MNIST."""
    toy = {f"toy, degree {d}: loss": loss for d, loss in zip(DEGREES, record.toy.loss, strict=True)}
    right = {f"toy, degree {d}: accuracy": share for d, share in zip(DEGREES, record.toy.accuracy, strict=True)}
    smoothed = T_AXIS[np.argmin(record.relatives.costs[:, 1])]
    beside = {f"smoothing {SMOOTHING:g}, three classes: score of least cost": float(smoothed)}
    return {**toy, **right, **beside, **{f"MNIST, {way}": share for way, share in zip(WAYS, record.mnist, strict=True)}}


def long_values(config: Config, record: LongRecord) -> dict[str, float]:
    """Test accuracies on all of MNIST by seed."""
    rows = enumerate(record.mnist)
    return {f"all of MNIST, seed {seed}, {way}": row[i] for seed, row in rows for i, way in enumerate(WAYS)}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The regions of each degree with the points, and the accuracies on MNIST."""
    axis = np.linspace(0, 1, config.grid)

    def picture(i: int) -> Figure:
        points = [Series("points", *record.toy.x[record.toy.y == k].T, label=f"class {k}", colour=k) for k in range(4)]
        regions = Series("regions", axis, axis, record.toy.regions[i], "class")
        return Figure(
            f"Regions of softmax on monomials of degree at most {DEGREES[i]}",
            [regions, *points],
            "x₁",
            "x₂",
            square=True,
        )

    bars = Series(
        "bars", list(WAYS), record.mnist, label="test accuracy", text=[f"{share:.3f}" for share in record.mnist]
    )
    return (
        *map(picture, range(len(DEGREES))),
        Figure(f"MNIST five ways, {config.images:,} images", [bars], "", "accuracy"),
        *_beside(record.relatives),
    )


def _beside(relatives: Relatives) -> tuple[Figure, Figure]:
    """Softmax at three temperatures with sparsemax; the cross-entropy with and without smoothed labels."""
    ways = (*(f"temperature {tau:g}" for tau in TEMPERATURES), "sparsemax")
    maps = [Series("line", T_AXIS, relatives.first[:, i], label=way) for i, way in enumerate(ways)]
    names = ("plain", f"labels smoothed by {SMOOTHING:g}")
    costs = [Series("line", T_AXIS, relatives.costs[:, i], label=name) for i, name in enumerate(names)]
    return (
        Figure("Probability of the first class, scores (t, 0, 0)", maps, "t", "probability"),
        Figure("Cross-entropy of the first class, scores (t, 0, 0)", costs, "t", "C"),
    )


def claim_softmax_is_invariant_to_shifts(config: Config, record: Record) -> bool:
    """Claim 1: softmax(z + c) = softmax(z); for K = 2 it is the sigmoid of the difference; no overflow at |z| = 10⁴."""
    z, p = record.identities.scores, jax.vmap(softmax)(record.identities.scores)
    shifted = all(np.allclose(jax.vmap(softmax)(z + c), p, rtol=1e-9, atol=0) for c in (-5.0, 0.3, 40.0))
    two = np.allclose(jax.vmap(softmax)(z[:, :2])[:, 0], sigmoid(z[:, 0] - z[:, 1]), rtol=1e-9, atol=0)
    far = softmax(jnp.asarray([1e4, -1e4, 1e4, 0.0]))
    return shifted and two and np.allclose(far, [0.5, 0.0, 0.5, 0.0], rtol=1e-9, atol=0)


def claim_softmax_jacobian_has_rank_one_less(config: Config, record: Record) -> bool:
    """Claim 2: the Jacobian diag(S) - SS' is symmetric positive semidefinite, its rows sum to 0, its rank is K-1; the
    gradient of the cross-entropy in z is S - y."""
    p, j = np.asarray(jax.vmap(softmax)(record.identities.scores)), np.asarray(record.identities.jacobian)
    form = np.allclose(j, p[:, :, None] * (np.eye(4) - p[:, None, :]), rtol=1e-9, atol=1e-15)
    eigenvalues = np.linalg.eigvalsh(j)
    rank = np.all(np.abs(eigenvalues[:, 0]) < 1e-15 * 4) and np.all(eigenvalues[:, 1] > 1e-12)
    symmetric = np.allclose(j, j.transpose(0, 2, 1), rtol=1e-9, atol=1e-15) and np.allclose(j.sum(2), 0, atol=1e-15)
    gradient = np.allclose(record.identities.gradient, p[:, None, :] - np.eye(4)[None], rtol=1e-9, atol=1e-15)
    return bool(form and rank and symmetric and gradient)


def claim_degree_1_is_quasi_separated(config: Config, record: Record) -> bool:
    """Claim 3: degree 1: the total negative log-likelihood tends to 5.725774 (1e-4), accuracy 15/17; the data are
    quasi-separated, so the infimum is approached with growing weights, and the solver reports that."""
    falls, grows = np.diff(record.toy.search[:, 0]) <= 0, np.diff(record.toy.search[:3, 1]) > 0
    near = abs(record.toy.loss[0] - 5.725774) <= 1e-4 and record.toy.accuracy[0] == 15 / 17
    return bool(near and falls.all() and grows.all() and record.toy.separation[0] == 1)


def claim_degree_2_separates(config: Config, record: Record) -> bool:
    """Claim 4: degree 2 is separable (linear program with margins ≥ 1); its solution times 20 has loss below 1e-6 and
    accuracy 1; degree 8 has 45 monomials and accuracy 1."""
    program = record.toy.least_margin >= 1 - 1e-6 and record.toy.scaled_loss < 1e-6 and record.toy.scaled_accuracy == 1
    return bool(
        program and record.toy.separation[1] == 2 and record.toy.monomials[2] == 45 and record.toy.accuracy[2] == 1
    )


def claim_degree_1_regions_are_convex(config: Config, record: Record) -> bool:
    """Claim 5: along any segment between two points of one class the class does not change (degree 1)."""
    return bool(np.all(record.toy.on_segments == record.toy.on_segments[:, :1]))


def long_claim_pairs_beat_rest_and_all_beat_linear_rest(config: Config, record: LongRecord) -> bool:
    """Claim 6: MNIST, 3 seeds: one-vs-one exceeds one-vs-rest for each loss by at least 0.005; each of the other four
    exceeds linear one-vs-rest by at least 0.03."""
    rest, pair, logistic_rest, logistic_pair, _ = record.mnist.T
    losses = np.all(pair - rest >= 0.005) and np.all(logistic_pair - logistic_rest >= 0.005)
    return bool(losses and np.all(record.mnist[:, 1:] - rest[:, None] >= 0.03))
