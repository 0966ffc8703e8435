"""Model Tuning for Convolutional Neural Networks.

Twelve settings of a small network are drawn at random: the side of its kernels, the number of its maps, the step size, whether it
sees its photographs in the mirror too. Each learns for three passes over a thousand photographs, and the validation images
say which is best; the test images lie under a seal that is broken once, when nothing is left to choose. What the best setting is
promised by validation, the test does not quite keep: the best of twelve was lucky too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from gradiens.book.ch06_convolutional.landmark_tables import parameters
from gradiens.book.ch06_convolutional.small_networks import NETWORKS, built
from gradiens.book.ch06_convolutional.three_classes import Photographs, judged, photographs, single
from gradiens.core.check import Failure
from gradiens.core.module import Module, knob
from gradiens.data.augment.flip import Flip
from gradiens.data.augment.rand_augment import RandAugment
from gradiens.evaluation.sealed import Sealed
from gradiens.evaluation.selection import choose, random_settings
from gradiens.functions.losses import categorical_cross_entropy
from gradiens.nn.chain import Chain
from gradiens.nn.landmarks.compound_scaling import PUBLISHED, compound_scale, scaled_stages
from gradiens.nn.landmarks.efficientnet import EfficientNet
from gradiens.nn.normalisation.batch_norm import BatchNorm
from gradiens.optim.adam import Adam
from gradiens.optim.schedules import Cosine
from gradiens.report.figure import Figure, Series
from gradiens.train.train_network import train_network

SEEDS = 3
SHOWN = 6  # photographs that are shown as a random policy changes them
RANGES = {
    "kernel": (3, 5),
    "maps": (4, 8, 16),  # of the first convolution; the second has half as many
    "rate": knob(0.005, 1e-4, 1e-1, "log").metadata["knob"],
    "flip": (False, True),
}


class Config(Module):
    """The search."""

    candidates: int = knob(12, 2, 200, says="settings drawn at random")
    train: int = knob(1000, 50, 10_000, says="training images")
    validation: int = knob(500, 50, 5000, says="images by which a setting is chosen")
    test: int = knob(1000, 50, 3000, says="test images, looked at once")
    epochs: int = knob(3, 1, 100, says="passes of each candidate over the training images")
    batch: int = knob(50, 2, 2000, says="images a minibatch")


class Ranked(NamedTuple):
    """The settings (kernel, maps, rate, flip), what each reached on the validation images after its last pass, and the choice."""

    settings: Float[np.ndarray, "S 4"]
    accuracy: Float[np.ndarray, " S"]
    chosen: int


class Search(NamedTuple):
    """A ranking, the one test of its choice, and how often the test set was read for it."""

    ranked: Ranked
    test: float
    reads: int


class Record(NamedTuple):
    """A search for each seed, the ranking of the first once more from the start to the end, and what else may be tuned."""

    searches: tuple[Search, ...]
    again: Ranked
    cosine: float  # validation accuracy of the first choice, its step size let down along a cosine
    changed: Float[np.ndarray, "P 32 32 3"]  # photographs as a random policy changes them
    scaled: Int[np.ndarray, " 4"]  # parameters of EfficientNets, each larger in depth, width and resolution at once


def run(config: Config, key: Array) -> Record:
    """Search with each seed; with the first seed twice."""
    data = photographs(config.train, config.validation, config.test)
    test = data.x_test, data.y_test
    data = data._replace(x_test=test[0][:0], y_test=test[1][:0])  # a search gets test images under a seal alone
    seeds = np.asarray(jax.random.randint(key, (SEEDS,), 0, 2**31 - 1)).tolist()
    searches = tuple(_search(config, data, Sealed(test), seed) for seed in seeds)
    return Record(
        searches,
        again=_ranked(config, data, seeds[0])[0],
        cosine=_along_a_cosine(config, data, searches[0].ranked, seeds[0]),
        changed=_changed(data.x[:SHOWN], key),
        scaled=np.array([_parameters(*scale) for scale in PUBLISHED.values()]),
    )


def _search(config: Config, data: Photographs, sealed: Sealed, seed: int) -> Search:
    """Rank the settings of this seed, then test the choice."""
    ranked, network = _ranked(config, data, seed)
    _, test = judged(network, *sealed.open())
    return Search(ranked, test, sealed.reads)


def _ranked(config: Config, data: Photographs, seed: int) -> tuple[Ranked, Any]:
    """Draw the settings, train each, choose by validation; with the chosen network."""
    settings = random_settings(RANGES, config.candidates, seed)
    accuracy, networks = _tried(config, data, settings, seed)
    chosen = choose(accuracy[:, None], lower=False)
    numbers = np.array([[float(v) for v in one.values()] for one in settings])
    return Ranked(numbers, accuracy, chosen), networks[chosen]


def _tried(
    config: Config, data: Photographs, settings: list[dict[str, Any]], seed: int
) -> tuple[Float[np.ndarray, " S"], list[Any]]:
    """The validation accuracy of each setting after the last pass, 0 where its training diverges; and the networks."""
    accuracy, networks = np.zeros(len(settings)), []
    for at, setting in enumerate(settings):
        network = _network(setting, np.random.default_rng([seed, at]))
        try:
            network = _trained(config, data, network, setting, seed, f"candidate {at + 1}")
            accuracy[at] = judged(network, data.x_val, data.y_val)[1]
        except Failure:
            pass
        networks.append(network)
    return accuracy, networks


def _trained(
    config: Config,
    data: Photographs,
    network: Chain,
    setting: Mapping[str, Any],
    seed: int,
    name: str,
    floor: float = 1,
) -> Any:
    """The network after its passes, the step size let down to `floor` times itself; one program serves every floor."""
    allowed, adam = np.full(len(data.y), bool(setting["flip"])), Adam(setting["rate"])
    given = (data.x, allowed), data.y, categorical_cross_entropy, adam, config.epochs, config.batch, seed, _mirrored
    schedule = Cosine(config.epochs * -(-config.train // config.batch), float(floor))
    return train_network(network, *given, schedule=schedule, name=name)[0]


def _along_a_cosine(config: Config, data: Photographs, ranked: Ranked, seed: int) -> float:
    """The chosen setting from the same start, its step size let down to 0 along half a cosine."""
    kernel, maps, rate, flip = ranked.settings[ranked.chosen].tolist()
    setting = {"kernel": int(kernel), "maps": int(maps), "rate": rate, "flip": flip}
    network = _network(setting, np.random.default_rng([seed, ranked.chosen]))
    network = _trained(config, data, network, setting, seed, "cosine", floor=0)
    return judged(network, data.x_val, data.y_val)[1]


def _changed(x: Float[np.ndarray, "P 3 32 32"], key: Array) -> Float[np.ndarray, "P 32 32 3"]:
    """Photographs after a random policy; it takes standardised ones."""
    mean, spread = x.mean(), x.std()
    made = np.asarray(jax.jit(RandAugment())(key, jnp.asarray((x - mean) / spread)))
    return np.moveaxis(made * spread + mean, 1, -1)


def _parameters(depth: float, width: float, side: int) -> int:
    """Of an EfficientNet so much deeper and wider than B0, by its shapes."""
    stages, ends = scaled_stages(depth, width)
    make = lambda key: EfficientNet.make(1000, key, (3, side, side), stages, ends)  # noqa: E731
    return parameters(eqx.filter_eval_shape(make, jax.random.key(0)))


def _network(setting: dict[str, Any], rng: np.random.Generator) -> Chain:
    """Network A with this kernel and so many maps, normalised; weights and biases uniform on ±1/√fan-in.

    NumPy draws them: a program that draws would be compiled anew for each shape.
    """
    convolutions, dense = NETWORKS["A"]
    maps = setting["maps"], setting["maps"] // 2
    stages = [(setting["kernel"], m, padding, pooled) for m, (_, _, padding, pooled) in zip(maps, convolutions)]
    shapes = eqx.filter_eval_shape(lambda: built(stages, dense, jax.random.key(0), normalised=True))

    def filled(block: Any) -> Any:
        if isinstance(block, BatchNorm):
            return single(BatchNorm.make(block.gamma.size))
        if not hasattr(block, "W"):
            return block
        r = 1 / np.sqrt(np.prod(block.W.shape[1:]))
        drawn = [jnp.asarray(rng.uniform(-r, r, leaf.shape), jnp.float32) for leaf in (block.W, block.b)]
        return eqx.tree_at(lambda block: (block.W, block.b), block, drawn)

    return Chain.make(*map(filled, shapes.blocks))


def _mirrored(key: Array, X: tuple[Array, Array], y: Array) -> tuple[Array, Array, None, int]:
    """Half of the pictures in the mirror, where that is allowed: one program for both settings."""
    maps, allowed = X
    return jnp.where(allowed[:, None, None, None], Flip()(key, maps), maps), y, None, 1


def _gain(search: Search) -> float:
    """By how much the winner is better than the median candidate, on validation."""
    _, accuracy, chosen = search.ranked
    return float(accuracy[chosen] - np.median(accuracy))


def values(config: Config, record: Record) -> dict[str, float]:
    """What each search chose, what that was worth on validation, and on the test."""
    told: dict[str, float] = {}
    for seed, search in enumerate(record.searches):
        settings, accuracy, chosen = search.ranked
        named = zip(RANGES, settings[chosen], strict=True)
        told |= {f"seed {seed}: chosen {name}": value for name, value in named}
        told |= {
            f"seed {seed}: its validation accuracy": accuracy[chosen],
            f"seed {seed}: median validation accuracy": np.median(accuracy),
            f"seed {seed}: its test accuracy": search.test,
        }
    told["seed 0: validation accuracy of its choice with a cosine"] = record.cosine
    told |= {f"EfficientNet-{name.upper()}: parameters": n for name, n in zip(PUBLISHED, record.scaled, strict=True)}
    told["scaled once: times the products"] = compound_scale(1.0).products
    told["winner above the median candidate, median"] = np.median([_gain(search) for search in record.searches])
    return {name: float(value) for name, value in told.items()}


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Accuracy by step size, the ranking of the first search, and what a random policy makes of photographs."""
    first = record.searches[0].ranked
    order = np.argsort(-first.accuracy, kind="stable")
    names = [f"{rank}: {_named(first.settings[i])}" for rank, i in enumerate(order, start=1)]
    text = [f"{value:.3f}" for value in first.accuracy[order]]
    bars = [Series("bars", names, first.accuracy[order], label="validation accuracy", text=text)]
    tested = f"The best is tested once: {record.searches[0].test:.3f}."
    return (
        _by_rate(record.searches),
        Figure(
            "The first search, from the best to the worst",
            bars,
            "kernel, maps, step size, ↔ mirror",
            "validation accuracy",
            summary=tested,
        ),
        _policy(record.changed),
    )


