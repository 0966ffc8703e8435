"""House values in California."""

from __future__ import annotations

from gradiens.data.bundled import from_file
from gradiens.data.files import Remote
from gradiens.data.table import Table


def california_housing() -> Table:
    """Districts of California in 1990: 20,640 rows, 8 numbers and 1 category, target `median_house_value` in dollars.

    Pace and Barry (1997), StatLib, US census; github.com/ageron/data, with 207 values missing on purpose.

    Book: 1.6.
    """
    sha256 = "2364609dc48bec7df3ba9dbb7041478e704ecddcee70ef1827ec3fc49d22c0cc"
    return from_file("california_housing", Remote("california_housing", "housing.csv", sha256), "median_house_value")
