"""From a source to parts: what is decided and said, nothing learnt from rows that are not for training, bad targets."""

from __future__ import annotations

import datetime
import json

import numpy as np
import polars as pl
import pytest

from gradiens.core.check import Mistake
from gradiens.data.images import Images
from gradiens.data.prepare import Row, prepare
from gradiens.data.split import split
from gradiens.data.table import Table, read_table

N = 120


def mixed(rng, n=N):
    """Every kind of column, with gaps."""
    number = rng.normal(5, 2, n)
    number[::7] = np.nan
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(int(d)) for d in rng.integers(0, 99, n)]
    columns = {
        "number": pl.Series(number).fill_nan(None),
        "flag": rng.random(n) < 0.5,
        "day": days,
        "colour": rng.choice(["red", "green", None], n),
        "town": [f"town {i % 40}" for i in rng.permutation(n)],
        "name": [f"person {i}" for i in range(n)],
        "same": ["x"] * n,
        "y": rng.choice(["yes", "no"], n),
        "price": rng.normal(100, 10, n),
    }
    return Table(pl.DataFrame(columns), "mixed")


@pytest.fixture
def table():
    return mixed(np.random.default_rng(0))


def small(**columns):
    return Table(pl.DataFrame(columns), "small")


def test_parts_have_the_promised_form(table):
    prepared = prepare(table, "y")
    assert (prepared.task, prepared.classes, prepared.target) == ("binary", ("no", "yes"), "y")
    for part, rows in ((prepared.train, 84), (prepared.val, 18), (prepared.test, 18)):
        assert isinstance(part.x, Row) and len(part) == rows
        assert part.x.numbers.shape == (rows, prepared.preprocessing.n_features) and part.x.numbers.dtype == np.float32
        assert part.x.codes.shape == (rows, 1) and part.x.codes.dtype == np.int32
        assert part.y.dtype == np.int32
    assert prepared.preprocessing.levels == (len(prepared.preprocessing.columns[4].levels) + 1,)
    names = ("number", "number missing", "flag", "day", "colour=green", "colour=red", "colour=other", "price")
    assert prepared.preprocessing.feature_names == names
    assert np.abs(prepared.train.x.numbers[:, [2, 3, 7]].mean(0)).max() < 1e-6
    np.testing.assert_allclose(prepared.train.x.numbers[:, [2, 3, 7]].std(0), 1, rtol=1e-6)


def test_rows_and_labels_stay_together(table):
    prepared = prepare(table, "y", seed=5)
    codes = (table.frame["y"] == "yes").to_numpy().astype(int)
    for part, index in zip((prepared.train, prepared.val, prepared.test), split(codes, "binary", 5)):
        np.testing.assert_array_equal(part.y, codes[index])
        z = part.x.numbers[:, -1] * table.frame["price"].to_numpy().std()
        np.testing.assert_allclose(np.ptp(z) > 0, True)
        order = np.argsort(table.frame["price"].to_numpy()[index])
        assert (np.diff(part.x.numbers[order, -1]) > 0).all()


@pytest.mark.parametrize("target", ["y", "price"])
def test_nothing_is_learnt_from_other_rows(table, target):
    """Change every value of every row that is not for training: the preprocessing and the training part stay."""
    before = prepare(table, target)
    goal = np.zeros(N) if target == "price" else (table.frame["y"] == "yes").to_numpy().astype(int)
    rows = split(goal, before.task, 0)[0]
    frame = mixed(np.random.default_rng(9)).frame.with_columns(
        number=pl.lit(None, pl.Float64),
        price=pl.lit(1e30),
        town=pl.lit("elsewhere"),
        colour=pl.lit("mauve"),
        same=pl.lit("z"),
    )
    keep = np.isin(np.arange(N), rows)
    pairs = zip(table.frame, frame)
    mixed_rows = pl.DataFrame([a if a.name == target == "y" else a.zip_with(pl.Series(keep), b) for a, b in pairs])
    after = prepare(Table(mixed_rows, "mixed"), target)
    assert after.card["columns"] != before.card["columns"]  # the rows did change
    assert after.preprocessing == before.preprocessing
    np.testing.assert_array_equal(after.train.x.numbers, before.train.x.numbers)
    np.testing.assert_array_equal(after.train.x.codes, before.train.x.codes)
    np.testing.assert_array_equal(after.train.y, before.train.y)
    assert not np.array_equal(after.test.x.numbers, before.test.x.numbers)


