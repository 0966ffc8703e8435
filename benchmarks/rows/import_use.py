"""`import gradiens` and the first use of `gradiens.fit`, which loads what training needs, beside other imports."""

from __future__ import annotations

from benchmarks.harness import Measure, Row
from benchmarks.rows.import_time import imported


def ours(quick: bool) -> Measure:
    return imported("gradiens", "fit")


def jax(quick: bool) -> Measure:
    return imported("jax")


def optax(quick: bool) -> Measure:
    return imported("optax")


def torch(quick: bool) -> Measure:
    return imported("torch")


ROW = Row(
    title="`import gradiens` and the first use of `gradiens.fit`",
    goal="told, no goal",
    sides={"ours": ours, "import jax": jax, "import optax, with JAX": optax, "import torch": torch},
    number="total",
    note="What a script pays before it trains: JAX, Equinox, Optax, Polars, Pydantic.",
)
