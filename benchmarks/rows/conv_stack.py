"""Six 3 × 3 × 64 convolutions with batch normalisation on 32 × 32, batch 32: seconds a step."""

from __future__ import annotations

from benchmarks import convolutions
from benchmarks.harness import Measure, Row

SHAPE, BATCH = (3, 32, 32), 32


def ours(quick: bool) -> Measure:
    return convolutions.ours("stack", SHAPE, BATCH, 2 if quick else 5)


def peer(quick: bool) -> Measure:
    return convolutions.torch("stack", SHAPE, BATCH, 2 if quick else 5)


ROW = Row(
    title="six 3 × 3 convolutions of 64 maps with batch norm and relu, 32 × 32, SGD, batch 32: a step, steady state",
    goal="≥ 0.37 × PyTorch in its faster memory format",
    sides={"ours": ours, "PyTorch": peer},
    least_ratio=0.37,
    allocator=True,
    note="Pure JAX; batch norm has its own derivative, convolutions are compiled one by one for all cores.",
)
