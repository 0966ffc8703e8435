"""The tree: interning, shortest numbers, walking, substituting, evaluating."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.equations.tree.expression import number, substitute, symbol, walk
from gradiens.equations.tree.operations import apply, evaluate

x, y = symbol("x", (3,)), symbol("y", (3,))


def test_equal_trees_are_one_object():
    assert apply("add", symbol("x", (3,)), 1) is apply("add", x, 1)
    assert symbol("x", (3,)) is x
    assert symbol("x", (4,)) is not x


def test_a_number_is_the_shortest_decimal_that_names_it():
    assert number(np.float32(0.1)).value == 0.1
    assert number(1 - 0.9).value == 0.1
    assert number(0.7978845608028654).value == 0.7978845608028654
    assert number(-0.9999999999999999).value == -0.9999999999999999
    assert number(0.0) is not number(-0.0)


def test_whole_numbers_beside_reals_are_reals():
    assert apply("add", x, 1).args[1] is number(1.0)


def test_walk_meets_each_node_once_and_operands_first():
    square = apply("mul", x, x)
    nodes = list(walk(apply("add", square, apply("exp", square))))
    assert len(nodes) == 4
    assert nodes.index(x) < nodes.index(square)


def test_deep_trees_do_not_overflow_the_stack():
    deep = x
    for _ in range(5000):
        deep = apply("tanh", deep)
    assert sum(1 for _ in walk(deep)) == 5001
    assert substitute(deep, {x: y}) is not deep


def test_substitute_replaces_the_outermost():
    inner = apply("exp", x)
    assert substitute(apply("add", inner, x), {inner: y}) is apply("add", y, x)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="shapes"):
        apply("add", x, symbol("u", (4,)))
    with pytest.raises(ValueError, match="product"):
        apply("matmul", symbol("A", (2, 4)), x)


def test_evaluate_takes_the_value_of_any_node():
    e = apply("add", apply("exp", x), y)
    assert evaluate([e], {apply("exp", x): np.ones(3), y: np.full(3, 2.0)})[0] == pytest.approx([3, 3, 3])
