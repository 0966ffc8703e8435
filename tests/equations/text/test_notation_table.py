"""The tables of the language in NOTATION.md are what the grammar reads, and leave nothing of it out."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from gradiens.equations.text import letters
from gradiens.equations.text.parse import MOST_CHARACTERS, parse
from gradiens.equations.text.pieces import MOST_LETTERS, MOST_LEVELS, MOST_OPERATIONS
from tests.equations.text.syntax_said import said, value

SECTION = (Path(__file__).parents[3] / "NOTATION.md").read_text("utf-8").split("## The language")[1]


def rows(table):
    """The forms of each row of a table."""
    for line in re.findall(r"^\| (`.*) \|$", table, re.MULTILINE):
        write, other, _ = re.split(r"(?<!\\) \|(?= |$)", line, maxsplit=2)
        yield [form.replace("\\|", "|") for form in re.findall(r"`([^`]+)`", write + other)]


STATEMENTS, EXPRESSIONS = (list(rows(table)) for table in SECTION.split("\n| write | or | means |\n")[1:])


def test_the_tables_are_there():
    assert len(STATEMENTS) > 10
    assert len(EXPRESSIONS) > 55
    assert sum(map(len, STATEMENTS + EXPRESSIONS)) > 180


@pytest.mark.parametrize("forms", STATEMENTS, ids=[forms[0] for forms in STATEMENTS])
def test_the_forms_of_a_statement_are_one_syntax(forms):
    assert len({str(list(map(said, parse(form)))) for form in forms}) == 1


@pytest.mark.parametrize("forms", EXPRESSIONS, ids=[forms[0] for forms in EXPRESSIONS])
def test_the_forms_of_an_expression_are_one_syntax(forms):
    assert len({said(value(form)) for form in forms}) == 1


def test_no_two_rows_mean_the_same():
    meanings = [said(value(forms[0])) for forms in EXPRESSIONS]
    assert len(set(meanings)) == len(meanings)


@pytest.mark.parametrize(
    ("form", "refused"),
    [
        ("a / b c", "ambiguous"),
        ("a ∧ b ∨ c", "not mixed"),
        ("x.y", "no parts"),
        ("'x'", "a value"),
        ("relu z", "brackets"),
    ],
)
def test_what_it_says_is_refused_is_refused(form, refused):
    with pytest.raises(ValueError, match=refused):
        value(form)


def test_every_sign_of_the_grammar_is_in_the_tables():
    grammar = resources.files("gradiens.equations.text").joinpath("grammar.lark").read_text("utf-8")
    signs = grammar.split("NUMBER:")[0]
    literal = {one for one in re.findall(r'"((?:[^"\\\n]|\\.)+)"', signs) if "\\" not in one}
    forms = " ".join(form for row in STATEMENTS + EXPRESSIONS for form in row) + SECTION
    assert len(literal) > 60
    assert [sign for sign in sorted(literal) if sign not in forms] == []
    for name, pattern in re.findall(r"^([A-Z]+)(?:\.\d)?: .*?/(\\\\.*)/ *$", signs, re.MULTILINE):
        if name not in ("LT", "GT", "BAR", "BARS", "COLON"):
            assert re.search(pattern, forms), name


def test_every_word_of_the_grammar_is_told():
    words = {*letters.PREFIX, *letters.BIG, *letters.KEYWORDS, *letters.FIELDS} - {"A"}
    assert [
        word for word in sorted(words) if not re.search(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", SECTION)
    ] == []


def test_the_limits_are_those_of_the_code():
    said_of = f"at most {MOST_CHARACTERS:,} characters, {MOST_LEVELS} brackets and {MOST_OPERATIONS} operations"
    assert said_of in SECTION.replace("\n", " ")
    assert f"names of {MOST_LETTERS} letters" in SECTION.replace("\n", " ")
