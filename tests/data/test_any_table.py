"""Generated tables of every kind: a `Mistake` of one line, or finite numbers that encoding gives again."""

from __future__ import annotations

import json
import math

import numpy as np
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradiens.core.check import Mistake
from gradiens.data.prepare import prepare
from gradiens.data.preprocessing import preprocessing_from_dict
from gradiens.data.split import split
from gradiens.data.table import Table, read_table

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
VALUES = {
    "float": st.floats(allow_nan=True, allow_infinity=False),
    "infinite": st.floats(),
    "whole": st.integers(-(2**63), 2**63 - 1),
    "few": st.integers(0, 3),
    "flag": st.booleans(),
    "date": st.dates(),
    "moment": st.datetimes(),
    "word": st.sampled_from(["a", "b", "ü", "?", "NA", "1", "true"]),
    "text": TEXT,
    "none": st.none(),
}
TYPES = {"float": pl.Float64, "infinite": pl.Float64, "whole": pl.Int64, "few": pl.Int8, "flag": pl.Boolean}
TYPES |= {"date": pl.Date, "moment": pl.Datetime, "word": pl.String, "text": pl.String, "none": pl.Null}


@st.composite
def tables(draw):
    """A frame of up to 5 columns and 40 rows with gaps, and the name of its target."""
    rows = draw(st.one_of(st.integers(4, 40), st.integers(1, 40)))
    likely = [kind for kind in VALUES if kind not in ("none", "infinite")]
    kinds = draw(st.lists(st.sampled_from([*likely * 3, *VALUES]), min_size=1, max_size=5))
    kinds.append(draw(st.sampled_from(["float", "whole", "few", "flag", "word", *VALUES])))
    names = draw(st.lists(TEXT.filter(str.strip), min_size=len(kinds), max_size=len(kinds), unique_by=str.strip))
    columns = []
    for name, kind in zip(names, kinds, strict=True):
        gaps = draw(st.booleans()) and name != names[-1]
        value = st.one_of(st.none(), VALUES[kind]) if gaps else VALUES[kind]
        columns.append(pl.Series(name, draw(st.lists(value, min_size=rows, max_size=rows)), dtype=TYPES[kind]))
    return pl.DataFrame(columns), names[-1]


def arrays(x):
    return x if isinstance(x, tuple) else (x,)


def one_line(mistake):
    assert str(mistake).startswith("expected ") and "\n" not in str(mistake)


def check(table, target):
    """The theorem of this file."""
    try:
        prepared = prepare(table, target)
    except Mistake as mistake:
        one_line(mistake)
        return None
    preprocessing = preprocessing_from_dict(json.loads(json.dumps(prepared.preprocessing.to_dict())))
    for part in (prepared.train, prepared.val, prepared.test):
        assert all(np.isfinite(a).all() and len(a) == len(part) for a in arrays(part.x))
        assert arrays(part.x)[0].dtype == np.float32 and np.isfinite(part.y).all()
    json.dumps(prepared.card, allow_nan=False)
    number = prepared.task == "number"
    goal = np.zeros(table.frame.height) if number else preprocessing.target.encode(table.frame[target])
    rows = split(goal, prepared.task, 0)[0]
    encoded = preprocessing.encode(table.frame[rows])
    assert encoded.unseen == {}
    assert all(np.array_equal(a, b) for a, b in zip(arrays(encoded.x), arrays(prepared.train.x), strict=True))
    return prepared


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables())
def test_any_frame(generated):
    frame, target = generated
    check(Table(frame, "generated"), target)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables())
def test_any_frame_through_a_file(tmp_path_factory, generated):
    frame, target = generated
    path = tmp_path_factory.getbasetemp() / "generated.csv"
    frame.write_csv(path, datetime_format="%Y-%m-%d %H:%M:%S%.f")
    try:
        table = read_table(path)
    except Mistake as mistake:
        one_line(mistake)
        return
    prepared = check(table, target.strip())
    if prepared is not None:
        again = prepared.preprocessing.encode(prepared.preprocessing.read(path)).x
        assert all(np.array_equal(a, b) for a, b in zip(arrays(again), arrays(prepared.preprocessing.encode(table).x)))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.binary(max_size=200), st.text(st.sampled_from('ab1.,;\t\n\r "?é-'), max_size=120).map(str.encode)))
def test_any_bytes(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "bytes.csv"
    path.write_bytes(content)
    try:
        frame = read_table(path).frame
    except Mistake as mistake:
        one_line(mistake)
        return
    assert frame.height >= 2 and frame.width >= 1
    assert not any(math.isnan(v) for c in frame if c.dtype.is_float() for v in c.drop_nulls())
