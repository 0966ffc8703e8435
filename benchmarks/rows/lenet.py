"""LeNet on 28 × 28, batch 64: seconds a step."""

from __future__ import annotations

from benchmarks import convolutions
from benchmarks.harness import Measure, Row

SHAPE, BATCH = (1, 28, 28), 64


def ours(quick: bool) -> Measure:
    return convolutions.ours("lenet", SHAPE, BATCH, 20 if quick else 100)


def peer(quick: bool) -> Measure:
    return convolutions.torch("lenet", SHAPE, BATCH, 20 if quick else 100)


ROW = Row(
    title="LeNet (conv5 to 6, conv5 to 16, dense 120, 84, 10), SGD, batch 64: a step, steady state",
    goal="≥ 0.65 × PyTorch in its faster memory format",
    sides={"ours": ours, "PyTorch": peer},
    least_ratio=0.65,
    allocator=True,
    note="Pure JAX; the loop runs one compiled step at a time, since convolutions are slow inside XLA's loops on a CPU.",
)
