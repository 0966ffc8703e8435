"""A text of 200 lines, parsed."""

from __future__ import annotations

import time

from benchmarks.harness import Measure, Row

LINES = 200


def text() -> str:
    """Layers of a network, a line each, with what a line usually has: products, scripts, functions, declarations."""
    kinds = (
        "a^[{l}] = relu(W^[{l}] a^[{k}] + b^[{l}])",
        "z^[{l}] = γ^[{l}] ⊙ (a^[{k}] - μ) / √(σ² + ε) + β^[{l}],  W^[{l}] ∈ ℝ^(64×64)",
        "A^[{l}] = softmax_rows(Q^[{l}] K^[{l}]ᵀ / √64) V^[{l}]    # attention",
        "C^[{l}] = -Σ_i y_i log ŷ_i + 0.01 ‖W^[{l}]‖²",
    )
    return "\n".join(kinds[l % len(kinds)].format(l=l, k=l - 1) for l in range(1, LINES + 1))  # noqa: E741


def ours(quick: bool) -> Measure:
    from gradiens.equations.text.parse import parse

    parse("y = x")  # loads the grammar
    written = text()
    clock = time.perf_counter()
    found = parse(written)
    return {"total": time.perf_counter() - clock, "quality": {"statements": float(len(found))}}


def first(quick: bool) -> Measure:
    clock = time.perf_counter()
    from gradiens.equations.text.parse import parse

    parse("y = x")
    return {"total": time.perf_counter() - clock}


ROW = Row(
    title="200 lines of equations, parsed",
    goal="< 0.3 s",
    sides={"ours": ours, "import of the parser and a first line": first},
    number="total",
    most=0.3,
    note="Once the grammar is loaded, which the first line of a process pays, with the imports.",
)