def test_decisions_are_said(table):
    card = prepare(table, "y", drop=("flag",)).card
    said = " | ".join(card["notes"])
    for part in ["levels: embedded", "'name' left out", "'same' left out", "'flag' left out", "classes: no, yes"]:
        assert part in said
    kinds = {column["name"]: column["kind"] for column in card["columns"]}
    assert (
        kinds["number"] == "number" and kinds["colour"] == "category" and kinds["name"] == kinds["flag"] == "left out"
    )
    first = card["columns"][0]
    assert len(card["columns"]) == 8 and (first["name"], first["kind"], first["missing"]) == ("number", "number", 18)
    assert json.loads(json.dumps(card)) == card
    assert card["parts"] == {"train": 84, "val": 18, "test": 18} and card["rows"] == N
    assert sum(card["target"]["classes"].values()) == N


TARGETS = [
    ([True, False] * 10, "binary", ("false", "true")),
    (["b", "a"] * 10, "binary", ("a", "b")),
    (["b", "a", "c"] * 10, "classes", ("a", "b", "c")),
    ([10, 9, 2] * 10, "classes", ("2", "9", "10")),
    ([1.0, 0.0] * 10, "binary", ("0", "1")),
    (["9", "10"] * 10, "binary", ("9", "10")),
    (list(range(20)) * 4, "classes", tuple(map(str, range(20)))),
    (list(range(21)) * 4, "number", ()),
    (list(range(12)), "number", ()),
    ([0.5, 1.5] * 10, "number", ()),
]


@pytest.mark.parametrize(("values", "task", "classes"), TARGETS)
def test_class_or_number(values, task, classes):
    prepared = prepare(small(a=np.arange(len(values)) % 7, y=values), "y")
    assert (prepared.task, prepared.classes) == (task, classes)
    decoded = prepared.preprocessing.decode_target(prepared.train.y)
    rows = split(np.asarray(prepared.preprocessing.target.encode(pl.Series("y", values))), task, 0)[0]
    if classes:
        assert list(decoded) == [
            str(int(v)) if isinstance(v, float) else str(v).lower() for v in np.array(values)[rows].tolist()
        ]
    else:
        np.testing.assert_allclose(decoded, np.array(values)[rows], rtol=1e-6, atol=1e-6)
        train = np.array(values, float)[rows]
        np.testing.assert_allclose(prepared.train.y, (train - train.mean()) / train.std(), rtol=1e-5, atol=1e-6)
        assert prepared.train.y.dtype == np.float32


def test_the_task_as_the_user_says():
    source = small(a=np.arange(40) % 7, y=[0, 1] * 20)
    assert prepare(source, "y", task="number").task == "number"
    assert prepare(source, "y", task="classes").task == "classes"
    assert prepare(source, "y", task="binary").task == "binary"
    assert prepare(small(a=np.arange(40) % 7, y=[0.5, 1.5] * 20), "y", task="classes").classes == ("0.5", "1.5")


