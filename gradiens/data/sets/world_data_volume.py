"""The volume of the world's data."""

from __future__ import annotations

from gradiens.data.bundled import from_file
from gradiens.data.files import Remote
from gradiens.data.table import Table


def world_data_volume() -> Table:
    """Zettabytes of data that the world created in a year, or had stored by then: 7 years, 2 numbers, target `created_zb`.

    Five years have a created and two a stored volume. The companion repository
    yoninazarathy/MathematicalEngineeringDeepLearning, MIT licence; put the file there.

    Book: 1.4.
    """
    sha256 = "dee27a8bbd6e011f22c7a60c831f5e91be6fb6b60c4885e2f667296b6354a9d5"
    return from_file("world_data_volume", Remote("book", "world_data_volume.csv", sha256), "created_zb")
