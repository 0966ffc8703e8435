"""Neural Networks: What About the Brain?

An artificial neuron adds up what comes in, weighted, and fires when the sum is large enough: dendrites, synapses and an axon
in one line of arithmetic. One such unit is a line in the plane; it can be AND, OR and NAND, and it cannot be XOR, for which
no line will do and two hidden units suffice. A unit can learn its line from examples by correcting its mistakes, and the
wider the gap between the classes, the fewer mistakes there can be.
"""

from __future__ import annotations

import itertools
from textwrap import indent
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from gradiens.calculus.tape_text import columns
from gradiens.classical.classifiers.perceptron import fit_perceptron, margin, mistake_bound
from gradiens.classical.classifiers.separation import separation
from gradiens.classical.classifiers.threshold_unit import ThresholdUnit
from gradiens.core.module import Module, knob
from gradiens.functions.activations import sigmoid
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
SEEDS = 20
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
GATES = {"AND": (0, 0, 0, 1), "OR": (0, 1, 1, 1), "NAND": (1, 1, 1, 0), "XOR": (0, 1, 1, 0)}
UNITS = {
    "AND": ThresholdUnit(np.array([1.0, 1.0]), -1.5),
    "OR": ThresholdUnit(np.array([1.0, 1.0]), -0.5),
    "NAND": ThresholdUnit(np.array([-1.0, -1.0]), 1.5),
    "NOT": ThresholdUnit(np.array([-1.0]), 0.5),
}
WEIGHTS, BIASES = np.arange(-2.0, 3.0), np.arange(-4.5, 5.0)
BRAIN = (
    ("dendrite", "input x", "what comes in"),
    ("synapse", "weight w", "how much it counts, and with which sign"),
    ("cell body", "w·x + b", "the sum"),
    ("threshold", "bias -b", "how large it has to be"),
    ("firing rate", "a = σ(w·x + b)", "what is passed on"),
    ("axon", "output a", "an input of the next neurons"),
)


class Config(Module):
    """The points of the perceptron."""

    points: int = knob(100, 10, 2000, says="points in the unit square")
    gap: float = knob(0.05, 0.01, 0.2, says="distance from the line within which points are dropped")
    passes: int = knob(2000, 1, 100_000, says="passes after which the rule gives up")


class Record(NamedTuple):
    """Gates by units, the search over small weights, the program for XOR, the perceptron by seed."""

    gates: Int[Numbers, "3 4"]  # what the units of AND, OR, NAND give at CORNERS
    negation: Int[Numbers, "2"]
    xor: Int[Numbers, "4"]  # of two hidden units and one more
    found: Int[Numbers, "4"]  # units with small weights and half-integer biases that are each of GATES
    separable: Bool[Numbers, "4"]  # by the linear program: some line has margins of at least 1
    regions: Int[Numbers, "4 G G"]
    mistakes: Float[Numbers, "20 P"]  # by pass; NaN after the last
    bound: Float[Numbers, "20 2"]  # (R/γ)² by the labelling line, and by the line that was found
    errors: Int[Numbers, " 20"]  # on the training points in the end
    points: Float[Numbers, "N 2"]  # of the first seed, with targets and both lines
    targets: Float[Numbers, " N"]
    lines: Float[Numbers, "2 3"]  # (b, w) that labels, and that was learned


def run(config: Config, key: Array) -> Record:
    """Try every small unit on the gates; train the perceptron on each seed."""
    axis = np.linspace(-0.5, 1.5, 121)
    plane = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    gates = ("AND", "OR", "NAND")
    small = [ThresholdUnit(np.array([a, b]), c) for a, b, c in itertools.product(WEIGHTS, WEIGHTS, BIASES)]
    answers = np.array([unit.predict(CORNERS) for unit in small])
    root = int(np.asarray(jax.random.key_data(key))[-1])
    runs = [_learned(config, np.random.default_rng([root, seed])) for seed in range(SEEDS)]
    longest = max(len(by_pass) for by_pass, _, _, _ in runs)
    (_, _, _, (x, y, *lines)) = runs[0]
    return Record(
        gates=np.array([UNITS[gate].predict(CORNERS) for gate in gates]),
        negation=UNITS["NOT"].predict(np.array([[0.0], [1.0]])),
        xor=_xor(CORNERS),
        found=np.array([np.sum(np.all(answers == target, axis=1)) for target in GATES.values()]),
        separable=np.array([separation(CORNERS, np.array(t), 2).kind == "complete" for t in GATES.values()]),
        regions=np.stack([*(UNITS[gate].predict(plane) for gate in gates), _xor(plane)]).reshape(4, 121, 121),
        mistakes=np.array([np.append(by_pass, [np.nan] * (longest - len(by_pass))) for by_pass, _, _, _ in runs]),
        bound=np.array([bound for _, bound, _, _ in runs]),
        errors=np.array([errors for _, _, errors, _ in runs]),
        points=x,
        targets=y,
        lines=np.array(lines),
    )


def _xor(x: Float[np.ndarray, "N 2"]) -> Int[np.ndarray, " N"]:
    """AND of OR and NAND: two hidden units and one on top."""
    hidden = np.stack([UNITS["OR"].predict(x), UNITS["NAND"].predict(x)], axis=1)
    return UNITS["AND"].predict(hidden)


