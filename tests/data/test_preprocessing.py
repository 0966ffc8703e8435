"""New data for a trained model: what is ignored, counted or refused; JSON; features inside a compiled program."""

from __future__ import annotations

import gzip
import json

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest
from PIL import Image

from gradiens.core.check import Mistake
from gradiens.data.image_input import channel_moments
from gradiens.data.images import Images
from gradiens.data.prepare import Row, prepare
from gradiens.data.preprocessing import preprocessing_from_dict
from gradiens.data.table import Table, read_table

N = 60


def source():
    rng = np.random.default_rng(0)
    columns = {
        "age": rng.integers(18, 90, N),
        "flag": [True, False] * (N // 2),
        "colour": rng.choice(["red", "green", "blue"], N),
        "town": [f"town {i % 35}" for i in range(N)] + [],
        "y": rng.choice(["a", "b", "c"], N),
    }
    return Table(pl.concat([pl.DataFrame(columns)] * 3), "t")


@pytest.fixture(scope="module")
def prepared():
    return prepare(source(), "y")


@pytest.fixture
def new():
    rows = {"age": [30, 40], "flag": [True, False], "colour": ["red", "blue"], "town": ["town 1", "town 2"]}
    return pl.DataFrame(rows)


def test_json_round_trip_is_exact(prepared):
    for one in (prepared, prepare(source(), "age"), prepare(images())):
        d = one.preprocessing.to_dict()
        again = preprocessing_from_dict(json.loads(json.dumps(d)))
        assert again == one.preprocessing and again.to_dict() == d
    x = prepared.preprocessing.encode(source()).x
    again = preprocessing_from_dict(json.loads(json.dumps(prepared.preprocessing.to_dict()))).encode(source()).x
    assert all(np.array_equal(a, b) for a, b in zip(x, again))


@pytest.mark.parametrize("cut", ["kind", "columns", "target", "header", "left_out"])
def test_a_damaged_dict_is_a_mistake(prepared, cut):
    d = prepared.preprocessing.to_dict()
    del d[cut]
    with pytest.raises(Mistake, match="preprocessing of a Gradiens model"):
        preprocessing_from_dict(d)


def test_clean_rows_need_no_note(prepared, new):
    encoded = prepared.preprocessing.encode(new)
    assert encoded.notes == () and encoded.unseen == {}
    assert prepared.preprocessing.encode(new.with_columns(y=pl.lit("a"))).notes == ()


def test_unseen_categories_are_counted_at_their_own_level(prepared, new):
    strange = new.with_columns(colour=pl.Series(["mauve", None]), town=pl.Series(["Oz", "town 2"]))
    encoded = prepared.preprocessing.encode(strange)
    assert encoded.unseen == {"colour": 1, "town": 1}
    assert any("'colour': 1 value" in note for note in encoded.notes)
    assert encoded.x.numbers[:, -4:].tolist() == [[0, 0, 0, 1]] * 2
    assert encoded.x.codes[0, 0] == 0 and encoded.x.codes[1, 0] > 0


def test_missing_numbers_become_the_median(prepared, new):
    column = prepared.preprocessing.columns[0]
    x = prepared.preprocessing.encode(new.with_columns(age=pl.Series([None, float("nan")]))).x.numbers
    np.testing.assert_allclose(x[:, 0], (column.median - column.mean) / column.std, rtol=1e-6)


def test_extra_columns_are_ignored_with_a_note(prepared, new):
    encoded = prepared.preprocessing.encode(new.select("town", pl.lit(1).alias("extra"), "colour", "flag", "age"))
    assert encoded.notes == ("columns ignored, unknown in training: extra",)
    assert all(np.array_equal(a, b) for a, b in zip(encoded.x, prepared.preprocessing.encode(new).x))


REFUSED = [
    (lambda f: f.drop("town"), "no column 'town'; the data has age, flag, colour"),
    (lambda f: f.rename({"colour": "Colours"}), "no column 'colour'; did you mean to rename 'Colours'"),
    (lambda f: f.with_columns(age=pl.Series(["30", "old"])), "numbers in column 'age', got 'old' in row 2"),
    (lambda f: f.with_columns(age=pl.Series([1.0, float("inf")])), "finite numbers in column 'age', got inf in row 2"),
    (lambda f: f.with_columns(flag=pl.Series(["yes", "no"])), "true or false in column 'flag', got 'yes' in row 1"),
    (
        lambda f: f.with_columns(colour=pl.Series([1.5, 2.5])),
        "text such as 'blue' in column 'colour', got numbers such as 1.5",
    ),
    (
        lambda f: f.with_columns(town=pl.Series(["1", "2"])),
        "text such as 'town 0' in column 'town', got numbers such as 1",
    ),
    (lambda f: f.with_columns(age=pl.Series([[1], [2]])), "values of type List"),
    (lambda f: f.with_columns(colour=pl.Series([[1], [2]])), "text in column 'colour', got values of type List"),
]


@pytest.mark.parametrize(("change", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_missing_columns_and_other_types_are_mistakes(prepared, new, change, says):
    with pytest.raises(Mistake) as error:
        prepared.preprocessing.encode(change(new))
    assert says in str(error.value) and "\n" not in str(error.value)


def test_the_training_file_read_as_written_gives_the_same_rows(prepared, tmp_path):
    """Types of a new file do not depend on its values: text as written, parsed by the kinds of training."""
    path = tmp_path / "t.csv"
    source().frame.write_csv(path)
    fresh = prepare(read_table(path), "y").preprocessing
    assert fresh == prepared.preprocessing
    for rows in (slice(None), slice(0, 1)):
        source().frame[rows].write_csv(path)
        expected, got = fresh.encode(source().frame[rows]).x, fresh.encode(fresh.read(path)).x
        assert all(np.array_equal(a, b) for a, b in zip(expected, got))


def test_new_rows_of_a_file_without_a_header(tmp_path):
    (tmp_path / "train.csv").write_text("".join(f"{i % 7},{'uv'[i % 2]},{i * 0.5}\n" for i in range(40)))
    (tmp_path / "new.csv").write_text("3,u\n")
    preprocessing = prepare(read_table(tmp_path / "train.csv"), "x3").preprocessing
    assert preprocessing.encode(preprocessing.read(tmp_path / "new.csv")).x.shape == (1, 4)


def test_codes_that_look_like_numbers_keep_their_zeros(tmp_path):
    (tmp_path / "train.csv").write_text(
        "code,y\n" + "".join(f"{c},{i}.5\n" for i, c in enumerate(["007", "x", "08"] * 9))
    )
    (tmp_path / "new.csv").write_text("code\n007\n08\n")
    preprocessing = prepare(read_table(tmp_path / "train.csv"), "y").preprocessing
    encoded = preprocessing.encode(preprocessing.read(tmp_path / "new.csv"))
    assert encoded.unseen == {} and encoded.x.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0]]


def test_new_targets(prepared):
    target = prepared.preprocessing.target
    assert target.encode(pl.Series("y", ["c", "a"])).tolist() == [2, 0]
    with pytest.raises(Mistake, match="classes of 'y' seen in training, got 'd' in row 2"):
        target.encode(pl.Series("y", ["c", "d"]))
    number = prepare(source(), "age").preprocessing.target
    np.testing.assert_allclose(number.decode(number.encode(pl.Series("age", ["30", "-5"]))), [30, -5], rtol=1e-5)
    words = prepare(Table(pl.DataFrame({"a": np.arange(30) % 4, "y": ["True", "maybe"] * 15}), "w"), "y")
    assert words.preprocessing.target.encode(pl.Series("y", ["True"])).tolist() == [0]


def test_features_of_a_table_are_its_numbers(prepared, new):
    preprocessing, x = prepared.preprocessing, prepared.preprocessing.encode(new).x
    out = jax.jit(jax.vmap(preprocessing.features))(x)
    assert isinstance(out, Row) and out.numbers.dtype == jnp.float32 and out.codes.dtype == jnp.int32
    assert all(np.array_equal(a, b) for a, b in zip(out, x))


def test_features_follow_double_precision(prepared, new, x64):
    x = prepared.preprocessing.encode(new).x
    assert jax.vmap(prepared.preprocessing.features)(x).numbers.dtype == jnp.float64
    one = prepare(images())
    np.testing.assert_array_equal(jax.vmap(one.preprocessing.features)(one.val.x), one.val.x.reshape(15, -1) / 16)


def images(colours=()):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 17, (100, 4, 5, *colours), dtype=np.uint8)
    return Images("small", pixels, np.arange(100, dtype=np.uint8) % 3, ("a", "b", "c"), maximum=16)


