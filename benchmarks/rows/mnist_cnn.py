"""MNIST by a small convolutional network: the error on the official test images."""

from __future__ import annotations

from benchmarks import pictures
from benchmarks.harness import Measure, Row


def ours(quick: bool) -> Measure:
    return pictures.small_cnn("mnist", 3, quick, batch=128, lr=3e-3, augment="shift=2")


ROW = Row(
    title="`gradiens fit mnist --model small_cnn`: share of the official test images that it gets wrong",
    goal="≤ 0.01 (accuracy ≥ 0.99) within 10 CPU minutes",
    sides={"ours": ours},
    number="error",
    unit="",
    most=0.01,
    allocator=True,
    note="The whole fit; CPU minutes stand beside the accuracy.",
)
