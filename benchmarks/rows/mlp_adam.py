"""MLP 784-256-128-10 by Adam, batch 64: seconds a step once everything is warm."""

from __future__ import annotations

from benchmarks import networks
from benchmarks.harness import Measure, Row

HIDDEN, LR, EPOCHS = (256, 128), 1e-3, 4


def ours(quick: bool) -> Measure:
    return networks.ours(HIDDEN, "adam", LR, EPOCHS, quick)


def peer(quick: bool) -> Measure:
    return networks.torch(HIDDEN, "fused adam", LR, EPOCHS, quick)


def peer_default(quick: bool) -> Measure:
    return networks.torch(HIDDEN, "adam", LR, EPOCHS, quick)


ROW = Row(
    title="MLP 784-256-128-10, Adam, batch 64: a step of MNIST, steady state",
    goal="≥ 1.3 × PyTorch",
    sides={"ours": ours, "PyTorch, fused Adam": peer, "PyTorch, default Adam": peer_default},
    least_ratio=1.3,
    agree={"test_accuracy": 0.006, "test_loss": 0.02},
    note="The same weights at the start and the same minibatches; the median of the epochs after the first.",
)
