"""Landmark networks by shape: published counts, and lines that add up to them."""

from __future__ import annotations

import pytest

from gradiens.book.ch06_convolutional.landmark_tables import TABLES, drawn, parameters, table

COUNTS = {
    "lenet5": 61_706,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "resnet18": 11_689_512,
    "resnet50": 25_557_032,
    "inception module": 163_696,
}


@pytest.mark.parametrize("name", TABLES)
def test_the_lines_add_up_to_what_was_published(name):
    *lines, total = [int(line.split()[-1].replace(",", "")) for line in table(name).splitlines()[1:]]
    assert sum(lines) == total == parameters(drawn(name)[0]) == COUNTS[name]


def test_a_stage_is_a_line_and_a_small_network_has_one_for_each_layer():
    lines = [" ".join(line.split()) for line in table("resnet50").splitlines()]
    assert lines[0] == "resnet50, 3 × 224 × 224" and len(lines) == 1 + 6 + 1
    assert lines[2].startswith("64 … 256 × 56 × 56 11 Conv2d, 11 BatchNorm")
    assert len(table("inception module").splitlines()) == 1 + 6 + 1


def test_a_u_net_has_as_many_as_its_figure():
    """23 convolutions of the figure, by hand: c_out (9 c_in + 1), windows of 2 and of 1 where they are."""
    widths, by_hand, before = (64, 128, 256, 512, 1024), 0, 1
    for wide in widths:
        by_hand += wide * (9 * before + 1) + wide * (9 * wide + 1)
        before = wide
    for wide in reversed(widths[:-1]):
        by_hand += wide * (4 * 2 * wide + 1) + wide * (9 * 2 * wide + 1) + wide * (9 * wide + 1)
    assert parameters(drawn("unet")[0]) == by_hand + 2 * (64 + 1) == 31_030_658
