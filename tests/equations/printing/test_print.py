"""Every operation in print, in three formats; sizes where nothing else tells them; what is printed is read back."""

from __future__ import annotations

import math
from itertools import pairwise
from xml.etree import ElementTree

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from gradiens.equations import of
from gradiens.equations.boxes.latex import latex
from gradiens.equations.boxes.mathml import mathml
from gradiens.equations.boxes.notation import LONGEST, named
from gradiens.equations.boxes.unicode import unicode, width
from gradiens.equations.equations import Equations
from gradiens.equations.meaning.elaborate import elaborate
from gradiens.equations.meaning.scope import canonical
from gradiens.equations.printing.blocks import Block
from gradiens.equations.printing.naming import Line
from gradiens.equations.tree.expression import Expr, Symbol, number, symbol, walk
from gradiens.equations.tree.layout import Layout
from gradiens.equations.tree.operations import TABLE, apply, evaluate
from gradiens.equations.tree.verify import difference
from gradiens.report.mathml import safe
from tests.equations.tree.test_operations import OPAQUE, example
from tests.equations.trees import trees

s, t = symbol("s"), symbol("t")
x, y, u = symbol("x", (3,)), symbol("y", (3,)), symbol("u", (4,))
A, B, M = symbol("A", (3, 4)), symbol("B", (4, 2)), symbol("M", (3, 4))
T = symbol("T", (2, 3, 4))
k = symbol("k", (), "integer")


def names(e: Expr) -> list[str]:
    return [one.name for one in walk(e) if isinstance(one, Symbol)]


def flat(e: Expr) -> str:
    return unicode(Layout(TABLE, True, names(e)).box(e))


def tex(e: Expr) -> str:
    return latex(Layout(TABLE, False, names(e)).box(e))


u4 = symbol("w", (2,))
chosen = apply("sum", apply("mul", apply("one_hot", k, size=3), apply("exp", x)), axes=None)
back_and_forth = apply("transpose", apply("transpose", M, axes=(1, 0)), axes=(1, 0))
stacked = apply("einsum", T, symbol("R", (2, 5, 4)), letters=("ijk", "ilk", "ijl"))

