"""MNIST."""

from __future__ import annotations

from gradiens.data.idx_set import idx_set
from gradiens.data.images import Images


def mnist() -> Images:
    """Handwritten digits, 28 × 28 pixels: 60,000 training and 10,000 test images, ten classes.

    LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist, CC BY-SA 3.0.

    Book: 1.1, 1.6, 2.3, 2.8, 3.3, 3.5.
    """
    sums = (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    )
    return idx_set("mnist", "https://storage.googleapis.com/cvdf-datasets/mnist/", sums, tuple("0123456789"))
