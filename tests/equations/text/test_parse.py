"""Text to syntax: what each construct means, in Unicode, ASCII and LaTeX, and what the printers print."""

from __future__ import annotations

import time

import pytest

from gradiens.equations.text import syntax as s
from gradiens.equations.text.parse import _parser, parse
from tests.equations.text.syntax_said import EXPRESSIONS, STATEMENTS, said, value


@pytest.mark.parametrize(
    ("meaning", "forms"), [(row[0], row[1:]) for row in EXPRESSIONS], ids=[r[1] for r in EXPRESSIONS]
)
def test_expressions_mean_the_same_in_all_notations(meaning, forms):
    assert [said(value(form)) for form in forms] == [meaning] * len(forms)
    assert len({value(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("meaning", "forms"), [(row[0], row[1:]) for row in STATEMENTS], ids=[r[1] for r in STATEMENTS]
)
def test_statements_mean_the_same_in_all_notations(meaning, forms):
    assert [" ; ".join(map(said, parse(form))) for form in forms] == [meaning] * len(forms)


# what reads alike and is not the same
DIFFERENT = [
    ("λ W", "λ_W"),
    ("W x", "Wx"),
    ("x^(i)", "x^(i+1)", "x^i", "x_i", "x⟨i⟩", "x^[i]"),
    ("x_i²", "x_(i²)"),
    ("a/b c", "a/(b c)"),
    ("-x y", "(-x) y"),
    ("√x y", "√(x y)"),
    ("log x y", "log(x y)"),
    ("σ(z)", "σ (z)"),
    ("Σ_i x_i + b", "Σ_i (x_i + b)"),
    ("a ⊙ b", "a b", "a · b", "a ⊗ b"),
    ("X²", "X^(∘2)"),
    ("|a| b |c|", "|a b c|"),
    ("[a; b]", "[a, b]"),
    ("𝟏[x]", "𝟏 [x]"),
    ("a - b - c", "a - (b - c)"),
    ("a b c", "a (b c)"),
    ("e^zᵢ", "e^z_i"),
    ("(A^T)_ij", "A_ij"),
    ("2", "2.0 + 0"),
    ("x'", "x"),
    ("¬a ∧ b", "¬(a ∧ b)"),
]


@pytest.mark.parametrize("forms", DIFFERENT, ids=[forms[0] for forms in DIFFERENT])
def test_what_differs_is_told_apart(forms):
    assert len({value(form) for form in forms}) == len(forms)


def test_a_function_of_one_letter_is_called_where_the_text_defines_it():
    assert said(value("W (x + y)")) == said(value("W(x + y)")) == "Product[(W Binary['add' x y]) ('')]"
    defined = parse("f(x) = x²\nq = f(x) + f (y) + g(y)")[1]
    assert said(defined) == "Equation[q Binary['add' Binary['add' Call[f (x)] Call[f (y)]] Product[(g y) ('')]]]"
    assert said(value("g_{k=1}(x)")) == "Call[Sub[g (Setting['k' 1]) 'k=1'] (x)]"
    assert said(value("lr (g + x)")) == "Product[(lr Binary['add' g x]) ('')]"
    assert said(value("unknown(x)")) == "Call[unknown (x)]"


def test_a_statement_goes_on_in_brackets_and_after_an_operator():
    assert len(parse("a = [b;\nc]\nd = {b if c\n> 0; 1\notherwise}\ne = f ⊙\n\n g\n- h")) == 3


def test_places_are_those_of_the_text_as_given():
    text = "\ufeffa = 1\r\ny\u0302 = W\u2081 x + \\frac{a}{b}"
    first, second = parse(text)
    assert text[first.at.start : first.at.stop] == "a = 1"
    assert isinstance(second, s.Equation)
    assert text[second.left.at.start : second.left.at.stop] == "y\u0302"
    assert isinstance(second.right, s.Binary)
    assert text[second.right.left.at.start : second.right.left.at.stop] == "W\u2081 x"
    assert text[second.right.right.at.start : second.right.right.at.stop] == "\\frac{a}{b}"


def test_every_place_lies_within_the_one_around_it():
    def walk(part, around):
        if isinstance(part, tuple):
            for one in part:
                walk(one, around)
        elif isinstance(part, s.Syntax):
            assert around.start <= part.at.start <= part.at.stop <= around.stop, part
            for name in part.__dataclass_fields__:
                walk(getattr(part, name), part.at)

    for row in EXPRESSIONS:
        for form in row[1:]:
            walk(parse(f"q = {form}"), s.Place(0, len(form) + 4))


def test_the_lines_of_a_recurrence():
    text = """
        h⟨0⟩ = 0
        for t = 1, …, 7:
        z⟨t⟩ = W_x x⟨t⟩ + W_h h⟨t-1⟩ + b
        h⟨t⟩ = tanh(z⟨t⟩)
        ŷ = V h⟨7⟩ + c
    """
    assert [type(one).__name__ for one in parse(text)] == ["Equation", "Range", "Equation", "Equation", "Equation"]


def test_two_hundred_lines_in_a_third_of_a_second():
    lines = ["a^[1] = relu(W^[1] x + b^[1])", "ŷ = softmax(W^[2] a^[1] + b^[2])", "C = -Σ_i y_i log ŷ_i + λ ‖W₁‖²",
             "θ' = θ - α v̂ / (√ŝ + ε)", "W^[1] ∈ ℝ^(64×n), b ∈ ℝ⁶⁴"]  # fmt: skip
    text = "\n".join(lines * 40)
    parse("a = b")
    times = []
    for _ in range(3):
        start = time.process_time()
        assert len(parse(text)) == 240
        times.append(time.process_time() - start)
    assert min(times) < 0.3


def test_the_parser_is_made_in_a_second():
    times = []
    for _ in range(5):
        _parser.cache_clear()
        start = time.process_time()
        _parser()
        times.append(time.process_time() - start)
    assert min(times) < 1.0  # 0.15 s alone; twice that on a busy machine


def test_the_parser_is_loaded_when_a_text_is_parsed():
    import subprocess
    import sys

    code = "import gradiens.equations.text.parse, sys; print('lark' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
