from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from gradiens.cli.app import run


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def gradiens(capsys, tmp_path, monkeypatch):
    """The command line in this process, in an empty folder, with a cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADIENS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("gradiens.cli.output.start", lambda *_: None)  # the suite keeps its own JAX settings

    def call(*words: Any) -> Said:
        capsys.readouterr()
        code = run([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture
def table(tmp_path):
    """A table with numbers, a category, gaps, a class target and a number target."""
    rows = ["age,city,income,bought"]
    for i in range(120):
        city = ("Rome", "Oslo", "Lima")[i % 3]
        income = "" if i % 17 == 0 else str(1000 + 37 * (i % 29))
        rows.append(f"{20 + i % 50},{city},{income},{'yes' if (i % 50) + 7 * (i % 3) > 28 else 'no'}")
    path = tmp_path / "shop.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
