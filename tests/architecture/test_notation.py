"""NOTATION.md says what the code says."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
from pathlib import Path

import pytest

LETTERS = (Path(__file__).parents[2] / "NOTATION.md").read_text("utf-8").split("## The language")[0]
ROWS = re.findall(r"^\| ([^|]+) \| `([^`]+)` \|", LETTERS, re.MULTILINE)


def test_the_table_is_there():
    assert len(ROWS) > 20


@pytest.mark.parametrize(("paper", "code"), ROWS, ids=[code for _, code in ROWS])
def test_the_name_in_code_exists(paper, code):
    *path, last = code.split(".")
    what = importlib.import_module("gradiens")
    for depth, name in enumerate(path, 1):
        if inspect.ismodule(what) and not hasattr(what, name):
            importlib.import_module(".".join(("gradiens", *path[:depth])))
        what = getattr(what, name)
    if inspect.isclass(what):
        fields = {f.name for f in dataclasses.fields(what)} if dataclasses.is_dataclass(what) else set(what._fields)
        assert last in fields, (paper, code)
    else:
        assert last in inspect.signature(what).parameters, (paper, code)
