"""The perceptron written as an equation beside the same one made of layers: steps a second of the same training."""

from __future__ import annotations

from benchmarks import networks
from benchmarks.harness import Measure, Row
from benchmarks.rows.mlp_adam import EPOCHS, HIDDEN, LR

EQUATION = """
a_1 = relu(W_1 x + b_1),  W_1 ∈ ℝ^(256×n)
a_2 = relu(W_2 a_1 + b_2),  W_2 ∈ ℝ^(128×256)
ŷ = softmax(W_3 a_2 + b_3)
"""


def written(quick: bool) -> Measure:
    return networks.ours(HIDDEN, "adam", LR, EPOCHS, quick, EQUATION)


def layers(quick: bool) -> Measure:
    return networks.ours(HIDDEN, "adam", LR, EPOCHS, quick)


ROW = Row(
    title="MLP 784-256-128-10 written as an equation, Adam, batch 64: a step of MNIST, steady state",
    goal="≥ 0.95 × the one made of layers",
    sides={"written": written, "made of layers": layers},
    least_ratio=0.95,
    agree={"test_accuracy": 0.002, "test_loss": 0.01},
    note="The same weights at the start and the same minibatches; the median of the epochs after the first.",
)
