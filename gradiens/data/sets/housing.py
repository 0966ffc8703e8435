"""Housing in the suburbs of Boston."""

from __future__ import annotations

from gradiens.data.bundled import from_file
from gradiens.data.files import Remote
from gradiens.data.table import Table


def housing() -> Table:
    """Median house values in 506 census tracts of Boston: 13 numbers, target `medv` in thousands of dollars.

    Harrison and Rubinfeld (1978), StatLib. Values above 50 are recorded as 50: 16 rows. The column `b` is made from the
    share of black inhabitants and is ethically contested; the book uses rm, lstat and medv only. The companion repository
    yoninazarathy/MathematicalEngineeringDeepLearning, MIT licence; put the file there.

    Book: 2.3, 2.4, 2.5.
    """
    remote = Remote("book", "housing.csv", "dabe774132cf1f35464a048f213b1d4f39f64ad9efb1157d64d457702f72e19b")
    return from_file("housing", remote, "medv")
