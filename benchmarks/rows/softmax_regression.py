"""Softmax regression 784→10 by SGD, one epoch of MNIST, everything from arrays in memory to the last step."""

from __future__ import annotations

import multiprocessing
import os
import tempfile

from benchmarks import networks
from benchmarks.harness import Measure, Row

EPOCH = ((), "sgd", 0.1, 1)


def ours(quick: bool) -> Measure:
    return networks.ours(*EPOCH, quick)


def with_cache(quick: bool) -> Measure:
    """As the command line starts: compiled programs are looked for on disk."""
    from gradiens.core.session import use_compile_cache

    use_compile_cache()
    return networks.ours(*EPOCH, quick)


def ours_again(quick: bool) -> Measure:
    """The second start: another process, which is not counted, has filled the compile cache."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRADIENS_CACHE"] = folder
        first = multiprocessing.get_context("spawn").Process(target=with_cache, args=(quick,))
        first.start()
        first.join()
        return with_cache(quick)


def peer(quick: bool) -> Measure:
    return networks.torch(*EPOCH, quick)


def peer_loader(quick: bool) -> Measure:
    return networks.torch(*EPOCH, quick, loader=True)


ROW = Row(
    title="softmax regression 784→10, SGD, batch 64: one epoch of MNIST, compile included",
    goal="≥ 2 × PyTorch",
    sides={
        "ours": ours,
        "PyTorch": peer,
        "PyTorch with a DataLoader": peer_loader,
        "ours, second start (compile cache)": ours_again,
    },
    number="total",
    least_ratio=2.0,
    agree={"test_accuracy": 0.003, "test_loss": 0.003},
    note="The same weights at the start and the same minibatches. The peer gathers its rows by index from a float "
    "tensor; a DataLoader, the usual way, stands beside it. "
    "Our time holds the compiled initialisation of the network too; the second start, with the command line's compile "
    "cache filled, takes the share of our first that its ratio says.",
)