# operation, operands, parameters, Unicode, LaTeX
PRINTED = [
    (apply("fill", 1.0, shape=(3,)), "𝟏₃", r"\mathbf{1}_{3}"),
    (apply("fill", 0.0, shape=(3, 4)), "0_{3×4}", r"0_{3 \times 4}"),
    (apply("fill", s, shape=(3,)), "s 𝟏₃", r"s\,\mathbf{1}_{3}"),
    (apply("add", x, apply("fill", s, shape=(3,))), "x + s", "x + s"),
    (apply("add", apply("fill", s, shape=(3,)), apply("fill", t, shape=(3,))), "s 𝟏₃ + t", r"s\,\mathbf{1}_{3} + t"),
    (apply("one_hot", k, size=4), "onehot_{size=4}(k)", r"\operatorname{onehot}_{\operatorname{size}=4}(k)"),
    (apply("sub", x, apply("one_hot", k, size=3)), "x - eₖ", "x - e_{k}"),
    (apply("matmul", A, apply("one_hot", k, size=4)), "A eₖ", r"A\,e_{k}"),
    (apply("outer", apply("one_hot", k, size=4), x), "onehot_{size=4}(k) xᵀ",
     r"\operatorname{onehot}_{\operatorname{size}=4}(k)\,x^{\top}"),
    (chosen, "Σᵢ 𝟏[i = k] e^xᵢ", r"\sum_{i} \mathbf{1}[i = k]\,e^{x_{i}}"),
    (apply("spread", x, shape=(3, 4), axes=(0,)), "x 𝟏₄ᵀ", r"x\,\mathbf{1}_{4}^{\top}"),
    (apply("add", A, apply("spread", u, shape=(3, 4), axes=(1,))), "A + 𝟏 uᵀ", r"A + \mathbf{1}\,u^{\top}"),
    (apply("spread", x, shape=(2, 3, 4), axes=(1,)), "[xⱼ]_{i≤2, j, k≤4}", r"[x_{j}]_{i \le 2,\,j,\,k \le 4}"),
    (apply("add", T, apply("spread", x, shape=(2, 3, 4), axes=(1,))), "[Tᵢⱼₖ + xⱼ]ᵢⱼₖ", "[T_{ijk} + x_{j}]_{ijk}"),
    (apply("transpose", A, axes=(1, 0)), "Aᵀ", r"A^{\top}"),
    (apply("transpose", T, axes=(2, 0, 1)), "[Tⱼₖᵢ]ᵢⱼₖ", "[T_{jki}]_{ijk}"),
    (apply("sum", apply("mul", A, back_and_forth), axes=None), "Σᵢⱼ Aᵢⱼ Mᵢⱼ", r"\sum_{ij} A_{ij}\,M_{ij}"),
    (apply("sum", A, axes=(1,)), "A 𝟏", r"A\,\mathbf{1}"),
    (apply("mean", A, axes=(0,)), "1/3 Aᵀ 𝟏", r"\frac{1}{3}\,A^{\top}\,\mathbf{1}"),
    (apply("sum", T, axes=(1,)), "[Σₖ Tᵢₖⱼ]ᵢⱼ", r"\left[ \sum_{k} T_{ikj} \right]_{ij}"),
    (apply("reduce_max", A, axes=(1,)), "[maxⱼ Aᵢⱼ]ᵢ", r"[\max_{j} A_{ij}]_{i}"),
    (stacked, "[Σₘ Tᵢⱼₘ Rᵢₖₘ]ᵢⱼₖ", r"\left[ \sum_{m} T_{ijm}\,R_{ikm} \right]_{ijk}"),
    (apply("softmax", A, axes=(1,)), "softmax_rows(A)", r"\operatorname{softmax}_{\operatorname{rows}}(A)"),
    (apply("softmax", A, axes=(0,)), "softmax_{axis=0}(A)", r"\operatorname{softmax}_{\operatorname{axis}=0}(A)"),
    (apply("reshape", A, shape=(12,)), "flat(A)", r"\operatorname{flat}(A)"),
    (apply("reshape", A, shape=(2, 6)), "reshape_{2×6}(A)", r"\operatorname{reshape}_{2 \times 6}(A)"),
    (apply("reshape", x, shape=(1, 3)), "xᵀ", r"x^{\top}"),
    (apply("reshape", A, shape=(1, 3, 4)), "reshape_{1×3×4}(A)", r"\operatorname{reshape}_{1 \times 3 \times 4}(A)"),
    (apply("slice", A, start=(0, 1), stop=(3, 3), step=(1, 1)), "A_{:, 1:3}", r"A_{:,\, 1:3}"),
    (apply("index", A, k), "A_{k, :}", r"A_{k,\,:}"),
    (apply("index", A, k, number(2)), "A_{k, 2}", r"A_{k,\,2}"),
    (apply("join", x, y, axis=0), "[x; y]", r"[x;\,y]"),
    (apply("join", A, M, axis=1), "[A, M]", r"[A,\,M]"),
    (apply("slice", apply("join", x, y, axis=0), start=(1,), stop=(5,), step=(2,)), "([x; y])_{1:5:2}", r"([x;\,y])_{1:5:2}"),
    (apply("iota", shape=(5,), axis=0), "[i]_{i≤5}", r"[i]_{i \le 5}"),
    (apply("cast", x, to="float16", kind="real"), "float16(x)", r"\operatorname{float16}(x)"),
    (apply("leaky_relu", x, 0.01), "leaky_relu_{0.01}(x)", r"\text{leaky\_relu}_{0.01}(x)"),
    (apply("log_gamma", x), "log Γ(x)", r"\log \Gamma(x)"),
    (apply("pow", A, 2.0), "A^(∘2)", r"A^{\circ 2}"),
    (apply("pow", A, apply("add", s, t)), "pow(A, s + t)", r"\operatorname{pow}(A,\,s + t)"),
    (apply("mul", apply("log", s), t), "(log s) t", r"(\log s)\,t"),
    (apply("mul", apply("sum", x, axes=None), s), "(Σᵢ xᵢ) s", r"\left( \sum_{i} x_{i} \right)\,s"),
    (apply("div", apply("mul", s, apply("sum", x, axes=None)), t), "(s Σᵢ xᵢ) / t", r"\frac{s\,\sum_{i} x_{i}}{t}"),
    (apply("matmul", A, apply("matmul", B, symbol("w", (2,)))), "A (B w)", r"A\,(B\,w)"),
    (apply("matmul", apply("matmul", A, B), symbol("w", (2,))), "A B w", r"A\,B\,w"),
    (apply("matmul", x, A), "Aᵀ x", r"A^{\top}\,x"),
    (apply("sub", s, apply("add", s, t)), "s - (s + t)", "s - (s + t)"),
    (apply("abs", apply("abs", x)), "|(|x|)|", r"\lvert(\lvert x\rvert)\rvert"),
    (apply("abs", apply("add", apply("norm", x), s)), "|(‖x‖ + s)|", r"\lvert(\lVert x\rVert + s)\rvert"),
    (apply("pow", s, apply("pow", apply("where", apply("gt", s, t), s, t), 2.0)), "pow(s, ({s if s > t; t otherwise})²)",
     r"\operatorname{pow}\left( s,\,\left( \begin{cases} s & \text{if }s > t \\ t & \text{otherwise} "
     r"\end{cases} \right)^{2} \right)"),
    (apply("add", T, apply("spread", u4, shape=(2, 3, 4), axes=(0,))), "T + w", "T + w"),
    (apply("mul", apply("spread", u4, shape=(2, 3, 4), axes=(0,)), T), "w ⊙ T", r"w \odot T"),
    (apply("layer_norm", x, 1e-5), "layer_norm_{10⁻⁵}(x)", r"\text{layer\_norm}_{10^{-5}}(x)"),
    (apply("attention", A, M, M, heads=2), "attention_{heads=2}(A, M, M)",
     r"\operatorname{attention}_{\operatorname{heads}=2}(A,\,M,\,M)"),
    (apply("ge", apply("iota", shape=(2, 3), axis=0), apply("iota", shape=(2, 3), axis=1)), "[i ≥ j]_{i≤2, j≤3}",
     r"[i \ge j]_{i \le 2,\,j \le 3}"),
    (apply("norm2", A), "‖A‖_F²", r"\lVert A\rVert_{F}^{2}"),
]  # fmt: skip


