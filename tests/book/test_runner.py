"""The machinery that runs sections, on sections made here."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import NamedTuple

import jax
import jax.numpy as jnp
import pytest

from gradiens.book import runner
from gradiens.book.runner import check, evaluate, run_section
from gradiens.core.check import Failure, Mistake
from gradiens.core.configured import configured, convert
from gradiens.core.module import Module, knob


class Config(Module):
    """Three knobs."""

    rate: float = knob(0.1, 0.0, 1.0)
    steps: int = knob(3, 1, 10)
    fancy: bool = knob(False)


class Record(NamedTuple):
    """One number."""

    x: jax.Array


def claim_true(config, record):
    """Claim 1: x is rate
    times steps."""
    return abs(record.x - config.rate * config.steps) < 1e-12


def claim_false(config, record):
    """Claim 2: never."""
    return record.x < 0


def claim_raises(config, record):
    """Claim 3: broken."""
    raise ZeroDivisionError("the message")


def claim_vague(config, record):
    """Claim 4: not an answer."""
    return record.x


def section(**changes):
    made = {
        "Config": Config,
        "run": lambda config, key: Record(jnp.asarray(config.rate * config.steps)),
        "values": lambda config, record: {"x": record.x},
        "show": lambda config, record: "a figure",
        **{f.__name__: f for f in (claim_true, claim_false, claim_raises, claim_vague)},
    }
    module = SimpleNamespace(**{**made, **changes})
    return SimpleNamespace(id="9.9", title="Test", load=lambda: module)


@pytest.fixture
def use(monkeypatch):
    """Put a section in place of those of the book."""

    def put(**changes):
        one = section(**changes)
        monkeypatch.setattr(runner, "find_section", lambda name: one)
        monkeypatch.setattr(runner, "in_chapters", lambda chapters: [one])

    return put


def test_every_claim_is_judged_and_none_raises(use):
    use()
    result = run_section("9.9")
    assert [(c.name, c.ok) for c in result.claims] == [
        ("true", True), ("false", False), ("raises", False), ("vague", False),
    ]  # fmt: skip
    assert result.claims[0].says == "Claim 1: x is rate times steps."
    assert "ZeroDivisionError: the message" in result.claims[2].says
    assert "not true or false" in result.claims[3].says
    assert not result.ok and result.figures == ("a figure",)
    written = json.loads(json.dumps(result.as_dict()))
    assert set(written) == {"id", "title", "claims", "values", "seconds"}
    assert written["claims"][1] == {"name": "false", "ok": False, "says": "Claim 2: never."}
    assert written["values"] == {"x": pytest.approx(0.3)}


def test_overrides_reach_the_config(use):
    use()
    assert run_section("9.9", {"rate": "0.5", "steps": "4"}).values["x"] == 2.0


def test_a_run_that_breaks_fails_every_claim(use):
    use(run=lambda config, key: 1 / 0)
    result = run_section("9.9")
    assert len(result.claims) == 4 and not any(c.ok for c in result.claims)
    assert "ZeroDivisionError" in result.claims[0].says


def test_broken_figure_or_values_are_failed_claims(use):
    use(show=lambda config, record: [].pop(), values=lambda config, record: {}["gone"])
    failed = {c.name: c.says for c in run_section("9.9").claims if not c.ok}
    assert "IndexError" in failed["show"] and "KeyError" in failed["values"]


def test_missing_data_is_not_run_and_not_passed(use):
    def run(config, key):
        raise Failure("toy.csv is not on this machine", "put it there")

    use(run=run)
    (result,) = check()
    assert not result.ok and result.claims == ()
    assert result.as_dict()["not_run"] == "toy.csv is not on this machine; put it there"
    with pytest.raises(Failure, match="put it there"):
        run_section("9.9")


def test_a_text_is_told_when_there_is_one(use):
    use(text=lambda config, record: f"rate {config.rate:g}")
    result = run_section("9.9")
    assert result.text == "rate 0.1" and result.as_dict()["text"] == "rate 0.1"
    use(text=lambda config, record: {}["gone"])
    assert "KeyError" in {c.name: c.says for c in run_section("9.9").claims}["text"]


def test_long_runs_only_when_asked(use):
    def long_claim_big(config, record):
        """Claim 5: full size."""
        return record.x == 7

    use(long_run=lambda config, key: Record(jnp.asarray(7.0)), long_claim_big=long_claim_big)
    assert "big" not in [c.name for c in run_section("9.9").claims]
    assert {c.name: c.ok for c in run_section("9.9", long=True).claims}["big"]
    assert len(check(long=True)[0].claims) == 5


def test_long_without_a_long_run_is_a_mistake(use):
    use()
    with pytest.raises(Mistake, match="long"):
        run_section("9.9", long=True)


def test_runs_in_double_precision(use):
    use(run=lambda config, key: Record(jnp.zeros(()) + 1), values=lambda c, r: {"bytes": r.x.dtype.itemsize})
    assert run_section("9.9").values["bytes"] == 8


def test_knobs_are_checked():
    assert configured(Config, {"fancy": "yes"}).fancy is True
    with pytest.raises(Mistake, match="'steps'"):
        configured(Config, {"step": 3}, "9.9")
    with pytest.raises(Mistake, match="between"):
        configured(Config, {"rate": "2"})


@pytest.mark.parametrize(
    ("value", "default", "is_"), [("3", 1, 3), ("3", 1.0, 3.0), (3, 1.0, 3.0), ("no", True, False), ("a", "b", "a")]
)
def test_convert(value, default, is_):
    got = convert("k", value, default)
    assert got == is_ and type(got) is type(is_)


@pytest.mark.parametrize(
    ("value", "default"),
    [("x", 1.0), ("1.5", 1), (1.5, 1), (True, 1), (True, 1.0), ("maybe", True), (1, "b"), (1, True)],
)
def test_convert_refuses(value, default):
    with pytest.raises(Mistake, match="knob k"):
        convert("k", value, default)


def test_a_numpy_or_jax_yes_counts():
    assert evaluate("n", lambda c, r: jnp.asarray(True), Config(), None).ok
