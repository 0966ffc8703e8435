"""Texts that are almost right: read whole, up to their trees. The answer is a tree or one `Mistake`, within a second."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradiens.core.check import Mistake
from gradiens.equations.meaning.elaborate import elaborate
from tests.equations.meaning.test_elaborate import INFERRED, MEANINGS, SPACES, WRONG

TEXTS = [*MEANINGS, *INFERRED, *WRONG]
TOKEN = re.compile(r"\w+|\s+|.")
TOKENS = sorted({token for text in TEXTS for token in TOKEN.findall(text)})
RELAXED = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@st.composite
def almost(draw: st.DrawFn) -> str:
    """A text with up to four tokens taken out, put in or exchanged, or its end from another one."""
    tokens = TOKEN.findall(draw(st.sampled_from(TEXTS)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(tokens)))
        how = draw(st.sampled_from(["out", "in", "other", "end"]))
        new = {"out": [], "end": TOKEN.findall(draw(st.sampled_from(TEXTS)))}.get(how) or [
            draw(st.sampled_from(TOKENS))
        ]
        tokens[place : len(tokens) if how == "end" else place + (how != "in")] = [] if how == "out" else new
    return "".join(tokens) + draw(st.sampled_from(["", f"\n{SPACES}"]))


def a_tree_or_a_mistake(text: str, model: bool, given: bool) -> None:
    said, seconds = read_whole(text, model, given)
    assert said.count("\n") <= 2
    assert seconds < 1.0 or read_whole(text, model, given)[1] < 1.0, text  # a first run may wait for other processes


def read_whole(text: str, model: bool, given: bool) -> tuple[str, float]:
    """What is said of the text, if anything, and the seconds that took."""
    before, said = time.perf_counter(), ""
    try:
        written = elaborate(text, model=model, shapes={"x": (4,)} if given else {})
        written.trees(list(written.lines)[-1:])
    except Mistake as mistake:
        said = str(mistake)
    return said, time.perf_counter() - before


@settings(max_examples=300, derandomize=True, **RELAXED)
@given(almost(), st.booleans(), st.booleans())
def test_what_is_almost_right_is_a_tree_or_a_mistake(text, model, given):
    a_tree_or_a_mistake(text, model, given)


@pytest.mark.long
@settings(max_examples=20_000, **RELAXED)
@given(almost(), st.booleans(), st.booleans())
def test_what_is_almost_right_is_a_tree_or_a_mistake_at_length(text, model, given):
    a_tree_or_a_mistake(text, model, given)
