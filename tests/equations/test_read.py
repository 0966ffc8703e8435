"""What is printed of models, losses, gradients, updates: compared with the page of a book, and checked."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import jax
import jax.numpy as jnp
import pytest
from jax.ad_checkpoint import checkpoint_name

from gradiens.core.module import Module
from gradiens.equations import of, of_function, of_gradient, of_loss, of_model, of_update
from gradiens.equations.printing.naming import Line
from gradiens.equations.tree.expression import symbol
from gradiens.equations.tree.operations import apply
from gradiens.functions import losses


class Layer(Module):
    W: jax.Array
    b: jax.Array

    def __call__(self, x):
        return self.W @ x + self.b


class Net(Module):
    layers: tuple[Layer, ...]

    def __call__(self, x):
        *hidden, last = self.layers
        for place, layer in enumerate(hidden, start=1):
            x = checkpoint_name(jax.nn.relu(layer(x)), f"a[{place}]")
        return last(x)


def net(*sizes):
    return Net(tuple(Layer(jnp.ones((n, m)), jnp.ones(n)) for m, n in pairwise(sizes)))


def cross_entropy(z, y):
    return jax.nn.logsumexp(z) - z[y]


def binary(z, y):
    return jnp.sum(jnp.logaddexp(z, 0.0) - y * z)


def squared(z, y):
    return jnp.sum((z - y) ** 2)


def text(equations):
    assert equations.check().ok
    assert equations.check(dtype="float32").ok
    assert equations.unprinted == ()
    return [line.strip() for line in equations.unicode().splitlines()]


x = jnp.ones(4)


def test_logistic_regression():
    assert text(of_gradient(net(4, 1), binary, x, jnp.ones(1))) == [
        "ŷ = σ(W x + b)",
        "C = -(y log ŷ + (1 - y) log(1 - ŷ))",
        "δ = ŷ - y",
        "∂C/∂W = δ xᵀ",
        "∂C/∂b = δ",
        "where W ∈ ℝ¹ˣ⁴, b ∈ ℝ¹, x ∈ ℝ⁴, y ∈ ℝ¹",
    ]


def test_linear_regression():
    assert text(of_gradient(net(4, 2), squared, x, jnp.ones(2)))[:4] == [
        "ŷ = W x + b",
        "C = ‖ŷ - y‖²",
        "δ = 2 (ŷ - y)",
        "∂C/∂W = δ xᵀ",
    ]


def test_mlp_model():
    assert text(of_model(net(4, 3, 2), x, "classes")) == [
        "a^[1] = relu(W^[1] x + b^[1])",
        "ŷ = softmax(W^[2] a^[1] + b^[2])",
        "where W^[1] ∈ ℝ³ˣ⁴, b^[1] ∈ ℝ³, W^[2] ∈ ℝ²ˣ³, b^[2] ∈ ℝ², x ∈ ℝ⁴",
    ]


def test_mlp_loss():
    assert text(of_loss(net(4, 3, 2), cross_entropy, x, jnp.int32(1)))[:3] == [
        "a^[1] = relu(W^[1] x + b^[1])",
        "ŷ = softmax(W^[2] a^[1] + b^[2])",
        "C = -log ŷ_y",
    ]


def test_mlp_gradient_is_back_propagation():
    assert text(of_gradient(net(4, 3, 3, 2), cross_entropy, x, jnp.int32(1))) == [
        "z^[1] = W^[1] x + b^[1]",
        "a^[1] = relu(z^[1])",
        "z^[2] = W^[2] a^[1] + b^[2]",
        "a^[2] = relu(z^[2])",
        "ŷ = softmax(W^[3] a^[2] + b^[3])",
        "C = -log ŷ_y",
        "δ^[3] = ŷ - e_y",
        "∂C/∂W^[3] = δ^[3] a^[2]ᵀ",
        "∂C/∂b^[3] = δ^[3]",
        "δ^[2] = (W^[3]ᵀ δ^[3]) ⊙ 𝟏[z^[2] > 0]",
        "∂C/∂W^[2] = δ^[2] a^[1]ᵀ",
        "∂C/∂b^[2] = δ^[2]",
        "δ^[1] = (W^[2]ᵀ δ^[2]) ⊙ 𝟏[z^[1] > 0]",
        "∂C/∂W^[1] = δ^[1] xᵀ",
        "∂C/∂b^[1] = δ^[1]",
        "where W^[1] ∈ ℝ³ˣ⁴, b^[1] ∈ ℝ³, W^[2] ∈ ℝ³ˣ³, b^[2] ∈ ℝ³, W^[3] ∈ ℝ²ˣ³, b^[3] ∈ ℝ², x ∈ ℝ⁴",
        "y ∈ {0, 1}",
    ]


@pytest.mark.parametrize(
    "loss",
    [
        lambda z, y: -jax.nn.log_softmax(z)[y],
        lambda z, y: -jnp.sum(jax.nn.one_hot(y, 2) * jax.nn.log_softmax(z)),
        lambda z, y: -jnp.log(jax.nn.softmax(z))[y],
        jax.jit(cross_entropy),
    ],
)
def test_cross_entropy_reads_alike_however_it_is_written(loss):
    lines = text(of_loss(net(4, 2), loss, x, jnp.int32(1)))
    assert lines[:2] == ["ŷ = softmax(W x + b)", "C = -log ŷ_y"]


def test_latex_and_mathml_of_a_layer():
    equations = of_model(net(4, 3), x, "classes")
    assert equations.latex(where=False) == (
        "\\begin{aligned}\n\\hat{y} &= \\operatorname{softmax}(W\\,x + b)\n\\end{aligned}"
    )
    page = equations.mathml()
    assert page.startswith('<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mtable')
    assert '<mover accent="true"><mi>y</mi><mo stretchy="false">^</mo></mover>' in page
    assert "<script" not in page
    from xml.etree import ElementTree

    assert ElementTree.fromstring(f"<all>{page}</all>") is not None


def test_a_wrong_tree_is_caught():
    """The check is of what is printed: with one sign changed it fails."""
    right = of_gradient(net(4, 3, 2), cross_entropy, x, jnp.int32(1))
    place = next(i for i, line in enumerate(right.lines) if line.name == "δ^{[2]}")
    held = right.lines[place]
    wrong = Line(held.symbol, apply("add", *held.expr.args))
    import dataclasses

    broken = dataclasses.replace(right, lines=(*right.lines[:place], wrong, *right.lines[place + 1 :]))
    assert right.check().ok
    assert not broken.check().ok
    assert "NOT EQUAL" in str(broken.check())


def test_a_small_error_is_caught():
    import dataclasses

    right = of(lambda x: 0.5 * x, x, output="y")
    broken = dataclasses.replace(
        right, lines=(Line(right.lines[0].symbol, apply("mul", 0.50000001, symbol("x", (4,)))),)
    )
    assert right.check().ok
    assert not broken.check().ok


class Heavy(Module):
    """A step like an optimizer's: words in the interface, letters in print."""

    lr: float = 0.1
    decay: float = 0.2

    def init(self, theta):
        return {"v": jnp.zeros_like(theta)}

    def step(self, state, g, theta):
        v = self.decay * state["v"] + g
        return {"v": v}, -self.lr * v


