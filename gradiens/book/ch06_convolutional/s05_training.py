"""Training Convolutional Neural Networks.

A kernel is used at every place, so its gradient is the sum over all places; what comes back to the input is the full
convolution of the error with the kernel; a maximum lets the error through to where it came from. That is all that
back-propagation needs, and it is checked against finite differences. Then a network of 19,663 numbers learns from two
thousand photographs to tell airplanes, cats and trucks apart: before training it says nothing, after a few passes it is
right three times of four. What it gets wrong is in the confusion matrix; asking it about the mirror image too costs no training.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch06_convolutional.small_networks import network
from gradiens.book.ch06_convolutional.three_classes import (
    Learned,
    Photographs,
    judged,
    judgement,
    learned,
    photographs,
    scores,
    single,
)
from gradiens.calculus.gradient_check import check_gradient
from gradiens.core.module import Module, count, knob
from gradiens.data.augment.flip import Flip
from gradiens.functions.convolution import convolve, over_maps
from gradiens.functions.convolving.gradients import (
    average_pool_gradient,
    convolution_gradients,
    input_gradient_by_full_convolution,
    max_pool_gradient,
)
from gradiens.functions.metrics import confusion
from gradiens.functions.pooling import average_pool, max_pool
from gradiens.nn.half_precision import HalfPrecision
from gradiens.nn.initialisers import fan_in_uniform
from gradiens.nn.over_views import OverViews
from gradiens.report.figure import Figure, Series

SEEDS = 3
CHECKS = ("weights, biases and input", "input, through a max pool", "input, through an average pool")
SHOWN = 10  # test images that are shown with what is said of them
LONG_EPOCHS = 20
NAMES = ("airplane", "cat", "truck")
HELP = {
    "plain": (1.0, False),
    "mirror images and dropout": (0.9, True),
}  # share kept by dropout, flips; for the long run


class Config(Module):
    """The images and the training."""

    train: int = knob(2000, 50, 10_000, says="training images, the first of the three classes")
    validation: int = knob(1000, 50, 5000, says="images after them, for the curves")
    test: int = knob(3000, 50, 3000, says="test images")
    epochs: int = knob(5, 1, 200, says="passes over the training images")
    batch: int = knob(50, 2, 2000, says="images a minibatch")
    rate: float = knob(0.005, 1e-6, 1.0, "log", says="step size of ADAM")
    keep: float = knob(1.0, 0.1, 1.0, says="share of maps and units that dropout keeps (1: no dropout)")
    flip: bool = knob(False, says="mirror half of the training images, drawn anew each time")


class Record(NamedTuple):
    """Gradients checked, and three trainings. `before` and `test` hold cross-entropy and accuracy of each seed."""

    differences: Float[np.ndarray, "3 2"]  # of each check: largest relative difference, components that are wrong
    full: Float[np.ndarray, ""]  # input gradient against the full convolution, relative
    parameters: Int[np.ndarray, ""]
    before: Float[np.ndarray, "3 2"]
    cost: Float[np.ndarray, "3 E"]
    validation: Float[np.ndarray, "3 E 2"]
    test: Float[np.ndarray, "3 2"]
    views: Float[np.ndarray, "3"]  # accuracy on validation of the mean over a picture and its mirror image
    half: Float[np.ndarray, ""]  # products in bfloat16: largest change of the logits, relative
    confusion: Int[np.ndarray, "3 3"]  # of the seed with the median accuracy on validation
    pictures: Float[np.ndarray, "10 32 32 3"]
    said: Int[np.ndarray, "10 2"]  # what is on them, what that network says


class LongRecord(NamedTuple):
    """Twenty passes by each seed, plain, and with mirror images and dropout in training."""

    cost: Float[np.ndarray, "2 3 E"]
    validation: Float[np.ndarray, "2 3 E 2"]
    test: Float[np.ndarray, "2 3"]  # accuracy
    confusion: Int[np.ndarray, "2 3 3"]  # of the seed with the median accuracy on validation


def run(config: Config, key: Array) -> Record:
    """Check the gradients, train three networks, test them once."""
    checked, trained = jax.random.split(key)
    differences, full = _gradients(checked)
    data = photographs(config.train, config.validation, config.test)
    starts = [_start(config, trained, seed) for seed in range(SEEDS)]
    found = [_train(config, start, data, seed, config.epochs) for seed, start in enumerate(starts)]
    test, said = _tested(found, data)
    median = _median(found)
    return Record(
        differences=differences,
        full=np.array(full),
        parameters=np.array(count(starts[0])),
        before=np.array([judged(start, data.x_val, data.y_val) for start in starts]),
        cost=np.stack([one.cost for one in found]),
        validation=np.stack([one.validation for one in found]),
        test=test,
        views=np.array([judged(OverViews(one.network), data.x_val, data.y_val)[1] for one in found]),
        half=np.array(_half(found[median].network, data)),
        confusion=confusion(data.y_test, said[median], 3),
        pictures=np.moveaxis(data.x_test[:SHOWN], 1, -1),
        said=np.stack([data.y_test[:SHOWN], said[median, :SHOWN]], axis=1),
    )


def long_run(config: Config, key: Array) -> LongRecord:
    """Twenty passes, plain; and with mirror images and dropout."""
    _, trained = jax.random.split(key)
    data = photographs(config.train, config.validation, config.test)
    rows = []
    for keep, flip in HELP.values():
        told = Config(config.train, config.validation, config.test, LONG_EPOCHS, config.batch, config.rate, keep, flip)
        found = [_train(told, _start(told, trained, seed), data, seed, LONG_EPOCHS) for seed in range(SEEDS)]
        test, said = _tested(found, data)
        cells = confusion(data.y_test, said[_median(found)], 3)
        rows.append(([one.cost for one in found], [one.validation for one in found], test[:, 1], cells))
    return LongRecord(*map(np.array, zip(*rows, strict=True)))


def _tested(found: list[Learned], data: Photographs) -> tuple[np.ndarray, np.ndarray]:
    """Cross-entropy and accuracy of each network on the test images, and what it says of each: they are looked at once."""
    z = [scores(one.network, data.x_test) for one in found]
    return np.array([judgement(one, data.y_test) for one in z]), np.argmax(z, axis=2)


def _median(found: list[Learned]) -> int:
    """Whose accuracy on validation, after the last pass, is the median."""
    return int(np.argsort([one.validation[-1, 1] for one in found])[SEEDS // 2])


def _start(config: Config, key: Array, seed: int) -> Any:
    return single(network("A", jax.random.fold_in(key, seed), True, config.keep))


def _train(config: Config, start: Any, data: Photographs, seed: int, epochs: int) -> Learned:
    augment = _Mirrored(Flip()) if config.flip else None
    return learned(start, data, epochs, config.rate, config.batch, seed, augment)


class _Mirrored(NamedTuple):
    """Pictures changed, classes as they are: what training asks of an augmentation."""

    change: Flip

    def __call__(self, key: Array, X: Array, y: Array) -> tuple[Array, Array, None, int]:
        return self.change(key, X), y, None, 1


def _gradients(key: Array) -> tuple[np.ndarray, float]:
    """Gradients by hand against central differences of C = Σ sin z, and the full convolution."""
    draw = iter(jax.random.split(key, 4))
    W, b = fan_in_uniform(next(draw), (3, 2, 3, 3)), jax.random.normal(next(draw), (3,))
    x = jax.random.normal(next(draw), (2, 7, 6))
    z = lambda θ: convolve(θ["W"], θ["x"]) + over_maps(θ["b"], θ["x"])  # noqa: E731
    θ = {"W": W, "b": b, "x": x}
    δ = np.cos(np.asarray(z(θ)))
    by_hand = convolution_gradients(np.asarray(W), np.asarray(x), δ)
    checks = [check_gradient(lambda θ: jnp.sum(jnp.sin(z(θ))), θ, dict(zip("Wbx", by_hand, strict=True)))]
    for pool, gradient in ((max_pool, max_pool_gradient), (average_pool, average_pool_gradient)):
        δ_pooled = np.cos(np.asarray(pool(x, 2)))
        by_hand_x = gradient(np.asarray(x), δ_pooled, 2)
        checks.append(check_gradient(lambda x, pool=pool: jnp.sum(jnp.sin(pool(x, 2))), x, by_hand_x))
    wanted = by_hand.x
    full = np.abs(input_gradient_by_full_convolution(np.asarray(W), δ) - wanted).max() / np.abs(wanted).max()
    return np.array([(check.worst, len(check.wrong)) for check in checks]), float(full)


def _half(network: Any, data: Photographs) -> float:
    x = data.x_val[:100]
    exact, low = (scores(one, x) for one in (network, HalfPrecision(network)))
    return float(np.abs(low - exact).max() / np.abs(exact).max())


def values(config: Config, record: Record) -> dict[str, float]:
    """Accuracies and costs by seed, before and after; views; half precision; gradients."""
    found: dict[str, Any] = {"parameters": record.parameters}
    for when, numbers in (("before training", record.before), ("test", record.test)):
        for seed, (cost, right) in enumerate(numbers):
            found |= {f"{when}, seed {seed}: CE": cost, f"{when}, seed {seed}: accuracy": right}
    found |= {"test: median accuracy": np.median(record.test[:, 1])}
    found |= {"validation, last epoch: median accuracy": np.median(record.validation[:, -1, 1])}
    found |= {"validation, picture and mirror image: median accuracy": np.median(record.views)}
    found |= {"products in bfloat16: change of the logits": record.half}
    found |= {f"gradient of {name}: difference": worst for name, (worst, _) in
              zip(CHECKS, record.differences, strict=True)}  # fmt: skip
    return {name: float(value) for name, value in found.items()}


def long_values(config: Config, record: LongRecord) -> dict[str, float]:
    """Test accuracies after twenty passes."""
    pairs = zip(("20 epochs", "20 epochs, mirror images and dropout"), record.test, strict=True)
    return {
        f"{name}, seed {seed}: test accuracy": float(right) for name, row in pairs for seed, right in enumerate(row)
    }


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Curves, confusion matrix, test images and what is said of them."""
    pictures = [Series("picture", z=z, label=NAMES[said] if truth == said else f"{NAMES[said]} (is: {NAMES[truth]})")
                for z, (truth, said) in zip(record.pictures, record.said, strict=True)]  # fmt: skip
    seen = "Ten photographs of the test set."
    return (
        *_curves(record.cost, record.validation, record.confusion),
        Figure("The first test images and what the network says", pictures, summary=seen),
    )


