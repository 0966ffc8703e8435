"""Ranges: declarations for each layer, and one loop that looks back at another."""

from __future__ import annotations

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.equations.meaning.elaborate import elaborate
from gradiens.equations.tree.expression import Symbol
from gradiens.equations.tree.operations import evaluate
from gradiens.equations.tree.recurrence import everything


def shapes(text, name="y"):
    """The shapes of the symbols that the definition of `name` uses."""
    return {e.name: e.shape for e in everything(elaborate(text, False).trees([name])[0]) if isinstance(e, Symbol)}


LAYERED = """
a^[0] = x
for l = 1..3:
{}
a^[l] = tanh(W^[l] a^[l-1] + b^[l])
y = a^[3]
where x ∈ ℝ^5{}
"""


@pytest.mark.parametrize(
    ("inside", "below"),
    [
        ("W^[l] ∈ ℝ^(5×5)\nb^[l] ∈ ℝ^5", ""),
        ("", ", W^[l] ∈ ℝ^(5×5), b^[l] ∈ ℝ^5"),
        ("", ", W^[l] ∈ ℝ^(5×5), b^[l] ∈ ℝ^5, l = 1, …, 3"),
    ],
    ids=["under the heading", "below", "below with its range"],
)
def test_what_is_declared_with_the_index_of_a_layer_is_declared_for_each(inside, below):
    found = shapes(LAYERED.format(inside, below))
    expected = {f"W^{{[{l}]}}": (5, 5) for l in (1, 2, 3)} | {f"b^{{[{l}]}}": (5,) for l in (1, 2, 3)}  # noqa: E741
    assert found == {"x": (5,), **expected}


def test_a_suffix_is_a_range_of_its_own_line():
    found = shapes("a^[0] = x\na^[l] = W^[l] a^[l-1], l = 1..2\ny = a^[2]\nx ∈ ℝ^3, W^[l] ∈ ℝ^(3×3)")
    assert found == {"x": (3,), "W^{[1]}": (3, 3), "W^{[2]}": (3, 3)}


def test_what_is_declared_at_a_time_is_declared_for_every_step():
    text = "h⟨0⟩ = 0_3\nfor t = 1..4:\nh⟨t⟩ ∈ ℝ^3\nh⟨t⟩ = tanh(h⟨t-1⟩ + x⟨t⟩)\ny = h⟨4⟩\nx ∈ ℝ^(4×3)"
    assert elaborate(text, False).trees(["y"])[0].shape == (3,)


BACK = """
h⟨0⟩ = 𝟏_3
for t = 1..4:
h⟨t⟩ = tanh(W h⟨t-1⟩ + x⟨t⟩)
g⟨5⟩ = 0_3
for t = 4..1:
g⟨t⟩ = g⟨t+1⟩ + h⟨t-1⟩ ⊙ h⟨t⟩
y = g⟨1⟩
W ∈ ℝ^(3×3), x ∈ ℝ^(4×3)
"""


@pytest.mark.parametrize("xp", [np, jnp])
def test_a_loop_back_sees_what_the_loop_there_carried(x64, xp):
    """As back-propagation does: h⟨t-1⟩ in a loop that runs from the last step to the first."""
    rng = np.random.default_rng(0)
    W, x = rng.normal(size=(3, 3)), rng.normal(size=(4, 3))
    h = [np.ones(3)]
    for row in x:
        h.append(np.tanh(W @ h[-1] + row))
    tree = elaborate(BACK, False).trees(["y"])[0]
    env = {e: {"W": W, "x": x}[e.name] for e in everything(tree) if isinstance(e, Symbol) and e.name in ("W", "x")}
    found = evaluate([tree], {e: xp.asarray(value) for e, value in env.items()}, xp, np.float64)[0]
    np.testing.assert_allclose(found, sum(before * after for before, after in itertools.pairwise(h)), rtol=1e-12)


THERE = """
g⟨4⟩ = 2 𝟏_2
for t = 3..1:
g⟨t⟩ = g⟨t+1⟩ + x⟨t⟩
h⟨0⟩ = 0_2
for t = 1..3:
h⟨t⟩ = h⟨t-1⟩ + g⟨t+1⟩
y = h⟨3⟩
x ∈ ℝ^(3×2)
"""


def test_a_loop_there_sees_what_a_loop_back_carried(x64):
    x = np.random.default_rng(1).normal(size=(3, 2))
    g = 2 + np.cumsum(x[::-1], axis=0)[::-1]
    tree = elaborate(THERE, False).trees(["y"])[0]
    env = {e: x for e in everything(tree) if isinstance(e, Symbol) and e.name == "x"}
    np.testing.assert_allclose(evaluate([tree], env)[0], g[1] + g[2] + 2, rtol=1e-12)


def test_a_parameter_with_a_number_is_another_one_unless_the_letter_is_declared():
    free = elaborate("ŷ = W tanh(W_1 x + b_1) + b, x ∈ ℝ^4, b ∈ ℝ^2, b_1 ∈ ℝ^3")
    assert {name for name, one in free.scope.meant.items() if one.role == "parameter"} == {"W", "W_{1}", "b", "b_{1}"}
    assert shapes("y = w_0 + w_1 x, w ∈ ℝ^2, x ∈ ℝ") == {"w": (2,), "x": ()}
