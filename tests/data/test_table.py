"""Files read into typed columns, and every fault of a file said in one line that tells where it is."""

from __future__ import annotations

import datetime
import time

import polars as pl
import pytest

from gradiens.core.check import Mistake
from gradiens.data.table import read_table


def write(tmp_path, content, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_types_are_inferred(tmp_path):
    text = (
        "whole,decimal,flag,day,moment,month,text,mixed\n"
        "1,1,true,2024-05-31,2024-05-31 12:30,1949-01,a,1\n"
        "-2,.5,False,2024-06-01,2024-06-01T00:00:01,1949-02,2,b\n"
    )
    frame = read_table(write(tmp_path, text)).frame
    kinds = [pl.Int64, pl.Float64, pl.Boolean, pl.Date, pl.Datetime, pl.Date, pl.String, pl.String]
    assert [dtype.base_type() for dtype in frame.dtypes] == kinds
    assert frame["whole"].to_list() == [1, -2] and frame["decimal"].to_list() == [1.0, 0.5]
    assert frame["flag"].to_list() == [True, False]
    assert frame["day"].to_list() == [datetime.date(2024, 5, 31), datetime.date(2024, 6, 1)]
    assert frame["moment"].to_list()[1] == datetime.datetime(2024, 6, 1, 0, 0, 1)
    assert frame["month"].to_list()[1] == datetime.date(1949, 2, 1)


@pytest.mark.parametrize("missing", ["", "  ", "?", " ? ", "NA", "N/A", "NaN", "nan", "null", "NULL", '""'])
def test_missing_values(tmp_path, missing):
    frame = read_table(write(tmp_path, f"a,b\n1,x\n{missing},y\n3,{missing}\n")).frame
    assert frame["a"].to_list() == [1, None, 3] and frame["b"].to_list() == ["x", "y", None]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "a,b\n1,x y\n2,z\n"),
        ("t.csv", "a;b\r\n1;x y\r\n2;z\r\n"),
        ("t.csv", "a\tb\n1\tx y\n2\tz"),
        ("t.tsv", "a\tb\n1\tx y\n2\tz\n"),
        ("t.csv", '\ufeff"a", "b"\n 1 , "x y"\n\n2, z \n\n'),
    ],
)
def test_delimiter_quotes_spaces_blank_lines(tmp_path, name, text):
    assert read_table(write(tmp_path, text, name)).frame.to_dict(as_series=False) == {"a": [1, 2], "b": ["x y", "z"]}


def test_quoted_cells_hold_delimiters_and_line_ends(tmp_path):
    frame = read_table(write(tmp_path, 'a,b\n"x, ""y""\nz",1\nw,2\n')).frame
    assert frame["a"].to_list() == ['x, "y"\nz', "w"]


def test_decimal_comma_between_semicolons(tmp_path):
    table = read_table(write(tmp_path, "a;b\n1,5;x,y\n-,25;z\n3;\n"))
    assert table.frame["a"].to_list() == [1.5, -0.25, 3.0]
    assert table.frame["b"].to_list() == ["x,y", "z", None]
    assert any("'a'" in note and "decimal point" in note for note in table.notes)
    quoted = read_table(write(tmp_path, 'a,b\n"1,234",1\n"2,345",2\n'))
    assert quoted.frame["a"].to_list() == ["1,234", "2,345"]  # thousands or decimals: not guessed


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a,b\n1,2\n3,4\n", True),
        ("label,text\nham,hello\nspam,win\n", True),
        (",a\n0,5\n1,6\n", True),
        ("1,2\n3,4\n", False),
        ("5.1,setosa\n4.9,virginica\n", False),
        ("red,blue\nblue,red\nred,red\n", False),
        ("?,x\n1,y\n", False),
    ],
)
def test_header_is_detected(tmp_path, text, named):
    table = read_table(write(tmp_path, text))
    assert table.header is named
    assert table.frame.height == text.count("\n") - named
    if not named:
        assert table.frame.columns == ["x1", "x2"] and "last is x2" in table.notes[0]


def test_header_as_the_user_says(tmp_path):
    path = write(tmp_path, "2010,2011\n1,2\n3,4\n")
    assert read_table(path, header=True).frame.columns == ["2010", "2011"]
    assert read_table(path, header=False).frame.height == 3


def test_an_unnamed_first_column_is_the_index(tmp_path):
    assert read_table(write(tmp_path, ",a\n0,5\n1,6\n")).frame.columns == ["index", "a"]


