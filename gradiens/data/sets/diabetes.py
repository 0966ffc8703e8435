"""The diabetes data of least angle regression."""

from __future__ import annotations

from gradiens.data.bundled import bundled
from gradiens.data.table import Table


def diabetes() -> Table:
    """Progress of diabetes after a year by ten first measurements: 442 rows, 10 numbers, target `progression`.

    The inputs are centred and scaled to unit length, as bundled with scikit-learn. Efron et al. (2004).

    Book: 2.6, 2.7.
    """
    columns = ("age", "sex", "bmi", "blood_pressure", "tc", "ldl", "hdl", "tch", "ltg", "glucose")
    return bundled("diabetes", "load_diabetes", "progression", columns)