@pytest.mark.parametrize(("e", "printed", "in_latex"), PRINTED, ids=[printed for _, printed, _ in PRINTED])
def test_notation_of_operations(e, printed, in_latex):
    assert flat(e) == printed
    assert tex(e) == in_latex


NUMBERS = [
    (0.5, "½"), (1 / 3, "1/3"), (0.25, "0.25"), (2.5, "2.5"), (0.1, "0.1"), (1e-8, "10⁻⁸"),
    (3e-9, "3e-9"), (3e-5, "0.00003"),
    (1.7e-20, "1.7·10⁻²⁰"), (2.0, "2"),
    (math.pi, "π"), (2 * math.pi, "2 π"), (math.sqrt(2), "√2"), (1 / math.sqrt(2), "1/√2"), (math.sqrt(0.5), "√½"),
    (math.sqrt(2 / math.pi), "√(2/π)"), (math.log(2), "log(2)"), (-1.5, "-1.5"), (math.inf, "∞"), (1 / 7, "1/7"),
    (math.nextafter(math.pi, 4), "3.1415926535897936"), (math.nextafter(1 / 3, 1), "0.33333333333333337"), (1e22, "10²²"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "printed"), NUMBERS, ids=[printed for _, printed in NUMBERS])
def test_a_number_is_read_back_to_the_last_digit(value, printed):
    e = apply("mul", number(value), s)
    assert unicode(Layout(TABLE, True).box(number(value))).replace(" · ", "·") == printed
    for text in (flat(e), tex(e)):
        (again,) = elaborate(f"f = {text}\ns ∈ ℝ", model=False).trees(["f"])
        (found,) = evaluate([again], {one: np.float64(1.0) for one in walk(again) if isinstance(one, Symbol)})
        assert float(found) == value


