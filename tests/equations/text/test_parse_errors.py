"""Bad input: one message that says what was expected, what came and what to do, with a caret under the place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradiens.core.check import Mistake
from gradiens.equations.text.faults import Fault, fault
from gradiens.equations.text.parse import MOST_CHARACTERS, parse
from gradiens.equations.text.pieces import MOST_LEVELS, MOST_OPERATIONS
from gradiens.equations.text.syntax import Place
from tests.equations.text.syntax_said import EXPRESSIONS, STATEMENTS

# a text, and the lines of its message
BAD = {
    "empty": ("", ["line 1, column 1: expected equations, got an empty text; write ŷ = W x + b"]),
    "blank": (" \t\r\n ", ["line 1, column 1: expected equations, got an empty text; write ŷ = W x + b"]),
    "only a comment": (
        "# nothing\n",
        ["line 1, column 1: expected equations, got an empty text; write ŷ = W x + b", "  # nothing", "  ^"],
    ),
    "only separators": (
        " , ;\n;",
        ["line 1, column 1: expected equations, got an empty text; write ŷ = W x + b", "   , ;", "  ^"],
    ),
    "no equation": (
        "W x + b",
        [
            "line 1, column 8: expected = and a right side, or ∈ and a space, got the end of the text; write ŷ = W x + b",
            "  W x + b",
            "         ^",
        ],
    ),
    "no equation in a later line": (
        "y = W x\nW x + b\nz = y",
        [
            "line 2, column 8: expected = and a right side, or ∈ and a space, got the end of the line; write ŷ = W x + b",
            "  W x + b",
            "         ^",
        ],
    ),
    "value missing at the end": (
        "y = W x +",
        ["line 1, column 10: expected a value after '+', got the end of the text", "  y = W x +", "           ^"],
    ),
    "value missing in a line": (
        "y = W x + ;\nz = 1",
        ["line 1, column 11: expected a value after '+', got the end of the line", "  y = W x + ;", "            ^"],
    ),
    "value missing in brackets": (
        "y = relu()",
        ["line 1, column 10: expected a value after '(', got ')'", "  y = relu()", "           ^"],
    ),
    "value missing after a comma": (
        "y = max(a,)",
        ["line 1, column 11: expected a value after ',', got ')'", "  y = max(a,)", "            ^"],
    ),
    "operator first": ("y = * x", ["line 1, column 5: expected a value after '=', got '*'", "  y = * x", "      ^"]),
    "two operators": (
        "y = a + / b",
        ["line 1, column 9: expected a value after '+', got '/'", "  y = a + / b", "          ^"],
    ),
    "bracket never closed": (
        "y = relu(W x\nz = 3",
        ["line 1, column 9: expected ')' to close '(', got the end of the text", "  y = relu(W x", "          ^"],
    ),
    "bracket never opened": (
        "y = W x)",
        ["line 1, column 8: expected a bracket that opens before ')', got ')' alone", "  y = W x)", "         ^"],
    ),
    "wrong bracket": (
        "y = [W (x + b]",
        [
            "line 1, column 14: expected ')' to close '(', got ']'; it was opened at line 1, column 8",
            "  y = [W (x + b]",
            "               ^",
        ],
    ),
    "bar never closed": (
        "y = |x",
        ["line 1, column 5: expected '|' to close '|', got the end of the text", "  y = |x", "      ^"],
    ),
    "script never closed": (
        "y = x_{i",
        ["line 1, column 6: expected '}' to close '_{', got the end of the text", "  y = x_{i", "       ^^"],
    ),
    "brace never closed": (
        "y = {a if b",
        ["line 1, column 5: expected '}' to close '{', got the end of the text", "  y = {a if b", "      ^"],
    ),
    "ambiguous product": (
        "y = a / b c",
        [
            "line 1, column 11: expected a product that is not ambiguous, got a factor after a / b; write (a / b) c or a / (b c)",
            "  y = a / b c",
            "            ^",
        ],
    ),
    "ambiguous product with brackets": (
        "y = a / b (c + d)",
        [
            "line 1, column 11: expected a product that is not ambiguous, got a factor after a / b; write (a / b) c or a / (b c)",
            "  y = a / b (c + d)",
            "            ^^^^^^^",
        ],
    ),
    "ambiguous argument": (
        "y = sin 2x",
        [
            "line 1, column 10: expected a product that is not ambiguous, got sin 2x; write sin(2 x) or sin(2) x",
            "  y = sin 2x",
            "           ^",
        ],
    ),
    "ambiguous power": (
        "y = x^2^3",
        [
            "line 1, column 8: expected one power, got a power of a power; write (x^2)^3 or x^(2^3)",
            "  y = x^2^3",
            "         ^^",
        ],
    ),
    "ambiguous logic": (
        "y = a ∧ b ∨ c",
        [
            "line 1, column 11: expected ∧ and ∨ that are not mixed, got both; write (a ∧ b) ∨ c",
            "  y = a ∧ b ∨ c",
            "            ^",
        ],
    ),
    "two numbers": (
        "y = 2 3",
        ["line 1, column 7: expected an operator between two numbers, got none; write 2 · 3", "  y = 2 3", "        ^"],
    ),
    "relations in a chain": (
        "y = 𝟏[a < b < c]",
        [
            "line 1, column 13: expected one relation, got another one; write (a < b) ∧ (b < c)",
            "  y = 𝟏[a < b < c]",
            "              ^",
        ],
    ),
    "two equals signs": (
        "y = a = b",
        [
            "line 1, column 7: expected one = in an equation, got another one; put a relation into brackets: 𝟏[a = b]",
            "  y = a = b",
            "        ^",
        ],
    ),
    "function without brackets": (
        "y = relu z",
        [
            "line 1, column 5: expected brackets around the argument of relu, got relu without brackets; write relu(z)",
            "  y = relu z",
            "      ^^^^",
        ],
    ),
    "power of a function": (
        "y = sin² x",
        [
            "line 1, column 8: expected a function without a power, got a power of sin; write sin(x)^2",
            "  y = sin² x",
            "         ^",
        ],
    ),
    "prefix without argument": (
        "y = log + 1",
        ["line 1, column 9: expected the argument of log, got '+'; write log(x)", "  y = log + 1", "          ^"],
    ),
    "reserved function": (
        "log = 3",
        [
            "line 1, column 1: expected a name that is free, got log, which is a function; give it another name",
            "  log = 3",
            "  ^^^",
        ],
    ),
    "reserved operation": (
        "softmax ∈ ℝ",
        [
            "line 1, column 1: expected a name that is free, got softmax, which is a function; give it another name",
            "  softmax ∈ ℝ",
            "  ^^^^^^^",
        ],
    ),
    "reserved word": (
        "if = 3",
        [
            "line 1, column 1: expected a name at the beginning of a statement, got 'if'; 'if' is a word of the language",
            "  if = 3",
            "  ^^",
        ],
    ),
    "reserved word in an expression": (
        "y = x for",
        ["line 1, column 7: expected a range after for, got nothing; write for t = 1..T", "  y = x for", "        ^^^"],
    ),
    "reserved number": (
        "π = 3",
        ["line 1, column 1: expected a name on the left of =, got a number; write ŷ = …", "  π = 3", "  ^"],
    ),
    "expression on the left": (
        "2 x = y",
        ["line 1, column 1: expected a name on the left of =, got an expression; write ŷ = …", "  2 x = y", "  ^^^"],
    ),
    "number as a function": (
        "f(2) = 3",
        [
            "line 1, column 1: expected a name on the left of =, got an expression; write f(x) = …",
            "  f(2) = 3",
            "  ^^^^",
        ],
    ),
    "expression declared": (
        "W x ∈ ℝ",
        ["line 1, column 1: expected a name before ∈, got an expression; write W ∈ ℝ^(m×n)", "  W x ∈ ℝ", "  ^^^"],
    ),
    "not a space": (
        "W ∈ foo",
        [
            "line 1, column 5: expected a space after ∈, got 'foo'; write W ∈ ℝ^(m×n), k ∈ ℤ or y ∈ {0, …, 9}",
            "  W ∈ foo",
            "      ^^^",
        ],
    ),
    "space missing": (
        "W ∈",
        [
            "line 1, column 4: expected a space after ∈, got the end of the text; write W ∈ ℝ^(m×n), k ∈ ℤ or y ∈ {0, …, 9}",
            "  W ∈",
            "     ^",
        ],
    ),
    "labels from one": (
        "y ∈ {1, …, K}",
        [
            "line 1, column 5: expected labels that count from 0, got others; write y ∈ {0, …, K-1} or {0, 1, 2}",
            "  y ∈ {1, …, K}",
            "      ^^^^^^^^^",
        ],
    ),
    "mark on a space": (
        "W ∈ ℝ^[1]",
        ["line 1, column 6: expected sizes like 64×n, got a mark; write ℝ^(64×n)", "  W ∈ ℝ^[1]", "       ^^^^"],
    ),
    "no colon after for": (
        "for t = 1..T\nh⟨t⟩ = x",
        [
            "line 1, column 13: expected a colon after a range, got the end of the line; write for t = 1..T:",
            "  for t = 1..T",
            "              ^",
        ],
    ),
    "no index after for": (
        "for = 3",
        ["line 1, column 5: expected an index after for, got '='; write for t = 1..T:", "  for = 3", "      ^"],
    ),
    "no range": (
        "for t = 3: y = t",
        ["line 1, column 10: expected a range, got ':'; write for t = 1..T:", "  for t = 3: y = t", "           ^"],
    ),
    "range on the left": (
        "h_t = 3, t+1 = 1..T",
        [
            "line 1, column 10: expected an index before = 1..T, got an expression; write t = 1..T",
            "  h_t = 3, t+1 = 1..T",
            "           ^^^",
        ],
    ),
    "unknown LaTeX": (
        "y = \\sofmax(z)",
        [
            "line 1, column 5: expected a LaTeX command of the language, got '\\sofmax'; write \\operatorname{softmax}",
            "  y = \\sofmax(z)",
            "      ^^^^^^^",
        ],
    ),
    "unknown LaTeX sign": (
        "y = \\odott",
        [
            "line 1, column 5: expected a LaTeX command of the language, got '\\odott'; did you mean \\odot?",
            "  y = \\odott",
            "      ^^^^^^",
        ],
    ),
    "LaTeX without braces": (
        "y = \\text",
        [
            "line 1, column 5: expected a LaTeX command of the language, got '\\text'; write {…} after it",
            "  y = \\text",
            "      ^^^^^",
        ],
    ),
    "nothing like it in LaTeX": (
        "y = \\zzzzzz",
        [
            "line 1, column 5: expected a LaTeX command of the language, got '\\zzzzzz'",
            "  y = \\zzzzzz",
            "      ^^^^^^^",
        ],
    ),
    "two letters below a hat": (
        "y = \\hat{ab}",
        [
            "line 1, column 5: expected one letter below an accent, got '\\hat{ab}'; write \\hat{y}",
            "  y = \\hat{ab}",
            "      ^^^^^^^^",
        ],
    ),
    "no word in LaTeX": (
        "y = \\text{a b!}",
        [
            "line 1, column 5: expected a word in LaTeX, got '\\text{a b!}'; write \\text{learning\\_rate}",
            "  y = \\text{a b!}",
            "      ^^^^^^^^^^^",
        ],
    ),
    "attribute": (
        "y = x.__class__",
        [
            "line 1, column 6: expected a character of the language, got '.'; a name has no parts; write 0.5 for a number",
            "  y = x.__class__",
            "       ^",
        ],
    ),
    "import": (
        "y = __import__('os').system('ls')",
        [
            "line 1, column 5: expected a name before _, got none; write x_i or x^2",
            "  y = __import__('os').system('ls')",
            "      ^",
        ],
    ),
    "lambda": (
        "f = lambda x: x",
        [
            "line 1, column 13: expected an operator or the end of the line, got ':'",
            "  f = lambda x: x",
            "              ^",
        ],
    ),
    "f-string": (
        'y = f"{x}"',
        [
            "line 1, column 6: expected a character of the language, got '\"'; write words without quotes",
            '  y = f"{x}"',
            "       ^",
        ],
    ),
    "assignment expression": (
        "y := 3",
        ["line 1, column 3: expected an operator or the end of the line, got ':'", "  y := 3", "    ^"],
    ),
    "comprehension of Python": (
        "y = [x for x in y]",
        [
            "line 1, column 8: expected an operator or the end of the line, got 'for'; 'for' is a word of the language",
            "  y = [x for x in y]",
            "         ^^^",
        ],
    ),
    "decorator": (
        "@property",
        [
            "line 1, column 1: expected a character of the language, got '@'; write W x for a product",
            "  @property",
            "  ^",
        ],
    ),
    "at sign": (
        "y = A @ B",
        [
            "line 1, column 7: expected a character of the language, got '@'; write W x for a product",
            "  y = A @ B",
            "        ^",
        ],
    ),
    "double star": (
        "y = x ** 2",
        ["line 1, column 8: expected a value after '*', got '*'; write x^2 for a power", "  y = x ** 2", "         ^"],
    ),
    "double equals": (
        "y = 𝟏[a == b]",
        [
            "line 1, column 10: expected a value after '=', got '='; write =, or ≤ as <=",
            "  y = 𝟏[a == b]",
            "           ^",
        ],
    ),
    "backslash at the end": (
        "y = x \\",
        [
            "line 1, column 7: expected a character of the language, got '\\'; write a LaTeX command or nothing",
            "  y = x \\",
            "        ^",
        ],
    ),
    "control character": (
        "y = x\x07",
        ["line 1, column 6: expected a character of the language, got U+0007", "  y = x�", "       ^"],
    ),
    "null": ("y\x00 = 1", ["line 1, column 2: expected a character of the language, got U+0000", "  y� = 1", "   ^"]),
    "escape": (
        "y = \x1b[31mx",
        ["line 1, column 5: expected a character of the language, got U+001B", "  y = �[31mx", "      ^"],
    ),
    "private use": (
        "y = \ue000",
        ["line 1, column 5: expected a character of the language, got U+E000", "  y = �", "      ^"],
    ),
    "surrogate": (
        "y = \ud800",
        ["line 1, column 5: expected a character of the language, got U+D800", "  y = �", "      ^"],
    ),
    "zero width": (
        "y = x\u200b",
        [
            "line 1, column 6: expected a character of the language, got U+200B (zero width space)",
            "  y = x�",
            "       ^",
        ],
    ),
    "right to left": (
        "y = \u202ex",
        [
            "line 1, column 5: expected a character of the language, got U+202E (right-to-left override)",
            "  y = �x",
            "      ^",
        ],
    ),
    "another alphabet": (
        "y = 日本",
        ["line 1, column 5: expected a character of the language, got '日'", "  y = 日本", "      ^^"],
    ),
    "emoji": ("y = 😀", ["line 1, column 5: expected a character of the language, got '😀'", "  y = 😀", "      ^^"]),
    "lone combining mark": (
        "\u0302x = 3",
        [
            "line 1, column 1: expected a character of the language, got U+0302 (combining circumflex accent)",
            "  \u0302x = 3",
            "  ^",
        ],
    ),
    "combining mark after a digit": (
        "y = 2\u0302",
        [
            "line 1, column 6: expected a character of the language, got U+0302 (combining circumflex accent)",
            "  y = 2\u0302",
            "       ^",
        ],
    ),
    "two hats": (
        "y = x\u0302\u0302",
        [
            "line 1, column 5: expected a letter with one hat, tilde or bar, got 'x\u0302\u0302'; write \u0177 or y_hat",
            "  y = x\u0302\u0302",
            "      ^",
        ],
    ),
    "another accent": (
        "y = x\u0323",
        [
            "line 1, column 5: expected a letter with one hat, tilde or bar, got 'x\u0323'; write \u0177 or y_hat",
            "  y = x\u0323",
            "      ^",
        ],
    ),
    "huge number": (
        "y = " + "9" * 400,
        [
            "line 1, column 5: expected a number between 1e-308 and 1e308, got '99999999999999999999…'",
            "  y = 999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999…",
            "      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        ],
    ),
    "huge exponent": (
        "y = 1e999",
        ["line 1, column 5: expected a number between 1e-308 and 1e308, got '1e999'", "  y = 1e999", "      ^^^^^"],
    ),
    "vanishing number": (
        "y = 1e-999",
        ["line 1, column 5: expected a number between 1e-308 and 1e308, got '1e-999'", "  y = 1e-999", "      ^^^^^^"],
    ),
    "number with two points": (
        "y = 1.2.3",
        [
            "line 1, column 8: expected an operator between two numbers, got none; write 2 · 3",
            "  y = 1.2.3",
            "         ^^",
        ],
    ),
    "long name": (
        "y = " + "a" * 61,
        [
            "line 1, column 5: expected a name of at most 60 letters, got 'aaaaaaaaaaaaaaaaaaaa…'",
            "  y = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        ],
    ),
    "script without a base": (
        "y = _i",
        ["line 1, column 5: expected a name before _, got none; write x_i or x^2", "  y = _i", "      ^"],
    ),
    "power without a base": (
        "y = ^2",
        ["line 1, column 5: expected a name before ^, got none; write x_i or x^2", "  y = ^2", "      ^"],
    ),
    "nothing below": (
        "y = x_",
        [
            "line 1, column 6: expected a subscript, got nothing after _; write x_i or x_{i, j+1}",
            "  y = x_",
            "       ^",
        ],
    ),
    "nothing above": (
        "y = x^",
        ["line 1, column 6: expected a superscript, got nothing after ^; write x^2 or x^(n+1)", "  y = x^", "       ^"],
    ),
    "empty script": (
        "y = x_{}",
        ["line 1, column 8: expected a value after '_{', got '}'", "  y = x_{}", "         ^"],
    ),
    "empty power": (
        "y = x^{}",
        ["line 1, column 6: expected a superscript, got empty brackets; write x^2", "  y = x^{}", "       ^^^"],
    ),
    "script on a number": (
        "y = 2_i",
        [
            "line 1, column 6: expected a name before a script, got a number; write x_1, or 2 · x",
            "  y = 2_i",
            "       ^^",
        ],
    ),
    "prime on a number": (
        "y = 2'",
        [
            "line 1, column 6: expected a name before a script, got a number; write x_1, or 2 · x",
            "  y = 2'",
            "       ^",
        ],
    ),
    "three colons": (
        "y = x_{1:2:3:4}",
        [
            "line 1, column 8: expected a slice start:stop:step, got more colons; write x_{2:5}",
            "  y = x_{1:2:3:4}",
            "         ^^^^^^^",
        ],
    ),
    "time without a name": (
        "y = a <b> c",
        [
            "line 1, column 7: expected a name before the time, got '<b>'; write (a < b) ∧ (b > c) for two relations",
            "  y = a <b> c",
            "        ^^^",
        ],
    ),
    "case without an end": (
        "y = {a if b; c",
        ["line 1, column 5: expected '}' to close '{', got the end of the text", "  y = {a if b; c", "      ^"],
    ),
    "tuple without a call": (
        "y = {a, b}",
        ["line 1, column 7: expected an operator or the end of the line, got ','", "  y = {a, b}", "        ^"],
    ),
    "caret in a long line": (
        "y = " + "x + " * 40 + "* z" + " + x" * 40,
        [
            "line 1, column 165: expected a value after '+', got '*'",
            "  …x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + * z + x + x + x + x + x + x + x + x + x …",
            "                                                               ^",
        ],
    ),
    "wide characters before": (
        "ŷ = x̄ + 𝟏[x] + ",
        [
            "line 1, column 16: expected a value after '+', got the end of the text",
            "  ŷ = x̄ + 𝟏[x] + ",
            "                ^",
        ],
    ),
    "tab before": (
        "\ty = x +",
        ["line 1, column 9: expected a value after '+', got the end of the text", "   y = x +", "          ^"],
    ),
    "old line ends": (
        "a = 1\rb = 2\r\nc = )",
        ["line 3, column 5: expected a bracket that opens before ')', got ')' alone", "  c = )", "      ^"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_with_a_caret(name):
    text, lines = BAD[name]
    with pytest.raises(Mistake) as raised:
        parse(text)
    assert str(raised.value).split("\n") == lines


def test_a_fault_knows_its_line_and_column():
    text = "a = 1\n  b = relu(W x"
    with pytest.raises(Fault) as raised:
        parse(text)
    assert (raised.value.line, raised.value.column, raised.value.place) == (2, 11, Place(16, 17))
    assert (raised.value.expected, raised.value.got) == ("')' to close '('", "the end of the text")


def test_a_fault_can_be_told_of_any_place():
    told = str(fault("ŷ = W x", Place(4, 7), "equal sizes", "3 and 4", "transpose W"))
    assert told == "line 1, column 5: expected equal sizes, got 3 and 4; transpose W\n  ŷ = W x\n      ^^^"
    assert str(fault("", Place(0, 0), "a", "b")) == "line 1, column 1: expected a, got b"


def refused(text):
    """The message, which came at once."""
    start = time.process_time()
    with pytest.raises(Mistake) as raised:
        parse(text)
    assert time.process_time() - start < 0.5
    return str(raised.value).split("\n")[0]


def test_a_megabyte_is_refused_at_once():
    said = refused("y = x\n" * 166_666 + "y = ")
    assert said.startswith(
        f"line 1, column 1: expected a text of at most {MOST_CHARACTERS:,} characters, got 1,000,000; "
    )


DEEP = {
    "brackets": ("(", ")"), "square brackets": ("[", "]"), "braces": ("{", "}"), "scripts": ("x_{", "}"), "powers": ("x^(", ")"),
    "calls": ("f_{k=1}(", ")"), "fractions": ("\\frac{", "}{2}"), "roots": ("\\sqrt{", "}"),
    "cases": ("{a if b; ", " otherwise}"),
    "bars": ("(1 + |", "|)"), "norms": ("‖1 + ", "‖"),
}  # fmt: skip


@pytest.mark.parametrize("name", DEEP)
def test_brackets_nest_to_a_limit(name):
    opens, closes = DEEP[name]
    each = sum(opens.count(char) for char in "([{|‖")
    fine = (MOST_LEVELS - 1) // each
    assert parse(f"q = {opens * fine}x{closes * fine}")
    most = MOST_LEVELS + 1
    said = refused(f"q = {opens * most}x{closes * most}")
    assert f"expected at most {MOST_LEVELS} brackets one inside another, got more" in said


LONG = {
    "sum": "{} + x", "difference": "{} - x", "entrywise": "{} ⊙ x", "quotient": "{} / x", "signs": "-{}", "roots": "√{}",
    "logs": "log {}", "differentials": "∂{}", "sums": "Σ_i {}", "negations": "¬ {}", "conjunction": "{} ∧ x",
}  # fmt: skip


@pytest.mark.parametrize("name", LONG)
def test_operations_nest_to_a_limit_and_whatever_is_allowed_can_be_compared_and_printed(name):
    def nested(count):
        text = "x"
        for _ in range(count):
            text = LONG[name].format(text)
        return f"q = {text}"

    allowed = parse(nested(MOST_OPERATIONS - 2))
    assert allowed == parse(nested(MOST_OPERATIONS - 2))
    assert repr(allowed)
    assert f"expected at most {MOST_OPERATIONS} operations one inside another" in refused(nested(MOST_OPERATIONS + 1))


def test_operations_are_counted_through_brackets():
    sum_of = " + x" * 60
    assert parse("q = " + "(x" * 3 + f"{sum_of})" * 3)
    assert "operations one inside another" in refused("q = " + "(x" * 4 + f"{sum_of})" * 4)
    assert parse("q = [" + f"x{sum_of}, " * 9 + "x]; " + f"p = x{sum_of}\n" * 9)


@pytest.mark.parametrize("script", ["'", "_i", "⟨t⟩", "^[1]", "^T", "^{'}_i", "^{[1]'}⟨t⟩"])
def test_scripts_on_one_name_are_operations(script):
    def nested(levels, scripts):
        text = "x"
        for _ in range(levels):
            text = f"x_{{{text}}}{script * scripts}"
        return f"q = {text}"

    for text in (nested(1, 40), nested(10, 4)):
        assert hash(parse(text)) == hash(parse(text))
    for levels, scripts in ((1, 201), (10, 20), (90, 4)):
        assert "operations one inside another" in refused(nested(levels, scripts))


def test_a_long_text_is_read_in_time_proportional_to_its_length():
    def seconds(text):
        start = time.process_time()
        parse(text)
        return time.process_time() - start

    for unit in ("q = W x + b\n", "q = [" + "x_1; " * 20 + "x]\n"):
        seconds(unit)
        short, long = (min(seconds(unit * count) for _ in range(3)) for count in (5, 40))
        assert long < 20 * short


# ---------------------------------------------------------------- any text

_WORDS = r"""x y W ŷ λ α θ' relu σ log max sum e f( Σ Σ_i max_i ∑ Π 𝔼 𝟏 𝟏[ 0 1 2 3.5 1e-3 ½ π ∞ + - * · ⊙ .* ⊗ ⋆ × / < ≤ <= > ≥
= == != ≠ ∧ ∨ ¬ and or not if otherwise else for while where in ∈ ℝ ℝ^ R {0, } ( ) [ ] { | || ‖ ⌊ ⌋ ⌈ ⌉ ⟨ ⟩ <t> <t-1> _ ^ _{ ^{
^[ ^( _( ' ′ ᵀ ⊤ ∘ √ ∂ ∇ , ; : … ... .. \\ & # \frac{ }{ \sqrt{ \hat{y} \text{ \operatorname{relu} \begin{cases} \end{cases}
\begin{aligned} \left( \right) \lVert \rVert \, \quad \alpha \sum_{i} ¹ ² ⁿ ⁻ ⁽ ⁾ ₁ ᵢ ⱼ ₌ x_i W^[1] h⟨t⟩ t=1..T 1,…,T
1e999 . @ ! " $ ~ % x.y lambda"""
_TOKENS = _WORDS.split()
_VALID = [form for row in EXPRESSIONS for form in row[1:]]
_SPACED = st.sampled_from(["", " ", "  ", "\n", "\t", "\r\n"])
_tokens = st.lists(st.tuples(st.sampled_from(_TOKENS), _SPACED).map("".join), max_size=30).map("".join)
_valid = st.sampled_from([f"q = {form}" for form in _VALID] + [form for row in STATEMENTS for form in row[1:]])


@st.composite
def _mutated(draw):
    """Two valid texts together, with some characters lost, doubled, put in or turned round."""
    text = draw(_valid) + draw(st.sampled_from(["\n", "; ", " + ", ", "])) + draw(_valid)
    for _ in range(draw(st.integers(1, 4))):
        first = draw(st.integers(0, len(text)))
        last = draw(st.integers(first, min(len(text), first + 8)))
        part = text[first:last]
        text = (
            text[:first]
            + draw(st.sampled_from(["", part + part, part[::-1], draw(st.sampled_from(_TOKENS))]))
            + text[last:]
        )
    return text


any_text = st.one_of(_mutated(), _tokens, _tokens.map("q = {}".format), st.text(max_size=60))


def survives(text):
    """Statements or a mistake, within a second."""
    start = time.process_time()
    try:
        found = parse(text)
        assert isinstance(found, tuple)
        assert found
        assert found == parse(text)
        assert hash(found) == hash(parse(text))
    except Mistake as mistake:
        first, *rest = str(mistake).split("\n")
        assert first.startswith("line ")
        assert "expected " in first
        assert len(rest) in (0, 2)
    assert time.process_time() - start < 1


def fuzz(examples):
    """The test of `survives` on so many texts."""
    parse("y = x")
    return settings(max_examples=examples, deadline=None, derandomize=True, database=None)(given(any_text)(survives))


test_any_text_is_read_or_refused = fuzz(300)
test_any_of_many_texts_is_read_or_refused = pytest.mark.long(fuzz(20_000))
