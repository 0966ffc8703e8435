"""The bibliography, how citations are read, and that whatever the library cites is there."""

from __future__ import annotations

import pytest

from gradiens.book import bibliography
from gradiens.book.bibliography import Work, catalogue, citations, cited_in, duplicates, resolve, unread_in, works
from gradiens.book.chapter_notes import Config, run_of, sound, text_of
from gradiens.book.section import sections
from gradiens.core.check import Failure

CHAPTERS = sorted({section.chapter for section in sections()})


@pytest.mark.parametrize(
    ("docstring", "keys"),
    [
        ("Source: Kingma & Ba (2015), Algorithm 1; their m is v.", ["kingma2015"]),
        ("Book: 4.3.  Source: Loshchilov & Hutter (2017, 2019).", ["loshchilov2017", "loshchilov2019"]),
        ("Source: Loshchilov & Hutter (2017 and 2019).", ["loshchilov2017", "loshchilov2019"]),
        ("Source: Levenberg (1944), Marquardt (1963)", ["levenberg1944", "marquardt1963"]),
        ("Source: Polak & Ribiere (1969); the maximum is Powell's (1986).", ["polak1969", "powell1986"]),
        ("Source: Daubechies, Defrise and De Mol (2004)", ["daubechies2004"]),
        ("Source: Duchi et al. (2011).", ["duchi2011"]),
        ("Source: McCandlish, Kaplan, Amodei et al. (2018), appendix A.", ["mccandlish2018"]),
        ("Source: Hochreiter & Schmidhuber 1997 with the gate of Gers et al. 2000.", ["hochreiter1997", "gers2000"]),
        ("Source: Golub & Van Loan (2013), section\n    5.2.", ["golub2013"]),
        ("His method, Polyak (1964), is older.", ["polyak1964"]),
        ("Source: Adagrad, Duchi, Hazan & Singer (2011)", ["duchi2011"]),
        ("Source: the function `peaks` of MATLAB.", []),
        ("A run of 2015 steps, see Table 1998.", []),
    ],
)
def test_citations_are_read(docstring, keys):
    found = [resolve(citation) for citation in citations(docstring)]
    assert [work.key if work else None for work in found] == keys


@pytest.mark.parametrize(
    "text", ["Kingma & Ba (2016)", "Kingma (2015)", "Ba (2015)", "Kingma & Bo (2015)", "Nobody (2015)"]
)
def test_what_is_not_there_does_not_resolve(text):
    ((citation,),) = [citations(f"Source: {text}.")]
    assert resolve(citation) is None and citation.says == text


def test_the_file():
    assert duplicates() == [] and all(work.complete for work in works())
    years = [work.year for work in works()]
    assert years == sorted(years), "ordered by year"
    assert all(
        "," in author or author in ("DeepMind", "OpenAI Dota Team") for work in works() for author in work.authors
    )
    assert [work.cited_as for work in works() if work.key in ("duchi2011", "chen2023", "polyak1964")] == [
        "Polyak (1964)", "Duchi, Hazan & Singer (2011)", "Chen et al. (2023)",
    ]  # fmt: skip
    listed = {work.key for work in catalogue("4")}
    assert {"robbins1951", "hestenes1952", "polyak1964", "nesterov1983", "liu1989", "duchi2011"} <= listed
    assert {"petersen2012", "magnus1988", "griewank2008"} <= {work.key for work in catalogue("A")}


def test_whatever_the_library_cites_is_in_the_bibliography():
    missing = [f"{c.says} in {at}" for at, text in bibliography._library() for c in citations(text) if not resolve(c)]
    assert not missing, "add to gradiens/book/bibliography.toml"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_whatever_a_chapter_cites_is_in_the_bibliography(chapter):
    missing = [f"{c.says} in {at}" for at, c in cited_in(chapter) if not resolve(c)]
    assert not missing, "add to gradiens/book/bibliography.toml"
    assert not unread_in(chapter), "write it as Author & Author (year)"


def test_every_citation_names_its_place():
    places = {at for at, citation in cited_in("4") if citation.surnames == ("kingma", "ba")}
    assert any(place.startswith("gradiens/optim/adam.py:") for place in places)
    assert "griewank" in {citation.surnames[0] for _, citation in cited_in("A")}


def without(key):
    return tuple(work for work in works() if work.key != key)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (without("petersen2012"), r"Petersen & Pedersen \(2012\) in gradiens/calculus/matrix_rules.py"),
        ((*works(), Work("beck2009", ("Beck, A.",), 2009, "Again")), "twice: beck2009"),
        ((*works(), Work("x", (), 2009, "Anonymous")), "without authors, year or title: x"),
        ((*works(), Work("y", ("A, B.",), 20090, "Far")), "without authors, year or title: y"),
    ],
)
def test_a_broken_bibliography_is_a_failure_that_names_what(monkeypatch, changed, says):
    record = run_of("A")
    assert sound("A", record)
    monkeypatch.setattr(bibliography, "works", lambda: changed)
    with pytest.raises(Failure, match=says):
        sound("A", record)


def test_the_catalogue_can_be_cut_at_a_year():
    assert "Curtis" in text_of("A", Config()) and "Curtis" not in text_of("A", Config(since=2000))
