"""`gradiens.model`: equations before there are data, with the sizes inferred so far."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import gradiens
from gradiens.core.check import Mistake
from gradiens.train.statement import Parameter

PERCEPTRON = "ŷ = softmax(W2 relu(W1 x + b1) + b2), W1 ∈ R^(64×n)"


@pytest.fixture(scope="module")
def stated():
    return gradiens.model(PERCEPTRON)


def test_it_prints_the_equations_with_letters_for_sizes_not_known(stated):
    lines = str(stated).splitlines()
    assert lines[:2] == ["a₁ = relu(W₁ x + b₁)", " ŷ = softmax(W₂ a₁ + b₂)"]
    for said in ("W₁ ∈ ℝ⁶⁴ˣⁿ", "W₂ ∈ ℝ^(K×64)", "b₁ ∈ ℝ⁶⁴", "b₂ ∈ ℝ^K", "x ∈ ℝⁿ"):
        assert said in str(stated)
    assert repr(stated) == str(stated)


def test_notebooks_get_latex_and_html(stated):
    assert r"W_{1} \in \mathbb{R}^{64 \times n}" in stated._repr_latex_()
    assert "<math" in stated._repr_html_()
    assert set(stated._repr_mimebundle_()) == {"text/plain", "text/latex", "text/html"}


def test_its_parameters(stated):
    assert stated.parameters == (
        Parameter("W₁", ("64", "n"), "He, before relu"),
        Parameter("b₁", ("64",), "zeros"),
        Parameter("W₂", ("K", "64"), "Glorot"),
        Parameter("b₂", ("K",), "zeros"),
    )


SIZES = {
    "a hidden size that nobody said": ("ŷ = softmax(V relu(W x))", {"W": ("m", "n"), "V": ("K", "m")}),
    "a letter that is taken": ("ŷ = softmax(K x + n)", {"K": ("m", "p"), "n": ("m",)}),
    "a sum of sizes": ("ŷ = wᵀ [x; u], u ∈ R^3", {"w": ("n + 3",), "u": ("3",)}),
    "names of the text": ("ŷ = softmax(V tanh(W x)), W ∈ R^(q×d)", {"W": ("q", "d"), "V": ("K", "q")}),
    "a sequence": (
        "h⟨t⟩ = tanh(W x⟨t⟩ + U h⟨t-1⟩), t = 1..T\nŷ = V h⟨T⟩", {"W": ("m", "n"), "U": ("m", "m"), "V": ("K", "m")},
    ),
    "what needs sizes to be read": ("ŷ = σ(wᵀ sort(x))", {"w": ("n",)}),
}  # fmt: skip


@pytest.mark.parametrize("name", SIZES)
def test_the_sizes_that_are_inferred(name):
    text, sizes = SIZES[name]
    assert {one.name: one.shape for one in gradiens.model(text).parameters} == sizes


def test_a_cost_is_printed_by_the_prediction():
    lines = str(gradiens.model("ŷ = softmax(W x + b)\nC = -log ŷ_y + 0.1 ‖W‖²")).splitlines()
    assert lines[:2] == ["ŷ = softmax(W x + b)", "C = 0.1 ‖W‖_F² - log ŷ_y"]


def test_it_is_made_and_fitted(stated):
    model = stated.make(jax.random.key(0), x=4, outputs=3, task="classes")
    assert {name: value.shape for name, value in model.parameters.items()} == {
        "W_{1}": (64, 4), "b_{1}": (64,), "W_{2}": (3, 64), "b_{2}": (3,),
    }  # fmt: skip
    fitted = stated.fit("iris", epochs=3, quiet=True)
    again = gradiens.fit("iris", equation=PERCEPTRON, epochs=3, quiet=True)
    np.testing.assert_array_equal(fitted.model.parameters["W_{1}"], again.model.parameters["W_{1}"])


@pytest.mark.parametrize("text", ["", "ŷ = softmax(W x", "ŷ = relu(W x + b) c d", "W ∈ R^(3×4)", "ŷ = sofmax(W x)"])
def test_what_is_wrong_is_said_at_once(text):
    with pytest.raises(Mistake):
        gradiens.model(text)