@pytest.mark.parametrize("colours", [(), (3,)])
def test_features_of_images_are_pixels_from_0_to_1(colours):
    one = prepare(images(colours))
    out = jax.jit(jax.vmap(one.preprocessing.features))(one.val.x)
    assert out.dtype == jnp.float32 and out.shape == (15, one.preprocessing.n_features)
    np.testing.assert_array_equal(out, one.val.x.reshape(15, -1).astype(np.float32) / np.float32(16))
    assert out.max() == 1 and len(one.preprocessing.feature_names) == one.preprocessing.n_features


@pytest.mark.parametrize("colours", [(), (3,)])
def test_maps_are_channels_first_and_standardised_by_the_training_images(colours, x64):
    one = prepare(images(colours))
    preprocessing = one.preprocessing.as_maps(one.train.x)
    assert preprocessing.input_shape == (len(colours) * 2 + 1, 4, 5)
    assert preprocessing_from_dict(json.loads(json.dumps(preprocessing.to_dict()))) == preprocessing
    out = np.asarray(jax.vmap(preprocessing.features)(one.train.x))
    want = one.train.x.reshape(len(out), 4, 5, -1) / 16  # NumPy's own mean and std, over all but the channels
    want = (want - want.mean((0, 1, 2))) / want.std((0, 1, 2))
    np.testing.assert_allclose(out, want.transpose(0, 3, 1, 2), rtol=1e-10, atol=1e-12)


