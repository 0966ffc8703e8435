"""A transformer of 12 layers, read from its program and printed on a page."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.harness import Measure, Row

LAYERS, WIDTH, HEADS, TOKENS, VOCABULARY = 12, 64, 4, 16, 100


def parameters(key: Any) -> dict[str, Any]:
    """Random weights of `LAYERS` blocks: attention, a perceptron, two normalisations."""
    import jax
    import jax.numpy as jnp

    shapes = {
        "W_q": (WIDTH, WIDTH), "W_k": (WIDTH, WIDTH), "W_v": (WIDTH, WIDTH), "W_o": (WIDTH, WIDTH),
        "U": (WIDTH, 4 * WIDTH), "c": (4 * WIDTH,), "V": (4 * WIDTH, WIDTH), "d": (WIDTH,),
    }  # fmt: skip

    def block(key: Any) -> dict[str, Any]:
        keys = jax.random.split(key, len(shapes))
        drawn = {name: jax.random.normal(k, shape) / 8 for (name, shape), k in zip(shapes.items(), keys)}
        return {**drawn, "gamma": jnp.ones(WIDTH), "beta": jnp.zeros(WIDTH)}

    first, *keys = jax.random.split(key, LAYERS + 1)
    embedding = jax.random.normal(first, (VOCABULARY, WIDTH))
    return {"E": embedding, "blocks": [block(k) for k in keys]}


def transformer(theta: Any, x: Any) -> Any:
    """Probabilities of the next token after each of the tokens `x`."""
    import jax
    import jax.numpy as jnp

    def normalised(A: Any, block: Any) -> Any:
        mean = jnp.mean(A, axis=1, keepdims=True)
        var = jnp.var(A, axis=1, keepdims=True)
        return block["gamma"] * (A - mean) / jnp.sqrt(var + 1e-5) + block["beta"]

    def heads(A: Any) -> Any:
        return A.reshape(TOKENS, HEADS, WIDTH // HEADS).swapaxes(0, 1)

    A = theta["E"][x]
    for block in theta["blocks"]:
        N = normalised(A, block)
        Q, K, V = (heads(N @ block[name]) for name in ("W_q", "W_k", "W_v"))
        weights = jax.nn.softmax(Q @ K.swapaxes(1, 2) / (WIDTH // HEADS) ** 0.5, axis=-1)
        A = A + (weights @ V).swapaxes(0, 1).reshape(TOKENS, WIDTH) @ block["W_o"]
        A = A + jax.nn.gelu(normalised(A, block) @ block["U"] + block["c"], approximate=False) @ block["V"] + block["d"]
    return jax.nn.softmax(A @ theta["E"].T, axis=-1)


def ours(quick: bool) -> Measure:
    import jax
    import jax.numpy as jnp

    from gradiens import equations

    theta, x = parameters(jax.random.key(0)), jnp.zeros(TOKENS, jnp.int32)
    clock = time.perf_counter()
    found = equations.of(transformer, theta, x, output="Ŷ")
    printed = [found.unicode(), found.latex(), found.mathml()]
    total = time.perf_counter() - clock
    return {"total": total, "quality": {"lines": float(printed[0].count("\n") + 1), "error": found.check().error}}


ROW = Row(
    title="a transformer of 12 layers: its program read, folded, and printed in three notations",
    goal="< 3 s",
    sides={"ours": ours},
    number="total",
    most=3.0,
    note="After the imports; the first program that is read in the process. The check, which is not timed, reads it back.",
)