def long_show(config: Config, record: LongRecord) -> tuple[Figure, ...]:
    """Curves and confusion matrix of both ways of training."""
    rows = zip(HELP, record.cost, record.validation, record.confusion, strict=True)
    return tuple(figure for name, *row in rows for figure in _curves(*row, of=f", {LONG_EPOCHS} epochs, {name}"))


def _curves(cost: np.ndarray, validation: np.ndarray, cells: np.ndarray, of: str = "") -> tuple[Figure, ...]:
    epochs = np.arange(1, cost.shape[1] + 1)
    costs = [Series("line", epochs, row, label=f"training, seed {i}", colour=i) for i, row in enumerate(cost)]
    costs += [Series("points", epochs, row[:, 0], label=f"validation, seed {i}", colour=i)
              for i, row in enumerate(validation)]  # fmt: skip
    right = [Series("line", epochs, row[:, 1], label=f"seed {i}") for i, row in enumerate(validation)]
    right.append(Series("line", epochs[[0, -1]], [1 / 3, 1 / 3], label="by chance", guide=True))
    heat = Series("heat", NAMES, NAMES, cells, label="images", text=cells.tolist())
    return (
        Figure(f"Cross-entropy{of}", costs, "epoch", "mean cross-entropy"),
        Figure(f"Accuracy on validation{of}", right, "epoch", "share of images"),
        Figure(f"Test images: what they are, what is said{of}", [heat], "said", "is"),
    )