BAD = [
    ({"y": ["a"] * 9}, {}, "at least two values, got 'a' in every row"),
    ({"y": [2.5] * 9}, {}, "at least two values, got 2.5 in every row"),
    ({"y": ["a", None, None] * 3}, {}, "target 'y' in every row, got 6 missing, the first in row 2"),
    ({"y": [1.5, float("nan"), 2.5] * 3}, {}, "3 missing, the first in row 2"),
    ({"y": [1.5, 2.5, float("inf")] * 3}, {}, "finite numbers in column 'y', got inf in row 3"),
    ({"y": [f"t{i}" for i in range(9)]}, {}, "a different text in every row"),
    ({"y": [datetime.date(2024, 1, i + 1) for i in range(9)]}, {}, "dates in 'y'"),
    ({"y": ["a", "b", "c"] * 3}, {"task": "number"}, "numbers in the target 'y', got text such as 'a'"),
    ({"y": ["a", "b", "c"] * 3}, {"task": "binary"}, "two classes in the target 'y', got 3"),
    ({"y": ["a", "b", "c"] * 3}, {"task": "regression"}, "known task"),
    ({"y": ["a", "b", "c"] * 3}, {"target": "Y1"}, "did you mean 'y'"),
    ({"y": ["a", "b", "c"] * 3}, {"target": ""}, "a target, got none; name one of the columns: --target 'y'"),
    ({"y": ["a", "b", "c"] * 3}, {"drop": ("aa",)}, "did you mean 'a'"),
    ({"y": ["a", "b", "c"] * 3}, {"drop": ("y",)}, "known column"),
    ({"y": ["a", "b", "c"] * 3}, {"drop": ("a",)}, "at least one column to learn from"),
    ({"y": ["a", "b", "c"] * 3, "e": [None] * 9}, {}, "column 'e', which is all missing; leave it out: --drop 'e'"),
    ({"y": ["a", "b", "c"] * 3, "e": [float("nan")] * 9}, {}, "column 'e', which is all missing"),
    ({"y": ["a", "b", "c"] * 3, "e": [1.0] * 8 + [-float("inf")]}, {}, "column 'e', got -inf in row 9"),
    ({"y": ["a", "b", "c"] * 3, "e": [[1]] * 9}, {}, "List(Int64) in column 'e'; leave it out"),
    ({"y": ["a", "b", "c"] * 3}, {"seed": -1}, "seed of at least 0"),
    ({"y": ["a", "b", "c"] * 3}, {"fractions": (0.5, 0.6, 0.1)}, "three fractions"),
]


@pytest.mark.parametrize(("columns", "options", "says"), BAD, ids=[says for *_, says in BAD])
def test_bad_input_is_one_line(columns, options, says):
    source = small(a=np.arange(9) % 4, **columns)
    with pytest.raises(Mistake) as error:
        prepare(source, **{"target": "y", **options})
    assert says in str(error.value) and "\n" not in str(error.value)


def test_one_class_for_training_is_said_before_training():
    pictures = Images(
        "x", np.arange(12, dtype=np.uint8).reshape(3, 2, 2), np.arange(3, dtype=np.int32), ("a", "b", "c")
    )
    for source, target in ((pictures, ""), (small(a=[1, 2, 3], y=["u", "v", "u"]), "y")):
        with pytest.raises(
            Mistake, match=r"classes among the training rows, got '.' alone in 1; add rows, or lower --val and --test"
        ):
            prepare(source, target)


def test_two_rows_are_too_few():
    with pytest.raises(Mistake, match="at least 3 rows"):
        prepare(small(a=[1, 2], y=[1.5, 2.5]), "y")


