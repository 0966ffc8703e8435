"""The loop closed: `parse(print(e))` is `e` for generated trees, in Unicode and in LaTeX, and computes the same."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from gradiens.equations.equations import Equations
from gradiens.equations.meaning.elaborate import elaborate
from gradiens.equations.meaning.scope import canonical
from gradiens.equations.printing.naming import Line
from gradiens.equations.tree.expression import Expr, Symbol, rebuild, symbol, walk
from tests.equations.trees import trees

FORMS = {"Unicode": Equations.unicode, "LaTeX": Equations.latex}


def equations(tree: Expr) -> Equations:
    """`r = tree` with its symbols as inputs."""
    left = symbol("r", tree.shape, tree.kind, "output")
    used = tuple(expr for expr in walk(tree) if isinstance(expr, Symbol))
    return Equations((Line(left, tree),), used, (left,), lambda *values: [], ())


def read_back(text: str) -> Expr:
    """The tree of `r`."""
    return elaborate(text, model=False).trees(["r"])[0]


def comparable(tree: Expr) -> Expr:
    """The tree with each symbol by its canonical name alone: a text does not tell a parameter from an input."""

    def plain(expr: Expr) -> Expr:
        return symbol(canonical(expr.name), expr.shape, expr.kind) if isinstance(expr, Symbol) else expr

    return rebuild([tree], plain, {})[0]


def both_ways(tree: Expr) -> None:
    printed = equations(tree)
    for form, text in FORMS.items():
        again = read_back(text(printed))
        assert comparable(again) is comparable(tree), f"{form}\n{text(printed)}\n{tree}\n{again}"


RELAXED = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True}


@settings(max_examples=250, **RELAXED)
@given(trees())
def test_what_is_printed_is_read_back_as_the_same_tree(tree):
    both_ways(tree)


@pytest.mark.long
@settings(max_examples=20_000, **{**RELAXED, "derandomize": False})
@given(trees(depth=4))
def test_what_is_printed_is_read_back_as_the_same_tree_at_length(tree):
    both_ways(tree)