def claim_gradients_are_finite_differences_and_a_full_convolution(config: Config, record: Record) -> bool:
    """Claim 1: weight, bias and input gradients equal finite differences (central, relative 1e-6; of pools too); for stride-1
    cross-correlation the last is dC/dy fully convolved with the kernel (relative 1e-9)."""
    return bool(np.all(record.differences[:, 1] == 0) and record.full <= 1e-9)


def claim_the_network_has_this_many_parameters(config: Config, record: Record) -> bool:
    """Claim 2: trainable parameters 19,663."""
    return int(record.parameters) == 19_663


def claim_before_training_it_says_nothing(config: Config, record: Record) -> bool:
    """Claim 3: before training (inference mode): accuracy 0.33 +- 0.1, CE ln 3 = 1.0986 +- 0.1, on each of 3 seeds."""
    cost, right = record.before.T
    return bool(np.all(np.abs(right - 0.33) <= 0.1) and np.all(np.abs(cost - np.log(3)) <= 0.1))


def claim_it_learns(config: Config, record: Record) -> bool:
    """Claim 4: median test accuracy over 3 seeds >= 0.60."""
    return bool(len(record.test) == SEEDS and np.median(record.test[:, 1]) >= 0.60)


def long_claim_it_learns_more(config: Config, record: LongRecord) -> bool:
    """Claim 4: 20 epochs: median test accuracy over 3 seeds >= 0.70."""
    plain = record.test[0]
    return bool(len(plain) == SEEDS and np.median(plain) >= 0.70)
