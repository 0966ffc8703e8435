"""Three notations of the same lines: what is said by index, the code that runs, numbers put in, and the notebook."""

from __future__ import annotations

from xml.etree import ElementTree

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from gradiens.equations import of, of_gradient, of_model
from gradiens.equations.boxes.unicode import unicode
from gradiens.equations.equations import Equations
from gradiens.equations.printing.as_code import Coder, identifier, namespace
from gradiens.equations.printing.by_index import ByIndex
from gradiens.equations.printing.naming import Line
from gradiens.equations.printing.notations import code_lines, coder
from gradiens.equations.tree.expression import Symbol, is_op, symbol, walk
from gradiens.equations.tree.operations import TABLE, apply, evaluate
from gradiens.equations.tree.verify import difference
from gradiens.report.mathml import safe
from tests.equations.test_read import cross_entropy, net
from tests.equations.trees import trees

x, A, B = symbol("x", (4,)), symbol("A", (3, 4)), symbol("B", (4, 2))


def by_index(e):
    names = [one.name for one in walk(e) if isinstance(one, Symbol)]
    left, right = ByIndex(TABLE, True, names).line(Line(symbol("r", e.shape), e))
    return f"{unicode(left)} = {unicode(right)}"


@pytest.mark.parametrize(
    ("e", "printed"),
    [
        (apply("add", apply("matmul", A, x), symbol("b", (3,))), "rᵢ = Σⱼ Aᵢⱼ xⱼ + bᵢ"),
        (apply("matmul", A, B), "rᵢⱼ = Σₖ Aᵢₖ Bₖⱼ"),
        (apply("matmul", apply("transpose", A, axes=(1, 0)), symbol("v", (3,))), "rᵢ = Σⱼ Aⱼᵢ vⱼ"),
        (apply("matmul", x, symbol("v", (4,))), "r = Σᵢ xᵢ vᵢ"),
        (apply("norm2", A), "r = Σᵢⱼ Aᵢⱼ²"),
        (apply("norm", x), "r = √(Σᵢ xᵢ²)"),
        (apply("outer", x, symbol("v", (3,))), "rᵢⱼ = xᵢ vⱼ"),
        (apply("sum", A, axes=(0,)), "rᵢ = Σⱼ Aⱼᵢ"),
        (apply("mean", A, axes=(1,)), "rᵢ = 1/4 Σⱼ Aᵢⱼ"),
        (apply("softmax", A, axes=(1,)), "rᵢⱼ = softmaxⱼ(Aᵢⱼ)"),
        (apply("lse", A, axes=(1,)), "rᵢ = lseⱼ(Aᵢⱼ)"),
        (apply("slice", x, start=(1,), stop=(3,), step=(1,)), "rᵢ = xᵢ₊₁"),
        (apply("matmul", A, apply("matmul", B, symbol("w", (2,)))), "rᵢ = Σⱼ Aᵢⱼ (Σₖ Bⱼₖ wₖ)"),
        (apply("sub", x, apply("one_hot", symbol("y", (), "integer"), size=4)), "rᵢ = xᵢ - 𝟏[i = y]"),
        (apply("mul", apply("relu", x), apply("exp", x)), "rᵢ = relu(xᵢ) e^xᵢ"),
        (apply("einsum", A, B, letters=("ij", "jk", "ki")), "rᵢⱼ = Σₖ Aⱼₖ Bₖᵢ"),
    ],
)
def test_by_index(e, printed):
    assert by_index(e) == printed


