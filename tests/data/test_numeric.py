"""The numbers of a table as one matrix."""

from __future__ import annotations

import pytest

from gradiens.core.check import Mistake
from gradiens.data.numeric import numeric
from gradiens.data.sets.iris import iris
from gradiens.data.table import read_table


def test_booleans_are_numbers_and_rows_with_gaps_are_left_out(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("a,b\n1,true\n2,false\n,true\n", encoding="utf-8")
    found = numeric(read_table(file))
    assert found.x.tolist() == [[1, 1], [2, 0]] and found.rows.tolist() == [0, 1]
    assert found.notes == ("1 row left out: a value is missing",)
    file.write_text("a,b\n1,2\n,3\n4,\n", encoding="utf-8")
    with pytest.raises(Mistake, match="at least two rows without gaps, got 1"):
        numeric(read_table(file))


def test_text_is_left_out_and_columns_can_be_dropped():
    found = numeric(iris(), ("sepal_length",))
    assert found.names == ("sepal_width", "petal_length", "petal_width") and found.x.shape == (150, 3)
    assert found.notes == ("columns left out, no numbers: species",)
    with pytest.raises(Mistake, match="did you mean 'sepal_length'"):
        numeric(iris(), ("sepal_lenght",))
