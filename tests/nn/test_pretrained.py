"""Networks trained elsewhere: they see what is on the pictures, however large these are; a missing file says where it belongs."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.check import Failure, Mistake
from gradiens.data.pictures import resize
from gradiens.data.sets.cifar10 import cifar10_labels, cifar10_test
from gradiens.nn.pretrained import pretrained


def test_it_sees_what_is_on_the_pictures(data_folder):
    """On lossy copies of the test images about 0.81 is right (0.9173 on the published ones); chance is 0.1."""
    network = pretrained("resnet20_cifar10")
    pixels, labels = cifar10_test(200)
    p = network.probabilities(list(pixels))
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    assert np.mean(p.argmax(axis=1) == labels) > 0.7
    large = network.probabilities([resize(one, 64) for one in pixels[:20]])
    assert np.mean(large.argmax(axis=1) == labels[:20]) > 0.5


def test_the_input_is_normalised_by_hand(data_folder):
    network = pretrained("resnet20_cifar10")
    grey = np.full((40, 50, 3), 51, np.uint8)
    x = network.input([grey])
    assert x.shape == (1, 3, 32, 32)
    np.testing.assert_allclose(
        x[0, :, 3, 4], [(0.2 - 0.485) / 0.229, (0.2 - 0.456) / 0.224, (0.2 - 0.406) / 0.225], rtol=1e-5
    )


def test_counts_of_cifar_10(data_folder):
    train, test = cifar10_labels()
    assert np.bincount(train).tolist() == [5000] * 10 and np.bincount(test).tolist() == [1000] * 10


def test_a_name_that_is_none():
    with pytest.raises(Mistake, match="resnet20_cifar10"):
        pretrained("resnet20_cifar")


def test_missing_weights_say_where_they_belong(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIENS_DATA", str(tmp_path))
    monkeypatch.setenv("GRADIENS_CACHE", str(tmp_path))
    with pytest.raises(Failure, match=r"put resnet20_cifar10\.npz"):
        pretrained("resnet20_cifar10")
