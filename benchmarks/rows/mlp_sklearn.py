"""The same MLP 784-256-128-10 by Adam, batch 64, against scikit-learn's MLPClassifier."""

from __future__ import annotations

from benchmarks import networks
from benchmarks.harness import Measure, Row

HIDDEN, LR, EPOCHS = (256, 128), 1e-3, 3


def ours(quick: bool) -> Measure:
    return networks.ours(HIDDEN, "adam", LR, EPOCHS, quick)


def peer(quick: bool) -> Measure:
    return networks.sklearn(HIDDEN, LR, EPOCHS, quick)


ROW = Row(
    title="MLP 784-256-128-10, Adam, batch 64: a step of MNIST, steady state, against MLPClassifier",
    goal="≥ 3 × scikit-learn",
    sides={"ours": ours, "scikit-learn": peer},
    least_ratio=3.0,
    agree={"test_accuracy": 0.01, "test_loss": 0.03},
    note="float32, no L2 penalty, no early stopping; scikit-learn starts from its own weights and shuffles by itself.",
)
