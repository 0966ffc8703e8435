"""Points of the plane along a curve."""

from __future__ import annotations

from gradiens.data.bundled import from_file
from gradiens.data.files import Remote
from gradiens.data.table import Table


def manifold_2d() -> Table:
    """Points along an S-shaped curve of the plane, from bottom to top: 100 rows, 2 numbers, no target.

    The companion repository yoninazarathy/MathematicalEngineeringDeepLearning, MIT licence; put the file there.

    Book: 3.5.
    """
    remote = Remote("book", "manifold_2d.csv", "bfcfd4bf3cea09d54f6e5fefebf3b8de574330f12f9fde8ac223a9f2df82bd28")
    return from_file("manifold_2d", remote, "")
