"""Equal layers are written once: a deep transformer fits on a page, and what is written is what runs."""

from __future__ import annotations

import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.equations import of, of_gradient
from gradiens.equations.boxes.notation import LONGEST
from gradiens.equations.boxes.unicode import width
from gradiens.equations.printing.blocks import Block
from gradiens.equations.printing.naming import Line
from gradiens.equations.printing.repeat import layers_of, repeated
from gradiens.equations.tree.expression import symbol
from gradiens.equations.tree.operations import apply
from gradiens.functions import losses
from tests.equations.test_read import net

WIDTH, HEADS, LENGTH, HIDDEN, WORDS = 64, 4, 16, 128, 50


def norm(x, g, b):
    centred = x - jnp.mean(x, -1, keepdims=True)
    return g * centred / jnp.sqrt(jnp.mean(centred**2, -1, keepdims=True) + 1e-5) + b


def attention(p, x):
    q, k, v = (
        jnp.transpose((x @ p[name]).reshape(LENGTH, HEADS, WIDTH // HEADS), (1, 0, 2)) for name in ("W_q", "W_k", "W_v")
    )
    weights = jax.nn.softmax(q @ jnp.swapaxes(k, -1, -2) / jnp.sqrt(WIDTH // HEADS), -1)
    return jnp.transpose(weights @ v, (1, 0, 2)).reshape(LENGTH, WIDTH) @ p["W_o"]


def transformer(params, x):
    """Pre-norm, without a mask."""
    for p in params["layers"]:
        x = x + attention(p, norm(x, p["g_1"], p["b_1"]))
        z = norm(x, p["g_2"], p["b_2"])
        x = x + jax.nn.gelu(z @ p["W_1"] + p["c_1"], approximate=False) @ p["W_2"] + p["c_2"]
    return x @ params["W_out"]


def parameters(layers):
    one = lambda *shape: jnp.ones(shape)  # noqa: E731
    square, vector = one(WIDTH, WIDTH), one(WIDTH)
    layer = {
        "W_q": square, "W_k": square, "W_v": square, "W_o": square, "W_1": one(WIDTH, HIDDEN), "c_1": one(HIDDEN),
        "W_2": one(HIDDEN, WIDTH), "c_2": vector, "g_1": vector, "b_1": vector, "g_2": vector, "b_2": vector,
    }  # fmt: skip
    return {"layers": [dict(layer) for _ in range(layers)], "W_out": one(WIDTH, WORDS)}


@pytest.fixture(scope="module")
def page():
    return of(transformer, parameters(12), jnp.ones((LENGTH, WIDTH)), output="y")


def test_a_transformer_of_twelve_layers_is_one_page(page):
    lines = page.unicode().splitlines()
    assert len(lines) <= 25
    assert max(map(width, lines)) <= LONGEST + 10
    assert lines[0] == "x^[0] = x"
    assert lines[1] == "for l = 1, …, 12:"
    assert [line for line in lines if line.startswith("y")] == ["y = x^[12] W_out"]
    defined = [line.partition(" = ")[0].strip() for line in lines if "^[l] = " in line]
    assert {"Q^[l]", "K^[l]", "V^[l]", "x^[l]"} <= set(defined)
    assert defined[-1] == "x^[l]"


def test_the_spaces_of_all_layers_are_said_once(page):
    where = page.unicode().partition("where ")[2]
    assert "Wₖ^[l], Wₒ^[l], W_q^[l], Wᵥ^[l] ∈ ℝ⁶⁴ˣ⁶⁴" in where
    assert where.endswith("l = 1, …, 12")
    assert "[3]" not in where


def test_what_is_written_for_all_layers_is_what_runs(page):
    rng = np.random.default_rng(0)
    values = [rng.normal(size=one.shape) / 8 for one in page.inputs]
    with jax.enable_x64(True):
        wanted = page.program(*values)
    np.testing.assert_allclose(page.evaluate(values)[0], wanted[0], rtol=1e-9)


def test_a_wrong_layer_is_not_hidden(page):
    """One layer that differs breaks the run: nothing is printed as equal that is not."""

    def uneven(params, x):
        for place, p in enumerate(params["layers"]):
            x = x + jnp.tanh(p["W_q"] @ p["b_1"]) * (2.0 if place == 2 else 1.0)
        return x

    equations = of(uneven, parameters(6), jnp.ones((LENGTH, WIDTH)), output="y")
    blocks = [one for one in equations.lines if isinstance(one, Block)]
    assert [(one.first, one.last) for one in blocks if "x^{[l]}" in [line.name for line in one.lines]] == [(4, 6)]
    assert "2 a_q^[3]" in equations.unicode()
    assert equations.check().ok


def test_layers_of_a_gradient_run_down():
    model = net(3, 3, 3, 3, 3, 3, 2)
    equations = of_gradient(model, losses.squared, jnp.ones(3), jnp.ones(2))
    blocks = [one for one in equations.lines if isinstance(one, Block)]
    assert [(one.index, one.first > (one.last or 0)) for one in blocks] == [("l", False), ("l", True)]
    backward = [line.name for line in blocks[1].lines if isinstance(line, Line)]
    assert backward == ["δ^{[l]}", "∂C/∂W^{[l]}", "∂C/∂b^{[l]}"]
    values = [np.random.default_rng(0).normal(size=one.shape) for one in equations.inputs]
    with jax.enable_x64(True):
        wanted = equations.program(*values)
    for found, other in zip(equations.evaluate(values), wanted, strict=True):
        np.testing.assert_allclose(found, other, rtol=1e-9)


def line(name, *args):
    return Line(symbol(name, (3,)), apply("add", *(symbol(arg, (3,)) for arg in args)))


def test_runs_of_lines():
    lines = [line(f"a^{{[{k}]}}", f"a^{{[{k - 1}]}}", f"b^{{[{k}]}}") for k in (1, 2, 3, 4)]
    (block,) = repeated(lines)
    assert block == Block("l", 1, 4, (line("a^{[l]}", "a^{[l-1]}", "b^{[l]}"),))
    assert layers_of([block]) == {"a^{[l]}": ("l", 0, 3), "b^{[l]}": ("l", 1, 4)}
    assert repeated(lines[:2]) == lines[:2]
    shared = [line(f"a^{{[{k}]}}", "a^{[0]}", "l") for k in (1, 2, 3)]
    assert repeated(shared) == [Block("m", 1, 3, (line("a^{[m]}", "a^{[0]}", "l"),))]


def test_a_line_of_no_layer_among_them_is_written_before():
    lines = [line(f"a^{{[{k}]}}", f"a^{{[{k - 1}]}}", "u") for k in (1, 2, 3)]
    assert repeated([lines[0], line("v", "x", "x"), *lines[1:]])[0] == line("v", "x", "x")
    assert isinstance(repeated([lines[0], line("v", "x", "x"), *lines[1:]])[1], Block)


def test_a_deep_transformer_in_three_seconds():
    params, x = parameters(12), jnp.ones((LENGTH, WIDTH))
    of(transformer, parameters(1), x)
    start = time.process_time()
    of(transformer, params, x, output="y").mathml()
    assert time.process_time() - start < 3.0