def _learned(config: Config, rng: np.random.Generator) -> tuple:
    """Points of the square labelled by a random line, those near it dropped; mistakes by pass, bounds, errors, the data."""
    w, through = rng.normal(size=2), rng.uniform(size=2)
    b = float(-w @ through)
    x = rng.uniform(size=(config.points, 2))
    side = (x @ w + b) / np.linalg.norm(w)
    x, y = x[np.abs(side) > config.gap], np.sign(side[np.abs(side) > config.gap])
    fit = fit_perceptron(x, y, config.passes)
    errors = int(np.sum(fit.predict(x) != y))
    bounds = [
        mistake_bound(x, margin(w, b, x, y)),
        mistake_bound(x, margin(fit.w, fit.b, x, y)) if not errors else np.nan,
    ]
    return fit.mistakes_by_pass.astype(float), bounds, errors, (x, y, [b, *w], [fit.b, *fit.w])


def values(config: Config, record: Record) -> dict[str, float]:
    """How many small units are each gate; mistakes, passes and bounds over the seeds."""
    total, passes = np.nansum(record.mistakes, axis=1), np.sum(~np.isnan(record.mistakes), axis=1)
    return {
        **{f"{gate}: units with small weights": float(n) for gate, n in zip(GATES, record.found)},
        "perceptron: median mistakes": float(np.median(total)),
        "perceptron: most mistakes": float(np.max(total)),
        "perceptron: most passes": float(np.max(passes)),
        "perceptron: largest share of the bound": float(np.nanmax(total[:, None] / record.bound)),
    }


def text(config: Config, record: Record) -> str:
    """What corresponds to what, and the gates as units."""
    brain = columns([["in the brain", "in the model", "does"], *map(list, BRAIN)])
    units = columns([["gate", "w", "b"], *([g, str(u.w.tolist()), f"{u.b:g}"] for g, u in UNITS.items())])
    return f"A neuron.\n\n{indent(brain, '    ')}\n\nGates.\n\n{indent(units, '    ')}\n\nXOR is AND of OR and NAND."


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """The gates, the neuron's activation, the perceptron's line and its mistakes."""
    axis = np.linspace(-0.5, 1.5, 121)
    z = np.linspace(-6, 6, 121)

    def gate(i: int, name: str) -> Figure:
        on = np.array(GATES[name], bool)
        corners = [Series("points", *CORNERS[on == k].T, label=str(int(k)), colour=int(k)) for k in (False, True)]
        title = name if name != "XOR" else "XOR by two hidden units"
        return Figure(
            title, [Series("regions", axis, axis, record.regions[i], "output"), *corners], "x₁", "x₂", square=True
        )

    threshold = Series("line", z, (z > 0).astype(float), label="threshold unit")
    smooth = Series("line", z, np.asarray(sigmoid(jnp.asarray(z))), label="σ")
    by_pass = [Series("line", np.arange(1, len(row) + 1), row, label="" if i else "seed 0", guide=i > 0) for i, row in
               enumerate(record.mistakes)]  # fmt: skip
    return (
        *(gate(i, name) for i, name in enumerate(GATES)),
        Figure("What a neuron makes of its sum", [threshold, smooth], "w·x + b", "a"),
        _line(record),
        Figure("Mistakes of the perceptron, 20 seeds", by_pass, "pass", "mistakes"),
    )


def _line(record: Record) -> Figure:
    """The points of the first seed, the line that labelled them, and the one that was learned."""
    x = np.linspace(0, 1, 201)
    heights = {name: -(b + w1 * x) / w2 for (b, w1, w2), name in zip(record.lines, ("labelled by", "learned"))}
    lines = [Series("line", x, np.where((y >= 0) & (y <= 1), y, np.nan), label=name) for name, y in heights.items()]
    classes = [Series("points", *record.points[record.targets == s].T, label=f"{s:+g}") for s in (-1.0, 1.0)]
    return Figure("The perceptron's line", [*classes, *lines], "x₁", "x₂", square=True)


def claim_threshold_units_are_gates(config: Config, record: Record) -> bool:
    """Claim 1: a threshold neuron realises AND, OR, NAND and NOT with weights in {-2, …, 2} and half-integer biases."""
    right = np.all(record.gates == np.array([GATES[gate] for gate in ("AND", "OR", "NAND")]))
    small = all(np.all(np.isin(u.w, WEIGHTS)) and (2 * u.b) % 2 == 1 for u in UNITS.values())
    return bool(right and small and record.negation.tolist() == [1, 0] and np.all(record.found[:3] > 0))


def claim_xor_needs_hidden_units(config: Config, record: Record) -> bool:
    """Claim 2: the linear program for XOR (margins ≥ 1) is infeasible, no small unit is XOR; two hidden threshold units
    suffice."""
    infeasible = not record.separable[3] and np.all(record.separable[:3]) and record.found[3] == 0
    return bool(infeasible and record.xor.tolist() == list(GATES["XOR"]))


def claim_mistakes_are_bounded(config: Config, record: Record) -> bool:
    """Claim 3: the number of mistakes is at most (R/γ)², R the largest norm of an augmented input and γ the margin of a unit
    vector that separates: of the line that labelled, and of the one that was found."""
    return bool(np.all(np.nansum(record.mistakes, axis=1)[:, None] <= record.bound))


def claim_the_rule_stops(config: Config, record: Record) -> bool:
    """Claim 4: the rule stops with zero training errors on all 20 seeds."""
    return bool(np.all(record.errors == 0))
