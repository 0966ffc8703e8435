"""The Wisconsin diagnostic data."""

from __future__ import annotations

from gradiens.data.bundled import bundled
from gradiens.data.table import Table


def breast_cancer() -> Table:
    """Breast tumours by the shape of their cell nuclei: 569 rows, 30 numbers, target `diagnosis` (malignant or benign).

    Wolberg, Street and Mangasarian (1995); UCI repository, CC BY 4.0; bundled with scikit-learn.

    Book: 2.2, 2.3, 3.1, 3.2.
    """
    return bundled("breast_cancer", "load_breast_cancer", "diagnosis", classes=("malignant", "benign"))
