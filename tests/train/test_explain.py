"""What a run's equations say of a written model: the text, its cost, its gradient, each the program that runs."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

from gradiens import equations
from gradiens.functions import losses
from gradiens.nn.tabular import Row, Tabular
from gradiens.train.explain import equations_of
from gradiens.train.fit import fit
from gradiens.train.network import link
from gradiens.train.written import WrittenModel

EXAMPLES = Path(__file__).parents[2] / "examples"
SIZES = {"logistic_regression": (30, 1, "binary"), "mlp": (4, 3, "classes")}
each = pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.eq")))


def made(name):
    n, outputs, task = SIZES.get(name, (64, 10, "classes"))
    text = (EXAMPLES / f"{name}.eq").read_text(encoding="utf-8")
    return WrittenModel.make(text, (n,), jax.random.key(0), outputs, task), task


SAID = {
    "logistic_regression": ["ŷ = σ(wᵀ x + b)"],
    "mlp": ["a = relu(W₁ x + b₁)", "ŷ = softmax(W₂ a + b₂)"],
    "lstm": [
        "for t = 1, …, 8:",
        "c⟨t⟩ = f⟨t⟩ ⊙ c⟨t-1⟩ + i⟨t⟩ ⊙ g⟨t⟩",
        "h⟨t⟩ = o⟨t⟩ ⊙ tanh(c⟨t⟩)",
        "ŷ = softmax(V h⟨8⟩ + b)",
    ],
    "attention": ["E = X Wₑ + P", "A = E + [H^[1], H^[2]] Wₒ", "H^[2] = softmax_rows(Q^[2] K^[2]ᵀ / √16) V^[2]"],
    "cnn": ["a₂ = maxpool_{size=2, stride=2}", "ŷ = softmax(W₃ flat(a₂) + b₃)"],
}


@each
def test_the_model_is_printed_as_it_was_written(name):
    model, task = made(name)
    read = equations.of_model(model, jnp.ones(model.input_shape), task)
    lines = [line.strip() for line in read.unicode().splitlines()]
    for said in SAID[name]:
        assert any(line.startswith(said) for line in lines), f"{said}\n\n{read}"
    assert read.unprinted == () and read.check().ok, f"{read.check()}\n{read}"


@each
def test_its_gradient_is_the_program(name):
    model, task = made(name)
    binary = lambda z, y: losses.binary_cross_entropy(z[0], y)  # noqa: E731
    loss = binary if task == "binary" else losses.categorical_cross_entropy
    read = equations.of_gradient(model, loss, jnp.ones(model.input_shape), jnp.int32(1))
    assert read.unprinted == () and read.check().ok, f"{read.check()}\n{read}"


def test_a_written_cost_is_explained_with_its_penalty():
    text = "ŷ = softmax(W x + b)\nC = -log ŷ_y + 0.1 ‖W‖²"
    fitted = fit("iris", equation=text, epochs=1, quiet=True)
    found = dict(equations_of(fitted))
    cost, gradient = found["cost of one example"], found["gradient"]
    assert "C = 0.1 ‖W‖_F² - log ŷ_y" in cost.unicode()
    assert cost.check().ok and gradient.check().ok
    assert "0.2 W" in gradient.unicode()


def test_the_only_embedded_column_is_a_place_and_not_a_row():
    """c ∈ ℤ¹ as a place would give a matrix of one row beside the vector x."""
    model, x = Tabular.make(3, (4,), (5,), 1, jax.random.key(0)), Row(jnp.ones(3), jnp.int32([2]))
    found = equations.of_model(model, x, link("binary"))
    assert "E_{c₀, :}" in found.unicode()
    assert found.check().ok and found.check(dtype="float32").ok


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"l2": 0.01}, "Ω = λ (‖W^[1]‖_F² + ‖W^[2]‖_F²)"),
        ({"l1": 0.01}, "Ω = λ (Σᵢⱼ |Wᵢⱼ^[1]| + Σᵢⱼ |Wᵢⱼ^[2]|)"),
        ({"l1": 0.01, "l2": 0.02}, "Ω = λ₁ (Σᵢⱼ |Wᵢⱼ^[1]| + Σᵢⱼ |Wᵢⱼ^[2]|) + λ₂ (‖W^[1]‖_F² + ‖W^[2]‖_F²)"),
    ],
)
def test_the_penalty_of_a_run_is_printed_and_is_what_was_added(options, said):
    fitted = fit("iris", hidden=(4,), epochs=1, quiet=True, **options)
    found = dict(equations_of(fitted))
    read = found["penalty, added to the cost"]
    assert read.unicode().splitlines()[0] == said
    assert read.unprinted == () and read.check().ok
    assert "penalty, added to the cost" not in dict(equations_of(fit("iris", hidden=(4,), epochs=1, quiet=True)))
