"""Sizes: linear equations over unknowns, solved in any order; contradictions name both rules."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradiens.equations.meaning.sizes import Contradiction, Size, Sizes, positive, unknown


def test_an_unknown_takes_the_value_and_the_reason_of_what_it_equals():
    sizes, n = Sizes(), unknown("n")
    sizes.equal(n, Size(4, why="four columns"))
    assert n.known == 4 and n.solved().why == "four columns"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_three_equations_in_any_order(order):
    sizes, a, b, c = Sizes(), unknown(), unknown(), unknown()
    equations = [(a + b, Size(7)), (b - c, Size(1)), (c.times(2), Size(4))]
    for place in order:
        sizes.equal(*equations[place])
    assert (a.known, b.known, c.known) == (4, 3, 2)


def test_a_contradiction_names_both_rules():
    sizes, n = Sizes(), unknown("n")
    sizes.equal(n, Size(3, why="the columns of the data"))
    with pytest.raises(Contradiction) as error:
        sizes.equal(Size(5, why="declared"), n)
    one, other = error.value.sizes
    assert (one.known, one.why, other.known, other.why) == (5, "declared", 3, "the columns of the data")


def test_what_has_no_whole_solution_is_a_contradiction():
    with pytest.raises(Contradiction):
        Sizes().equal(unknown().times(2), Size(5))


def test_names_given_and_names_that_stay():
    sizes = Sizes({"n": 4})
    sizes.equal(sizes.name("K"), unknown())
    assert sizes.name("n").known == 4 and sizes.name("K").known is None
    assert str(sizes.name("K") + 2) == "K + 2" and str(sizes.name("n") + sizes.name("K")) == "K + 4"


def test_what_waits_is_worked_out_when_its_parts_are_known():
    sizes, n, half = Sizes(), unknown(), unknown()
    sizes.later(half, (n,), lambda n: n // 2)
    assert half.known is None
    sizes.equal(n, Size(9))
    assert half.known == 4


def test_a_size_is_at_least_one():
    with pytest.raises(Contradiction):
        positive(Size(0))


@given(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.data())
def test_a_solvable_system_is_solved(values, data):
    """Random equations a + k b = c that hold for `values`, then each value but one: all are found, none contradicts."""
    sizes, names = Sizes(), [unknown(f"n{place}") for place in range(len(values))]
    places = st.integers(0, len(values) - 1)
    for _ in range(4):
        i, j, factor = data.draw(places), data.draw(places), data.draw(st.integers(1, 3))
        sizes.equal(names[i] + names[j].times(factor), Size(values[i] + factor * values[j]))
    for place in data.draw(st.permutations(range(len(values)))):
        sizes.equal(names[place], Size(values[place]))
    assert [size.known for size in names] == values
