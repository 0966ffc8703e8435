"""Sections 6.5 and 6.9 without their training: what a search is given, what makes its claims false, what a long run shows."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from gradiens.book.ch06_convolutional import s05_training, s09_tuning
from gradiens.book.ch06_convolutional.three_classes import Photographs
from gradiens.book.section import claims

KEY = jax.random.key(0)


def photographs(train, validation, test):
    rng = np.random.default_rng(0)
    pairs = [(rng.random((n, 3, 4, 4), np.float32), np.arange(n) % 3) for n in (train, validation, test)]
    return Photographs(("a", "b", "c"), *(part for pair in pairs for part in pair))


@pytest.fixture
def search(monkeypatch):
    """`search(drift)` runs the section with accuracies by the seed, which drift from search to search; and what each saw."""
    seen = []

    def run(drift=0.0):
        def tried(config, data, settings, seed):
            seen.append(len(data.x_test) + len(data.y_test))
            accuracy = np.random.default_rng(seed).random(len(settings))
            return accuracy + drift * len(seen) * np.arange(len(settings)), [None] * len(settings)

        made = {"photographs": photographs, "_tried": tried, "judged": lambda network, x, y: (0.0, len(x))}
        made |= {"_along_a_cosine": lambda *given: 0.5, "_changed": lambda x, key: x, "_parameters": lambda *given: 1}
        for name, what in made.items():
            monkeypatch.setattr(s09_tuning, name, what)
        return s09_tuning.run(s09_tuning.Config(), KEY), seen

    return run


def failing(record):
    return {f.__doc__.split(":")[0] for f in claims(s09_tuning).values() if not f(s09_tuning.Config(), record)}


def test_a_search_sees_no_test_image_but_the_sealed_ones(search):
    record, seen = search()
    assert seen == [0] * 4 and failing(record) == set()
    assert [one.test for one in record.searches] == [
        s09_tuning.Config().test
    ] * 3  # the fake accuracy counts the images


def test_another_ranking_or_another_reading_makes_a_claim_false(search):
    record, _ = search(drift=1e-9)
    assert failing(record) == {"Claim 2"}
    first, *others = record.searches
    assert "Claim 1" in failing(record._replace(searches=(first._replace(reads=2), *others)))
    last = first.ranked._replace(chosen=int(first.ranked.accuracy.argmin()))
    assert "Claim 1" in failing(record._replace(searches=(first._replace(ranked=last), *others)))


def test_the_long_run_shows_curves_and_a_confusion_matrix_of_both_ways():
    rng = np.random.default_rng(0)
    test = np.array([[0.5, 0.71, 0.8], [0.1, 0.2, 0.3]])
    cells = np.arange(18).reshape(2, 3, 3)
    record = s05_training.LongRecord(rng.random((2, 3, 20)), rng.random((2, 3, 20, 2)), test, cells)
    config = s05_training.Config()
    figures = s05_training.long_show(config, record)
    assert [len(figure.series) for figure in figures] == [6, 4, 1] * 2
    for way, figure in zip(range(2), figures[2::3], strict=True):
        np.testing.assert_array_equal(figure.series[0].z, cells[way])
    assert s05_training.long_claim_it_learns_more(config, record)
    assert not s05_training.long_claim_it_learns_more(config, record._replace(test=test[::-1]))
    values = s05_training.long_values(config, record)
    assert values["20 epochs, seed 1: test accuracy"] == 0.71
    assert values["20 epochs, mirror images and dropout, seed 2: test accuracy"] == 0.3
