"""Fashion-MNIST by a small convolutional network: the error on the official test images."""

from __future__ import annotations

from benchmarks import pictures
from benchmarks.harness import Measure, Row


def ours(quick: bool) -> Measure:
    return pictures.small_cnn("fashion_mnist", 7, quick, batch=64, lr=2e-3, augment="flip")


ROW = Row(
    title="`gradiens fit fashion_mnist --model small_cnn`: share of the official test images that it gets wrong",
    goal="≤ 0.085 (accuracy ≥ 0.915) within 10 CPU minutes",
    sides={"ours": ours},
    number="error",
    unit="",
    most=0.085,
    allocator=True,
    note="The whole fit; CPU minutes stand beside the accuracy.",
)