def test_a_name_on_the_page_is_never_an_index():
    e = apply("sum", apply("mul", symbol("W_{i}", (3, 4)), symbol("b_{j}", (3, 4))), axes=None)
    assert flat(e) == "Σₖₘ (Wᵢ)ₖₘ (bⱼ)ₖₘ"
    assert flat(apply("index", symbol("x", (3,)), number(1))) == "x₁"
    clash = apply("add", apply("index", symbol("x", (3,)), number(1)), symbol("x_{1}"))
    assert flat(clash) == "(x)₁ + x₁"


def test_names_in_print():
    assert [unicode(named(name)) for name in ("W_{q}^{[2]}", "v'", "h⟨t-1⟩", "learning_rate", "W_{out}", "∂C/∂b^{[1]}")] == [
        "W_q^[2]", "v'", "h⟨t-1⟩", "learning_rate", "W_out", "∂C/∂b^[1]",
    ]  # fmt: skip
    assert latex(named("learning_rate")) == r"\text{learning\_rate}"
    assert latex(named("h⟨t-1⟩")) == r"h^{\langle t-1\rangle}"


LOOP = (
    Line(symbol("h⟨0⟩", (3,)), apply("fill", 0.0, shape=(3,))),
    Block("t", 1, 7, (Line(symbol("h⟨t⟩", (3,)), apply("tanh", apply("add", symbol("h⟨t-1⟩", (3,)), symbol("x⟨t⟩", (3,))))),)),
    Line(symbol("y"), apply("norm2", symbol("h⟨7⟩", (3,)))),
)  # fmt: skip


def of_lines(*lines):
    sequence = symbol("x", (7, 3))
    return Equations(lines, (sequence,), (lines[-1].symbol,), lambda x: [x], (np.ones((7, 3)),))


def test_a_block_stands_under_its_heading():
    page = of_lines(*LOOP)
    assert page.unicode() == ("h⟨0⟩ = 0₃\nfor t = 1, …, 7:\n  h⟨t⟩ = tanh(h⟨t-1⟩ + x⟨t⟩)\ny = ‖h⟨7⟩‖²\nwhere x ∈ ℝ⁷ˣ³")
    assert r"&\text{for }t = 1,\, \ldots ,\,7: \\" in page.latex()
    assert '<mtd columnspan="2"' in page.mathml()
    assert safe(page.mathml())


def test_a_block_is_read_back():
    page = of_lines(*LOOP)
    value = np.random.default_rng(0).normal(size=(7, 3))
    (wanted,) = page.evaluate([value])
    for text in (page.unicode(), page.latex()):
        (tree,) = elaborate(text, model=False).trees(["y"])
        (found,) = evaluate([tree], {one: value for one in walk(tree) if isinstance(one, Symbol)})
        assert found == pytest.approx(wanted)


def test_long_lines_are_broken_where_a_term_begins():
    def f(A, B):
        terms = [jnp.tanh((k + 2.0) * A @ B) - jnp.exp(B / (k + 2.0)) for k in range(5)]
        return sum(terms[1:], terms[0])

    page = of(f, jnp.ones((3, 3)), jnp.ones((3, 3)), output="Z")
    text = page.unicode(where=False).splitlines()
    more = [line.strip() for line in text if " = " not in line]
    assert more
    assert max(map(width, text)) <= LONGEST
    assert all(line[0] in "+-" for line in more)
    assert r"\\" + "\n" + r"&\quad " in page.latex()
    assert page.check().ok


def test_constants_that_are_small_are_written_out():
    K, c = jnp.array([[1.0, 2.0], [0.5, -4.0]]), jnp.arange(200.0)
    page = of(lambda x: K @ x + jnp.sum(c) * x, jnp.ones(2), output="y")
    assert page.unicode().splitlines()[-1].endswith("K₁ = [1, 2; ½, -4], K₂ ∈ ℝ²⁰⁰")
    assert page.check().ok