@pytest.mark.parametrize("name", ["*", "^a", "a$", "", " ", "[a]", "ü"])
def test_names_are_no_patterns(tmp_path, name):
    columns = {"a": np.arange(30) % 4, name: [1.5, None, float("nan")] * 10, "y": ["u", "v"] * 15}
    prepared = prepare(small(**columns), "y")
    assert prepared.preprocessing.feature_names == ("a", name, f"{name} missing")
    assert prepare(small(**columns), "y", drop=(name,)).preprocessing.feature_names == ("a",)
    pl.DataFrame(columns).write_parquet(tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet").frame.columns == ["a", name, "y"]


def test_a_name_like_a_pattern_is_refused(tmp_path):
    with pytest.raises(Mistake, match=r"no patterns .*, got '\^a\$'; rename the column"):
        prepare(small(**{"^a$": [1, 2, 3, 4], "y": [0.5, 1.5, 2.5, 3.5]}), "y")
    (tmp_path / "t.csv").write_text("^a$,y\n1,2\n3,4\n")
    with pytest.raises(Mistake, match="no patterns"):
        read_table(tmp_path / "t.csv")


def test_dropping_mends_a_missing_column():
    prepared = prepare(small(a=np.arange(9) % 4, e=[None] * 9, y=["a", "b", "c"] * 3), "y", drop=("e",))
    assert prepared.preprocessing.feature_names == ("a",)


def test_a_rare_class_is_said_and_does_no_harm():
    prepared = prepare(small(a=np.arange(41) % 5, y=["u"] * 20 + ["v"] * 20 + ["w"]), "y")
    assert any("fewer than 3 rows" in note and "w" in note for note in prepared.card["notes"])
    assert 2 in prepared.train.y


def test_unseen_levels_in_other_parts_are_said():
    frame = pl.DataFrame({"c": ["a", "b"] * 30, "y": np.arange(60) * 0.5})
    test_row = int(split(np.zeros(60), "number", 0)[2][0])
    colours = frame["c"].to_list()
    colours[test_row] = "zzz"
    prepared = prepare(Table(frame.with_columns(c=pl.Series(colours)), "t"), "y")
    assert any(note.startswith("test rows: column 'c': 1 value") for note in prepared.card["notes"])


def test_new_levels_in_another_part_may_be_numbers():
    rows = split(np.zeros(60), "number", 0)
    colours = np.array(["a", "b"] * 30, dtype=object)
    colours[rows[1]] = "7"
    prepared = prepare(small(c=colours.tolist(), y=np.arange(60) * 0.5), "y")
    assert (prepared.val.x[:, -1] == 1).all() and (prepared.train.x[:, -1] == 0).all()


def images(test=False, classes=10, shape=(8, 8)):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 17, (100, *shape), dtype=np.uint8)
    labels = rng.permutation(np.arange(100) % classes).astype(np.uint8)
    official = (pixels[:30] + 1, labels[:30]) if test else (None, None)
    return Images("small", pixels, labels, tuple(map(str, range(classes))), *official, maximum=17)


def test_images_stay_bytes_and_are_split():
    prepared = prepare(images())
    assert prepared.train.x.dtype == np.uint8 and prepared.train.x.shape == (70, 8, 8)
    assert prepared.task == "classes" and prepared.train.y.dtype == np.int32
    assert prepared.preprocessing.n_features == 64 and prepared.preprocessing.levels == ()


def test_official_test_images_are_kept():
    source = images(test=True)
    prepared = prepare(source)
    assert prepared.test.x is source.test_pixels and len(prepared.test) == 30
    assert (len(prepared.train), len(prepared.val)) == (82, 18)
    both = np.concatenate([prepared.train.x, prepared.val.x]).reshape(100, -1)
    assert sorted(map(bytes, both)) == sorted(map(bytes, source.pixels.reshape(100, -1)))
    assert any("official test images" in note for note in prepared.card["notes"])
    assert not np.array_equal(prepare(source, seed=1).val.x, prepared.val.x)


def test_images_of_two_classes_and_mistakes():
    assert prepare(images(classes=2)).task == "binary"
    assert prepare(images(classes=2), task="classes").task == "classes"
    with pytest.raises(Mistake, match="did you mean 'label'"):
        prepare(images(), "labels")
    with pytest.raises(Mistake, match="columns to drop"):
        prepare(images(), drop=("a",))
    with pytest.raises(Mistake, match="number"):
        prepare(images(), task="number")


def test_adult_without_a_header(data_folder):
    prepared = prepare(read_table(data_folder / "adult" / "adult-train.csv"), "x15")
    assert prepared.task == "binary" and prepared.classes == ("<=50K", ">50K")
    assert prepared.card["target"]["classes"] == {"<=50K": 24720, ">50K": 7841}
    assert prepared.train.x.numbers.shape == (22793, 71) and prepared.preprocessing.levels == (42,)
    assert "columns are named x1 to x15" in prepared.card["notes"][0]
