"""Incomes in the census of 1994."""

from __future__ import annotations

from gradiens.data.bundled import from_file
from gradiens.data.files import Remote
from gradiens.data.table import Table


def adult() -> Table:
    """Whether a person earns above 50,000 dollars: 32,561 rows, 6 numbers and 8 categories, target `income`.

    The training file of Kohavi and Becker (1996); UCI repository, CC BY 4.0. Its column fnlwgt is a sampling weight.

    Book: 1.6.
    """
    columns = (
        "age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship",
        "race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "income",
    )  # fmt: skip
    sha256 = "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d"
    return from_file("adult", Remote("adult", "adult-train.csv", sha256), "income", columns)
