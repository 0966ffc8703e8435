"""Wines of three growers."""

from __future__ import annotations

from gradiens.data.bundled import bundled
from gradiens.data.table import Table


def wine() -> Table:
    """Three cultivars of wine by chemical analysis: 178 rows, 13 numbers, target `cultivar`.

    Forina et al.; UCI repository, CC BY 4.0; bundled with scikit-learn.

    Book: 2.1.
    """
    return bundled("wine", "load_wine", "cultivar", classes=("1", "2", "3"))