def test_a_network_in_three_notations():
    page = of_model(net(4, 3, 2), jnp.ones(4), "classes")
    assert page.notations() == [
        ("a^[1] = relu(W^[1] x + b^[1])", "aᵢ^[1] = relu(Σⱼ Wᵢⱼ^[1] xⱼ + bᵢ^[1])", "a1 = relu(W1 @ x + b1)"),
        (
            "ŷ = softmax(W^[2] a^[1] + b^[2])",
            "ŷᵢ = softmaxᵢ(Σⱼ Wᵢⱼ^[2] aⱼ^[1] + bᵢ^[2])",
            "y_hat = softmax(W2 @ a1 + b2)",
        ),
    ]
    rows = page.side_by_side().splitlines()
    assert rows[0].split() == ["book", "│", "index", "│", "code"]
    assert len({tuple(place for place, char in enumerate(row) if char == "│") for row in rows}) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("W^{[1]}", "W1"), ("W_{q}^{[2]}", "W_q2"), ("ŷ", "y_hat"), ("θ'", "theta_new"), ("∂C/∂W^{[1]}", "dC_dW1"),
        ("λ", "lambda_"), ("learning_rate", "learning_rate"), ("σ^{2}", "sigma2"), ("f(x, y)", "f"), ("x̄", "x_bar"),
    ],
)  # fmt: skip
def test_names_in_code(name, said):
    assert identifier(name) == said


def test_two_names_on_paper_are_two_in_code():
    lines = [Line(symbol("f"), apply("add", symbol("W_{1}"), apply("mul", symbol("W^{[1]}"), symbol("softmax"))))]
    assert [text for _, code in Coder(lines).page(lines) for text in code] == ["f = W1 + W1_ * softmax_"]


def ran(page: Equations, values):
    """The outputs that the code computes."""
    space = namespace(coder(page), dict(zip(page.inputs, values, strict=True)) | page.constants)
    with jax.numpy_dtype_promotion("standard"):
        exec("\n".join(code_lines(page)), space)
    return [space[coder(page).identifier(one.name)] for one in page.outputs]


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(trees())
def test_code_computes_what_the_tree_means(e):
    assume(not any(is_op(one, "cast") for one in walk(e)))  # single precision is compared below
    rng = np.random.default_rng(0)
    leaves = [one for one in walk(e) if isinstance(one, Symbol)]
    given = {one: np.int64(1) if one.kind == "integer" else rng.uniform(0.2, 0.9, one.shape) for one in leaves}
    line = Line(symbol("result", e.shape), e)
    page = Equations((line,), tuple(leaves), (line.symbol,), lambda *v: list(v), ())
    with jax.enable_x64(True), np.errstate(all="ignore"):
        (found,) = ran(page, list(given.values()))
        assert difference(np.asarray(found), evaluate([e], given)[0]) <= 1e-9, page.unicode(notation="code")


def test_code_in_single_precision():
    page = of(lambda x: x.astype(jnp.float16) * 3 + x.astype(jnp.int32), jnp.ones(3), output="y")
    assert 'jnp.asarray(x, "float16")' in page.unicode(notation="code")
    assert np.asarray(ran(page, [np.float32([1.7, -2.6, 0.1])])[0]) == pytest.approx([6.1, -9.8, 0.3], abs=0.01)


def rnn(W_x, W_h, b, V, x):
    def step(h, u):
        h = jnp.tanh(W_x @ u + W_h @ h + b)
        return h, h

    h, states = jax.lax.scan(step, jnp.zeros(2), x)
    return V @ h + jnp.sum(states)


def stacked(params, x):
    for layer in params["layers"]:
        x = x + jnp.tanh(layer["W"] @ x + layer["b"])
    return params["V"] @ x


LAYERS = {"layers": [{"W": jnp.ones((3, 3)), "b": jnp.ones(3)} for _ in range(4)], "V": jnp.ones((2, 3))}
RNN = (jnp.ones((2, 3)), jnp.ones((2, 2)), jnp.ones(2), jnp.ones((2, 2)), jnp.ones((5, 3)))


