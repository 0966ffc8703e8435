"""Every claim of every section: each section runs once, all its tests on one worker (`make claims`)."""

from __future__ import annotations

import functools

import pytest

from gradiens.book.runner import Result, run_section
from gradiens.book.section import claims, sections
from gradiens.core.check import Failure


def of(name, *more):
    return pytest.param(name, *more, marks=(pytest.mark.claims, pytest.mark.xdist_group(name)))


SECTIONS = [of(section.id) for section in sections()]
CLAIMS = [of(section.id, name) for section in sections() for name in claims(section.load())]
LONG = [section.id for section in sections() if hasattr(section.load(), "long_run")]
BY_ID = {section.id: section for section in sections()}


@functools.cache
def result(name: str) -> Result:
    try:
        return run_section(name)
    except Failure as why:
        return Result(name, "", not_run=str(why))


def ran(name: str) -> Result:
    """The section's result; skipped where its data is not on this machine."""
    if result(name).not_run:
        pytest.skip(result(name).not_run)
    return result(name)


@pytest.mark.parametrize(("name", "claim"), CLAIMS)
def test_claim(name, claim):
    found = {c.name: c for c in ran(name).claims}[claim]
    assert found.ok, found.says


@pytest.mark.parametrize("name", SECTIONS)
def test_values_and_figures_are_made(name):
    found = ran(name)
    assert found.values and all(isinstance(value, float) for value in found.values.values())
    assert found.figures
    assert [c.name for c in found.claims] == list(claims(BY_ID[name].load())), "a figure or the values failed"


@pytest.mark.long
@pytest.mark.parametrize("name", LONG)
def test_long_claims(name):
    try:
        found = run_section(name, long=True)
    except Failure as why:
        pytest.skip(str(why))
    assert found.ok, [c.says for c in found.claims if not c.ok]