@pytest.mark.parametrize("text", [e for e, *_ in PRINTED], ids=[printed for _, printed, _ in PRINTED])
def test_all_formats_are_well_formed(text):
    in_latex = tex(text)
    assert in_latex.count("{") == in_latex.count("}")
    assert in_latex.count(r"\left") == in_latex.count(r"\right")
    ElementTree.fromstring(f"<math>{mathml(Layout(TABLE, False).box(text))}</math>")


def space(value: np.ndarray) -> str:
    if value.dtype.kind == "i":
        return "{0, …, 4}"
    return f"ℝ^({'×'.join(map(str, value.shape))})" if value.shape else "ℝ"


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(trees())
def test_what_is_printed_is_read_back_with_the_same_value(e):
    rng = np.random.default_rng(0)
    leaves = [one for one in walk(e) if isinstance(one, Symbol)]
    given = {one.name: np.int64(1) if one.kind == "integer" else rng.uniform(0.2, 0.9, one.shape) for one in leaves}
    spaces = "\n".join(f"{name} ∈ {space(np.asarray(value))}" for name, value in given.items())
    with np.errstate(all="ignore"):
        (wanted,) = evaluate([e], {one: given[one.name] for one in leaves})
        for text in (flat(e), tex(e)):
            (again,) = elaborate(f"f = {text}\n{spaces}", model=False).trees(["f"])
            (found,) = evaluate([again], {one: given[one.name] for one in walk(again) if isinstance(one, Symbol)})
            assert difference(found, wanted) <= 1e-9, text


@pytest.mark.parametrize("name", [name for name in TABLE if name not in OPAQUE and name != "recurrence"])
def test_every_operation_is_read_back(name):
    e = example(name)
    rng = np.random.default_rng(0)
    leaves = [one for one in walk(e) if isinstance(one, Symbol)]
    values = {"integer": lambda one: rng.integers(0, 2, one.shape), "truth": lambda one: rng.random(one.shape) < 0.5}
    given = {one: values.get(one.kind, lambda one: rng.uniform(1.1, 1.9, one.shape))(one) for one in leaves}
    page = Equations((Line(symbol("f", e.shape, e.kind), e),), tuple(leaves), (symbol("f", e.shape, e.kind),), list, ())
    with np.errstate(all="ignore"):
        (wanted,) = evaluate([e], given)
        for text in (page.unicode(), page.latex()):
            (again,) = elaborate(text, model=False).trees(["f"])
            by_name = {canonical(one.name): value for one, value in given.items()}
            (found,) = evaluate([again], {one: by_name[one.name] for one in walk(again) if isinstance(one, Symbol)})
            assert difference(found, wanted) <= 1e-9, text


def test_breaking_keeps_every_term():
    parts = [symbol(f"v_{{{place}}}", (3,)) for place in range(60)]
    total = parts[0]
    for one, other in pairwise(parts):
        total = apply("sub" if other.name.endswith("7}") else "add", total, other if one is not other else one)
    page = Equations((Line(symbol("f", (3,)), total),), tuple(parts), (symbol("f", (3,)),), lambda *v: [v[0]], ())
    text = page.unicode(where=False)
    assert " ".join(line.strip() for line in text.splitlines()) == f"f = {flat(total)}"


def test_a_sign_that_begins_a_row_stands_between_two_terms():
    """Browsers set no space behind a sign in front of a term; and ⊙ is no large operator, whatever Firefox takes it for."""
    long = apply("mul", x, y)
    for place in range(9):
        long = apply("add", long, apply("exp", apply("mul", symbol(f"c_{{{place}}}"), apply("mul", x, y))))
    line = Equations((Line(symbol("r", (3,)), long),), (), (), list, ())
    assert '<mrow><mo form="infix">+</mo>' in line.mathml()
    assert '<mo largeop="false">⊙</mo>' in line.mathml()
    assert safe(line.mathml())
