"""Seventeen points of four classes."""

from __future__ import annotations

from gradiens.data.bundled import from_file
from gradiens.data.files import Remote
from gradiens.data.table import Table


def four_class_toy() -> Table:
    """Points of the plane in four classes: 17 rows, 2 numbers, target `label`.

    The companion repository yoninazarathy/MathematicalEngineeringDeepLearning, MIT licence; put the file there.

    Book: 3.3, 3.4.
    """
    remote = Remote("book", "four_class_toy.csv", "7cb77639e757d1fdcc71bb8d8fc3953f183c6eaf40882e81f4899a71bc9908c1")
    return from_file("four_class_toy", remote, "label")
