"""Two intertwined classes in the plane."""

from __future__ import annotations

from gradiens.data.bundled import from_file
from gradiens.data.files import Remote
from gradiens.data.table import Table


def planar_solar() -> Table:
    """Points of the plane in two classes that no line separates: 400 rows, 2 numbers, target `label`, 200 of each.

    The companion repository yoninazarathy/MathematicalEngineeringDeepLearning, MIT licence; put the file there.

    Book: 3.2.
    """
    remote = Remote("book", "planar_solar.csv", "ad652a0f9d45b0d75889722fedd833159bd83fcdefb09588590ac713c807a1fa")
    return from_file("planar_solar", remote, "label")
