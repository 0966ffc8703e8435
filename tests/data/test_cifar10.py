"""The part of CIFAR-10 with some classes: the images that the whole has, in its order."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Mistake
from gradiens.data.sets.cifar10 import CLASSES, cifar10_labels, cifar10_of, cifar10_test


def test_a_part_is_the_whole_without_the_rest(data_folder):
    part = cifar10_of((9, 0), 20, 12)
    pixels, labels = cifar10_test(100)
    mine = np.isin(labels, (0, 9))
    np.testing.assert_array_equal(part.test_pixels, pixels[mine][:12])
    np.testing.assert_array_equal(part.test_labels, np.where(labels == 9, 0, 1)[mine][:12])
    train = cifar10_labels()[0]
    np.testing.assert_array_equal(part.labels, np.where(train == 9, 0, 1)[np.isin(train, (0, 9))][:20])
    assert part.pixels.shape == (20, 32, 32, 3) and part.classes == (CLASSES[9], CLASSES[0])


@pytest.mark.parametrize(
    ("classes", "count", "says"),
    [((0, 10), 5, "between 0 and 9"), ((3, 3), 5, "different classes"), ((0,), 0, "between 1 and 5,000 images")],
)
def test_bad_input(data_folder, classes, count, says):
    with pytest.raises(Mistake, match=says):
        cifar10_of(classes, count, 5)
