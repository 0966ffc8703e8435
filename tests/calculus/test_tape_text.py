"""A tape as a table and as a drawing."""

from __future__ import annotations

import numpy as np

from gradiens.calculus.dual import Dual
from gradiens.calculus.reverse import record
from gradiens.calculus.tape_text import drawing, table


def f(x, y):
    return np.sin(x * y) + x


def test_the_table():
    lines = table(record(f, 2.0, 3.0, names=("x", "y"), output="z")).splitlines()
    assert [line.split("  ")[0] for line in lines] == ["node", "x", "y", "a1", "a2", "z"]
    bar = "\N{COMBINING MACRON}"
    assert lines[1].split() == f"x input 2 3.88051 3 · a{bar}1 + 1 · z{bar}".split()
    assert lines[4].split() == f"a2 sin a1 -0.279415 1 1 · z{bar}".split()
    assert lines[5].endswith("1, the output")
    lines = table(record(f, Dual(2.0, 1.0), Dual(3.0, 0.0))).splitlines()
    assert "tangent" in lines[0] and lines[3].split()[3:6] == ["x2", "6", "3"]


def test_the_drawing():
    made = drawing(record(f, 2.0, 3.0, names=("x", "y"), output="z"))
    assert made.x.tolist() == [0, 0, 1, 2, 3]
    assert made.labels == ("x", "y", "a1 = x · y", "a2 = sin a1", "z = a2 + x")
    assert made.edges.tolist() == [[0, 2], [1, 2], [2, 3], [3, 4], [0, 4]]
    assert made.partials == ("3", "2", "0.96017", "1", "1")
    assert made.y.tolist() == [0, -1, -0.5, -0.5, -0.25] and len(set(zip(made.x, made.y))) == 5
    assert table(record(np.sum, np.ones(3))).splitlines()[1].split()[1:5] == ["input", "array", "(3,)", "array"]


def test_the_drawing_of_arrays():
    made = drawing(record(lambda x: np.sum(x * x), np.array([1.0, 2.0]), names=("x",), output="z"))
    assert made.labels == ("x", "a1 = x · x", "z = Σ a1") and made.partials[-1] == "1"
