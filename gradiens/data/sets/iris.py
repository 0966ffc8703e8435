"""Fisher's irises."""

from __future__ import annotations

from gradiens.data.bundled import bundled
from gradiens.data.table import Table


def iris() -> Table:
    """Three species of iris by the length and width of sepal and petal: 150 rows, 4 numbers, target `species`.

    Fisher (1936); UCI repository, CC BY 4.0; bundled with scikit-learn.

    Book: 1.6.
    """
    return bundled("iris", "load_iris", "species", classes=("setosa", "versicolor", "virginica"))
