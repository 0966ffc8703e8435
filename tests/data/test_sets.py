"""The data sets of the catalogue against their published facts."""

from __future__ import annotations

import numpy as np
import pytest

from gradiens.core.catalogue import members
from gradiens.core.check import Failure, Mistake
from gradiens.data.load import load
from gradiens.data.prepare import prepare

TABLES = {
    "iris": (150, 5, "species", {"setosa": 50, "versicolor": 50, "virginica": 50}),
    "wine": (178, 14, "cultivar", {"1": 59, "2": 71, "3": 48}),
    "breast_cancer": (569, 31, "diagnosis", {"benign": 357, "malignant": 212}),
    "diabetes": (442, 11, "progression", None),
}
FILES = {
    "four_class_toy": (17, 3, "label", {"0": 4, "1": 5, "2": 4, "3": 4}),
    "planar_solar": (400, 3, "label", {"0": 200, "1": 200}),
    "precipitation_presence": (38, 2, "presence", {"0": 19, "1": 19}),
    "housing": (506, 14, "medv", None),
    "california_housing": (20640, 10, "median_house_value", None),
    "adult": (32561, 15, "income", {"<=50K": 24720, ">50K": 7841}),
}


def check(name, rows, columns, target, classes):
    table = load(name)
    assert table.frame.shape == (rows, columns) and table.target == target and table.name == name
    prepared = prepare(table)
    assert prepared.card["target"].get("classes") == classes and len(table.sha256) == 64
    assert (prepared.task == "number") is (classes is None)


@pytest.mark.parametrize("name", TABLES)
def test_bundled_tables(name):
    check(name, *TABLES[name])


@pytest.mark.parametrize("name", FILES)
def test_tables_from_files(name, data_folder):
    check(name, *FILES[name])


def test_breast_cancer_labels_the_large_tumours_malignant():
    table = load("breast_cancer").frame
    means = table.group_by("diagnosis").mean().sort("diagnosis")["mean_area"].to_list()
    np.testing.assert_allclose(means, [462.790196, 978.376415], rtol=1e-6)


def test_california_has_its_gaps_and_adult_its_names(data_folder):
    assert load("california_housing").frame["total_bedrooms"].null_count() == 207
    adult = load("adult").frame
    assert adult["native_country"].null_count() == 583 and adult["age"].mean() == pytest.approx(38.5816, abs=1e-4)


def test_digits():
    source = load("digits")
    assert source.pixels.shape == (1797, 8, 8) and source.maximum == source.pixels.max() == 16
    assert np.bincount(source.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_mnist(data_folder):
    source = load("mnist")
    assert source.pixels.shape == (60000, 28, 28) and source.test_pixels.shape == (10000, 28, 28)
    assert np.bincount(source.labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(source.test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    used = source.pixels[source.pixels > 0]
    assert used.mean() / 255 == pytest.approx(0.6833624860, abs=1e-10)
    assert prepare(source).test.x is source.test_pixels


def test_fashion_mnist(data_folder):
    source = load("fashion-mnist")
    assert (
        np.bincount(source.labels).tolist() == [6000] * 10 and np.bincount(source.test_labels).tolist() == [1000] * 10
    )
    assert source.classes[9] == "Ankle boot" and source.pixels.mean() / 255 == pytest.approx(0.2860, abs=1e-4)


def test_offline_without_the_files(monkeypatch, tmp_path):
    monkeypatch.delenv("GRADIENS_DATA", raising=False)
    monkeypatch.setenv("GRADIENS_CACHE", str(tmp_path))
    with pytest.raises(Failure, match=f"put four_class_toy.csv .*sha256.* into {tmp_path / 'book'}"):
        load("four_class_toy")


def test_every_set_says_what_it_is():
    assert len(members("data set")) >= 10
    for entry in members("data set").values():
        assert entry.book and entry.says and entry.what.__doc__.count("\n\n") >= 2


def test_neither_file_nor_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prices.csv").write_text("a,b\n1,2\n3,4\n")
    assert load("prices.csv").frame.shape == (2, 2) and load("prices.csv").target == ""
    with pytest.raises(Mistake, match="data set, got 'mnits'; did you mean 'mnist'"):
        load("mnits")
    with pytest.raises(Mistake, match=r"did you mean 'prices\.csv'"):
        load("price.csv")
    with pytest.raises(Mistake, match="data sets: adult"):
        load("zzzzzzzz")
    (tmp_path / "folder").mkdir()
    with pytest.raises(Mistake, match="got folder without pictures and no sub-folder"):
        load("folder")
    (tmp_path / "folder/prices.csv").write_text("a,b\n1,2\n3,4\n")
    with pytest.raises(Mistake, match=r"got the folder folder; give one of its files: prices\.csv"):
        load("folder")
