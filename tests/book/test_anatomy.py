"""The anatomy of every section's file; what it claims is run by `test_claims`."""

from __future__ import annotations

import inspect

import pytest

from gradiens.book.section import claims, sections
from gradiens.core.module import knobs

SECTIONS = [section.id for section in sections()]
BY_ID = {section.id: section for section in sections()}


@pytest.mark.parametrize("name", SECTIONS)
def test_anatomy(name):
    section = BY_ID[name]
    module = section.load()
    assert section.title and section.story, "title line and story"
    assert issubclass(module.Record, tuple) and module.Record._fields
    assert all(k.says for k in knobs(module.Config).values()), "every knob says what it is"
    for what in ("run", "show", "values"):
        assert inspect.getdoc(getattr(module, what)), what
    for claim in {**claims(module), **claims(module, "long_claim_")}.values():
        assert list(inspect.signature(claim).parameters) == ["config", "record"]
        assert (claim.__doc__ or "").startswith("Claim "), claim.__name__
    assert claims(module), "a section without claims asserts nothing"