@pytest.mark.parametrize(
    ("f", "args"), [(rnn, RNN), (stacked, (LAYERS, jnp.ones(3))), (lambda x: jnp.cumsum(jnp.sort(x)), (jnp.ones(4),))]
)
def test_code_of_a_program_runs(f, args):
    page = of(f, *args, output="y")
    rng = np.random.default_rng(0)
    values = [rng.normal(size=one.shape) for one in page.inputs]
    with jax.enable_x64(True):
        assert difference(np.asarray(ran(page, values)[0]), np.asarray(page.program(*values)[0])) <= 1e-12


def test_code_of_a_loop_and_of_layers():
    assert of(rnn, *RNN, output="y").unicode(notation="code", where=False).splitlines() == [
        "h = {0: jnp.full((2,), 0.0)}",
        "for t in range(1, 6):",
        "    h[t] = jnp.tanh(W_x @ x[t - 1] + W_h @ h[t-1] + b)",
        "y = V @ h[5] + jnp.sum(jnp.stack([h[t] for t in range(1, 6)]))",
    ]
    assert of(stacked, LAYERS, jnp.ones(3), output="y").unicode(notation="code", where=False).splitlines() == [
        "x = {0: x}",
        "a = {}",
        "for l in range(1, 5):",
        "    a[l] = jnp.tanh(W[l] @ x[l-1] + b[l])",
        "    x[l] = x[l-1] + a[l]",
        "y = V @ x[4]",
    ]


def test_numbers_put_in():
    page = of(lambda W, x, b: W @ x + b, jnp.ones((2, 2)), jnp.ones(2), jnp.ones(2), output="z")
    shown = page.with_values([np.array([[1.0, 2], [3, 4]]), np.array([5.0, 6]), np.array([0.0, 1])])
    assert shown.unicode() == "z = W x + b = [1 2; 3 4] [5; 6] + [0; 1] = [17; 40]"
    assert r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}\,\begin{bmatrix} 5 \\ 6 \end{bmatrix}" in shown.latex()
    assert shown.mathml().count("<mtable>") == 4
    assert safe(shown.mathml())


def test_numbers_are_rounded_large_arrays_keep_their_names_and_steps_are_shown():
    page = of(lambda A, x: jnp.sum(A @ x) * x[0], jnp.ones((5, 5)), jnp.ones(5), output="z")
    assert page.with_values([np.ones((5, 5)), np.full(5, -1 / 3)]).unicode().endswith("= 2.778")
    assert "A x" in page.with_values([np.ones((5, 5)), np.ones(5)]).unicode()
    steps = of(rnn, *RNN, output="y").with_values([np.ones(np.shape(arg)) for arg in RNN]).unicode()
    assert [line.split(" = ")[0].strip() for line in steps.splitlines() if " = " in line and line.strip()[0] in "hy"] == [
        "h⟨0⟩", "h⟨1⟩", "h⟨2⟩", "h⟨3⟩", "h⟨4⟩", "h⟨5⟩", "y",
    ]  # fmt: skip
    assert "[1 1; 1 1] [0; 0]" in steps


def test_every_notation_in_every_format():
    page = of_gradient(net(4, 3, 2), cross_entropy, jnp.ones(4), jnp.int32(1))
    for notation in ("book", "index", "code"):
        text = page.latex(notation=notation)
        assert text.count("{") == text.count("}")
        assert safe(page.mathml(notation=notation))
        ElementTree.fromstring(f"<all>{page.mathml(notation=notation)}</all>")
    assert r"\texttt{y\_hat = softmax(W2 @ a1 + b2)}" in page.latex(notation="code")


def test_notebooks_choose_from_all_formats():
    page = of_model(net(4, 2), jnp.ones(4))
    bundle = page._repr_mimebundle_()
    assert bundle == {"text/plain": str(page), "text/latex": page._repr_latex_(), "text/html": page._repr_html_()}
    shown = page.with_values([np.ones(one.shape) for one in page.inputs])
    assert shown._repr_latex_().startswith("$$\n\\begin{aligned}")
    assert shown._repr_html_().startswith("<math")