def test_as_written(tmp_path):
    path = write(tmp_path, "a,b\n1.50, true \n?,x\n")
    frame = read_table(path, infer=False).frame
    assert frame.to_dict(as_series=False) == {"a": ["1.50", None], "b": ["true", "x"]}
    assert read_table(write(tmp_path, "a,b\n1,2\n"), infer=False, least=1).frame.height == 1


def test_a_column_nearly_of_numbers_is_said(tmp_path):
    table = read_table(write(tmp_path, "a\n" + "\n".join(map(str, range(30))) + "\nunknown\n"))
    assert table.frame["a"].dtype == pl.String
    assert any("'a'" in note and "'unknown'" in note for note in table.notes)


def test_parquet_is_read_with_its_types(tmp_path):
    frame = pl.DataFrame(
        {
            "x": [1.0, float("nan"), None],
            "c": pl.Series(["u", "v", None], dtype=pl.Categorical),
            "t": [" a ", "?", "b"],
            "d": [datetime.date(2024, 1, 1)] * 3,
        }
    )
    frame.write_parquet(tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert table.frame["x"].to_list() == [1.0, None, None]
    assert table.frame["c"].to_list() == ["u", "v", None] and table.frame["c"].dtype == pl.String
    assert table.frame["t"].to_list() == ["a", None, "b"]
    assert table.frame["d"].dtype == pl.Date and len(table.sha256) == 64


FAULTS = {
    "empty": ("t.csv", b"", "empty file"),
    "blank": ("t.csv", b" \n\n", "empty file"),
    "header only": ("t.csv", b"a,b\n", "no rows below its header"),
    "one row": ("t.csv", b"a,b\n1,2\n", "one row"),
    "not UTF-8": ("t.csv", b"a,b\n1,\xff\n2,3\n", "byte 6 is 0xff"),
    "UTF-16": ("t.csv", "a,b\n1,2\n".encode("utf-16"), "byte 0 is 0xff"),
    "zero byte": ("t.csv", b"a,b\n1,\0\n2,3\n", "zero byte at character 6"),
    "twice": ("t.csv", b"a,b,a\n1,2,3\n4,5,6\n", "'a' more than once"),
    "long row": ("t.csv", b"a,b\n1,2\n1,2,3\n", "3 in line 3"),
    "short row": ("t.csv", b"a,b\n\n1,2\n1\n", "1 in line 4"),
    "open quote": ("t.csv", b'a,b\n1,"2\n3,4\n', "line 3"),
    "text after quote": ("t.csv", b'a,b\n1,"2"3\n3,4\n', "line 2"),
    "unknown suffix": ("t.xlsx", b"PK", "t.xlsx"),
    "no suffix": ("t", b"a,b\n1,2\n", "expected a CSV, TSV or Parquet file"),
    "broken parquet": ("t.parquet", b"PAR1 this is none PAR1", "cannot be read"),
    "cut parquet": ("t.parquet", b"PAR1", "cannot be read"),
    "empty parquet": ("t.parquet", b"", "empty file"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_one_line(tmp_path, fault):
    name, content, says = FAULTS[fault]
    with pytest.raises(Mistake) as error:
        read_table(write(tmp_path, content, name))
    assert says in str(error.value) and "\n" not in str(error.value)


def test_no_such_file_suggests_the_nearest(tmp_path):
    write(tmp_path, "a\n1\n2\n", "houses.csv")
    with pytest.raises(Mistake, match=r"which does not exist; did you mean 'houses\.csv'\?"):
        read_table(tmp_path / "house.csv")
    with pytest.raises(Mistake, match="does not exist"):
        read_table(tmp_path / "no" / "house.csv")
    with pytest.raises(Mistake, match=r"the folder .*; give one of its files: houses\.csv"):
        read_table(tmp_path)


def test_adult_straight_from_its_source(data_folder):
    start = time.process_time()
    table = read_table(data_folder / "adult" / "adult-train.csv")
    assert time.process_time() - start < 2.0  # 0.3 s alone; the machine may be busy
    assert table.frame.shape == (32561, 15) and not table.header
    assert sum(column.null_count() for column in table.frame) == 4262
    assert [name for name, kind in table.frame.schema.items() if kind == pl.Int64] == [
        "x1",
        "x3",
        "x5",
        "x11",
        "x12",
        "x13",
    ]
    assert table.sha256 == "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d"
