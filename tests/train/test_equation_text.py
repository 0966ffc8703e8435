"""The text of an equation: itself or a file, and the options that say the same twice."""

from __future__ import annotations

import pytest

from gradiens.core.check import Mistake
from gradiens.train.equation_text import text_of
from gradiens.train.spec import make_spec

TEXT = "ŷ = softmax(W x + b)"


def test_a_name_of_a_file_is_its_content_and_a_text_is_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("model.eq", "model", "a b.txt"):
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
        assert text_of(name) == TEXT
        assert text_of(str(tmp_path / name)) == TEXT
    assert text_of(TEXT) == TEXT
    assert text_of(TEXT * 4000) == TEXT * 4000
    assert text_of("a\0b") == "a\0b"


def test_a_file_that_is_missing_or_not_text_is_said(tmp_path):
    with pytest.raises(Mistake, match="no such file"):
        text_of(str(tmp_path / "no.eq"))
    (tmp_path / "bytes.eq").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Mistake, match="UTF-8"):
        text_of(str(tmp_path / "bytes.eq"))
    (tmp_path / "folder.eq").mkdir()
    with pytest.raises(Mistake, match="directory"):
        text_of(str(tmp_path / "folder.eq"))


SAID_TWICE = {
    "hidden": ({"equation": TEXT, "hidden": (8,)}, "--hidden"),
    "activation": ({"equation": TEXT, "activation": "tanh"}, "--activation"),
    "loss": ({"equation": TEXT + "\nC = -log ŷ_y", "loss": "squared"}, "--loss"),
}


@pytest.mark.parametrize("name", SAID_TWICE)
def test_what_is_said_twice_is_refused(name):
    given, word = SAID_TWICE[name]
    with pytest.raises(Mistake, match=word):
        make_spec(data="iris", **given)
    given.pop(name)
    assert make_spec(data="iris", **given).equation


def test_a_text_that_cannot_be_read_is_refused_with_its_place_before_any_data():
    with pytest.raises(Mistake, match=r"line 1, column \d+") as caught:
        make_spec(data="no such data", equation="ŷ = softmax(W x + b")
    assert "^" in str(caught.value)
