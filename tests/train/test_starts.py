"""How the parameters of a written model start: each by its role, He and Glorot by their fan-in."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest

from gradiens.train.written import program

ROLES = {
    "ŷ = softmax(V relu(W x + b) + c), W ∈ R^(64×n)": {"W": "He, before relu", "b": "zeros", "V": "Glorot", "c": "zeros"},
    "ŷ = softmax(V tanh(W x + b) + c), W ∈ R^(64×n)": {"W": "Glorot", "b": "zeros", "V": "Glorot", "c": "zeros"},
    "ŷ = softmax(W (γ ⊙ x + β)), γ, β ∈ R^n": {"γ": "ones", "β": "zeros", "W": "Glorot"},
    "a = W_1 ⋆ X + b, X ∈ R^(1×8×8), W_1 ∈ R^(4×1×3×3)\nŷ = softmax(W flat(maxpool_{size=2}(gelu(a))))":
        {"W_{1}": "He, before gelu", "b": "zeros", "W": "Glorot"},
    "x ∈ R^(8×8)\nh⟨t⟩ = tanh(W x⟨t⟩ + U h⟨t-1⟩ + b), t = 1..8, U ∈ R^(5×5)\nŷ = softmax(V h⟨8⟩)":
        {"W": "Glorot", "U": "Glorot", "b": "zeros", "V": "Glorot"},
    "x ∈ R^(8×8)\nA = relu(x W), W ∈ R^(8×6)\nŷ = softmax(V flat(A))": {"W": "He, before relu", "V": "Glorot"},
}  # fmt: skip


@pytest.mark.parametrize("text", ROLES)
def test_the_role_of_each_parameter(text):
    found = {one.symbol.name: str(one) for one in program(text, (64,), 10, "classes").starts}
    assert found == ROLES[text]


def test_the_order_is_that_of_use():
    text = "ŷ = softmax(V relu(W x + b) + c), W ∈ R^(64×n)"
    assert [one.name for one in program(text, (4,), 3, "classes").starts] == ["W", "b", "V", "c"]


def variance(text, name, shape=(40,)):
    read = program(text, shape, 10, "classes")
    one = next(one for one in read.starts if one.symbol.name == name)
    return float(jnp.var(jnp.stack([one.draw(key) for key in jax.random.split(jax.random.key(0), 200)])))


def test_he_divides_by_what_is_summed_over_on_either_side():
    """Var = 2 / n_in, n_in = 40 numbers in W x, 8 columns of a row in x W; Glorot's is 2 / (n_in + n_out)."""
    assert variance("ŷ = softmax(V relu(W x)), W ∈ R^(500×n)", "W") == pytest.approx(2 / 40, rel=0.02)
    rows = "X ∈ R^(5×8)\nŷ = softmax(V flat(relu(X W))), W ∈ R^(8×500)"
    assert variance(rows, "W") == pytest.approx(2 / 8, rel=0.02)
    turned = "X ∈ R^(5×8)\nŷ = softmax(V flat(relu(X Wᵀ))), W ∈ R^(500×8)"
    assert variance(turned, "W") == pytest.approx(2 / 8, rel=0.02)
    assert variance("ŷ = softmax(V tanh(W x)), W ∈ R^(500×n)", "W") == pytest.approx(2 / 540, rel=0.02)
    kernels = "X ∈ R^(2×5×4)\nŷ = softmax(V flat(relu(W ⋆ X))), W ∈ R^(30×2×3×3)"
    assert variance(kernels, "W") == pytest.approx(2 / 18, rel=0.05)


def test_a_zero_start_breaks_no_symmetry_that_matters():
    """Only what is added starts at zero: every matrix in every example is random."""
    read = program("ŷ = softmax(V relu(W x + b) + c), W ∈ R^(64×n)", (4,), 3, "classes")
    for one in read.starts:
        drawn = one.draw(jax.random.key(1))
        assert bool(jnp.any(drawn != 0)) == (len(one.symbol.shape) == 2)