def test_update_rule():
    assert text(of_update(Heavy())) == ["v' = λ v + g", "θ' = θ - α v'", "where α, λ ∈ ℝ, v, g, θ ∈ ℝᵈ"]


def test_function_is_its_definition():
    def relu(z):
        return jnp.maximum(z, 0)

    def sigmoid(z):
        return jax.lax.logistic(z)

    assert text(of_function(relu))[0] == "relu(z) = max(0, z)"
    assert text(of_function(sigmoid))[0] == "σ(z) = 1 / (1 + e⁻ᶻ)"
    assert text(of_function(jax.nn.softmax, jnp.ones(3)))[0] == "softmax(x) = exp(x) / Σᵢ e^xᵢ"
    assert of_function(sigmoid).latex(where=False).splitlines()[1] == r"\sigma(z) &= \frac{1}{1 + e^{-z}}"


def test_names_can_be_given():
    lines = text(of(Net.__call__, net(4, 2), x, names={"layers.0.W": "A", "x": "v"}, output="u"))
    assert lines == ["u = A v + b", "where A ∈ ℝ²ˣ⁴, b ∈ ℝ², v ∈ ℝ⁴"]


def test_two_leaves_never_share_a_name():
    def f(left, right):
        return left["W"] @ right["W"]

    equations = of(f, {"W": jnp.ones((2, 3))}, {"W": jnp.ones((3, 2))})
    assert len({one.name for one in equations.inputs}) == 2
    assert equations.check().ok


def test_a_long_program_is_broken_into_lines():
    def f(x):
        for step in range(400):
            x = jnp.sin(x) + step
        return x

    equations = of(f, x)
    assert equations.check().ok
    assert max(map(len, equations.unicode().splitlines())) < 250
    assert equations.mathml()


@pytest.mark.parametrize(
    ("loss", "y", "cost"),
    [
        (losses.binary_cross_entropy, jnp.int32(1), "C = -(y log ŷ + (1 - y) log(1 - ŷ))"),
        (losses.squared, jnp.float32(1), "C = (ŷ - y)²"),
        (losses.huber, jnp.float32(1), "C = {u²/2 if |u| ≤ 1; |u| - ½ otherwise}"),
    ],
)
def test_targets_as_tables_hold_them(loss, y, cost):
    lines = text(of_gradient(net(4, 1), loss, x, y))
    assert cost in lines


def test_the_spine_in_half_a_second():
    import time

    model = net(784, 256, 128, 10)
    of_model(net(4, 3), x)
    start = time.process_time()
    of_model(model, jnp.ones(784), "classes").mathml()
    of_gradient(model, cross_entropy, jnp.ones(784), jnp.int32(1)).mathml()
    assert time.process_time() - start < 1.0  # 0.15 s alone; slower on a busy machine


def test_notebooks_get_latex_and_html():
    equations = of_model(net(4, 2), x)
    assert equations._repr_latex_().startswith("$$\n\\begin{aligned}")
    assert equations._repr_html_().startswith("<math")
    assert str(equations) == equations.unicode()


def test_inputs_outside_of_a_programs_domain_are_no_evidence():
    """Where v < 0 a slope by `where` is 0 and 𝟏[…] times a root is not: neither is the function. A wrong print is still found."""
    v, x = jnp.ones(4), jnp.ones(4)
    f = lambda v, x: jnp.sum(jax.nn.relu(x / jnp.sqrt(v))) ** 2  # noqa: E731
    read = of(jax.grad(f), v, x)
    assert read.check().ok and read.check().samples == 3, f"{read.check()}\n{read}"
    other = dataclasses.replace(read, program=lambda *leaves: [2 * value for value in read.program(*leaves)])
    assert not other.check().ok
    nowhere = of(lambda v: jnp.sqrt(-jnp.exp(v)), v)
    assert not nowhere.check().ok and nowhere.check().samples == 0
