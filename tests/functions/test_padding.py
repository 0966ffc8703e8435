"""Padding by name: the sizes that it promises, and what it refuses."""

from __future__ import annotations

import pytest

from gradiens.core.check import Mistake
from gradiens.functions.convolution import output_size
from gradiens.functions.padding import padding_of


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("d", [1, 2, 3])
def test_same_and_causal_keep_the_size_and_valid_pads_nothing(k, d):
    ((before, after),) = padding_of("same", k, d, 1)
    assert output_size(10, k, 1, (before, after), d) == 10 and 0 <= after - before <= 1
    ((before, after),) = padding_of("causal", k, d, 1)
    assert output_size(10, k, 1, (before, after), d) == 10 and after == 0
    assert padding_of("valid", k, d, 2) == ((0, 0), (0, 0))


def test_numbers_pass_and_each_axis_may_have_its_own():
    assert padding_of(2, 3) == ((2, 2), (2, 2))
    assert padding_of(((1, 0), 2), 3) == ((1, 0), (2, 2))
    assert padding_of("same", (5, 2), (1, 3)) == ((2, 2), (1, 2))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: padding_of("some", 3), "did you mean 'same'"),
        (lambda: padding_of(-1, 3), "padding of at least 0"),
        (lambda: padding_of("same", (3, 3), 1, 1), "one for each of 1 axes"),
    ],
)
def test_bad_input(call, says):
    with pytest.raises(Mistake, match=says):
        call()
