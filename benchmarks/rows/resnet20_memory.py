"""Peak memory of training ResNet-20 at batch 128."""

from __future__ import annotations

from benchmarks import convolutions
from benchmarks.harness import Measure, Row


def ours(quick: bool) -> Measure:
    return convolutions.ours("resnet20", (3, 32, 32), 128, 1 if quick else 2)


ROW = Row(
    title="peak memory of training ResNet-20 on 32 × 32 pictures, batch 128, the whole process",
    goal="< 1.5 GB",
    sides={"ours": ours},
    number="peak_mb",
    unit="MB",
    most=1500,
    allocator=True,
    note="Rows of 512 pictures; glibc keeps freed memory, as in the command line, which costs memory and saves time.",
)