def _policy(pictures: np.ndarray) -> Figure:
    series = [Series("picture", z=np.clip(z, 0, 1), label="") for z in pictures]
    says = "Turned, scaled, moved, or in another light: two draws from a list of seven for each photograph, at half strength."
    return Figure("Photographs under a random policy", series, summary=says)


def _named(setting: np.ndarray) -> str:
    """Kernel, maps, step size, and ↔ for the mirror."""
    kernel, maps, rate, flip = setting
    return f"{kernel:.0f}, {maps:.0f}, {rate:.1g}" + (" ↔" if flip else "")


def _by_rate(searches: tuple[Search, ...]) -> Figure:
    settings = np.concatenate([search.ranked.settings for search in searches])
    accuracy = np.concatenate([search.ranked.accuracy for search in searches])
    clouds = []
    for kernel in RANGES["kernel"]:
        at = settings[:, 0] == kernel
        clouds.append(Series("points", settings[at, 2], accuracy[at], label=f"kernels of {kernel} × {kernel}"))
    chosen = np.array([ranked.settings[ranked.chosen, 2] for ranked, *_ in searches])
    tests = Series("points", chosen, [search.test for search in searches], label="test of the chosen")
    title = "Thirty-six candidates by their step size" if len(accuracy) == 36 else "Candidates by their step size"
    return Figure(title, [*clouds, tests], "step size", "accuracy", log_x=True)


def claim_the_best_is_selected_and_the_test_read_once(config: Config, record: Record) -> bool:
    """Claim 1: the selected model has the best validation value; the test set is read once (in each of the 3 searches)."""
    best = all(ranked.accuracy[ranked.chosen] == ranked.accuracy.max() for ranked, *_ in record.searches)
    return best and all(search.reads == 1 for search in record.searches)


def claim_the_same_seed_gives_the_same_ranking(config: Config, record: Record) -> bool:
    """Claim 2: same seed, same ranking (the first search done a second time, all candidates trained anew to the last pass: the
    settings, every accuracy and the choice are the same)."""
    pairs = zip(record.searches[0].ranked, record.again, strict=True)
    return all(np.array_equal(one, other) for one, other in pairs)


def claim_the_winner_beats_the_median_candidate(config: Config, record: Record) -> bool:
    """Claim 3: the winner beats the median candidate by 0.03 in validation (median of 3)."""
    return bool(np.median([_gain(search) for search in record.searches]) >= 0.03)