def test_a_channel_of_one_value_is_not_divided_by_nothing():
    pixels = np.full((5, 2, 2, 3), 51, np.uint8)
    pixels[0, 0, 0, 2] = 255
    mean, std = channel_moments(pixels, 255)
    np.testing.assert_allclose(mean[:2], 0.2)
    assert std[:2] == (1.0, 1.0) and std[2] == pytest.approx(0.8 * np.sqrt(1 / 20 * 19 / 20))


def test_new_images_are_checked(tmp_path):
    preprocessing = prepare(images()).preprocessing
    good = images().pixels
    assert preprocessing.encode(good).x is good and preprocessing.encode(images()).x.shape == (100, 4, 5)
    for bad, says in [
        (good[:, :3], r"shape \(4, 5\), got uint8 of shape \(3, 5\)"),
        (good.astype(float), "got float64"),
        (good + 1, "pixels from 0 to 16, got the value 17"),
    ]:
        with pytest.raises(Mistake, match=says):
            preprocessing.encode(bad)
    (tmp_path / "new.gz").write_bytes(gzip.compress(b"\0\0\x08\x03\0\0\0\x64\0\0\0\x04\0\0\0\x05" + good.tobytes()))
    np.testing.assert_array_equal(preprocessing.encode(preprocessing.read(tmp_path / "new.gz")).x, good)
    with pytest.raises(Mistake, match="images, got the table"):
        preprocessing.read("iris")


def test_new_pictures_are_brought_to_the_form_of_the_training(tmp_path):
    rng = np.random.default_rng(1)
    big = rng.integers(0, 256, (8, 10, 3), dtype=np.uint8)
    (tmp_path / "a").mkdir()
    for name in ("b.png", "a/c.png"):
        Image.fromarray(big).save(tmp_path / name)
    (tmp_path / "a/d.png").write_text("no picture")
    grey, colour = prepare(images()).preprocessing, prepare(images((3,))).preprocessing
    got = grey.encode(grey.read(tmp_path))
    assert got.x.shape == (2, 4, 5) and got.x.max() <= 16 and got.names == ("a/c.png", "b.png")
    assert any("a/d.png (no picture)" in note for note in got.notes)
    want = np.asarray(Image.fromarray(big).resize((5, 4), Image.Resampling.BILINEAR)) * (16 / 255)
    for data in (tmp_path / "b.png", str(tmp_path / "b.png")):
        np.testing.assert_array_equal(colour.encode(colour.read(data)).x[0], np.rint(want))
    by_list = colour.encode([tmp_path / "b.png", str(tmp_path / "a/c.png")])
    np.testing.assert_array_equal(by_list.x[0], np.rint(want))
    for bad, says in [([], "a list of paths"), ([1], "a list of paths"), ([tmp_path / "a/d.png"], "no picture")]:
        with pytest.raises(Mistake, match=says):
            colour.encode(bad)
    np.savez(tmp_path / "n.npz", x=images().pixels[:3])
    np.testing.assert_array_equal(grey.encode(grey.read(tmp_path / "n.npz")).x, images().pixels[:3])
