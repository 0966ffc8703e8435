"""Run a section: its experiment, then every claim, the named values and the figures.

Sections run in double precision. A claim that raises is a claim that failed, with the message; so is a figure or a
table of values that cannot be made. No traceback comes out of here.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

import jax
import numpy as np

from gradiens.book.section import Section, claims, find_section, in_chapters
from gradiens.core import progress
from gradiens.core.check import Failure, Mistake
from gradiens.core.configured import configured
from gradiens.core.module import Module
from gradiens.core.progress import working


@dataclasses.dataclass(frozen=True)
class Claim:
    """One claim: its name, whether it holds, and its sentence (with the message when it could not be evaluated)."""

    name: str
    ok: bool
    says: str


@dataclasses.dataclass(frozen=True)
class Result:
    """What running a section gave.

    `text` is what it prints beside its numbers; `not_run` says why there are no claims when its data is not on this
    machine.
    """

    id: str
    title: str
    claims: tuple[Claim, ...] = ()
    values: dict[str, float] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    figures: tuple[Any, ...] = ()
    text: str = ""
    not_run: str = ""

    @property
    def ok(self) -> bool:
        """Whether the section ran and every claim holds."""
        return not self.not_run and all(claim.ok for claim in self.claims)

    def as_dict(self) -> dict[str, Any]:
        """As JSON; the figures apart."""
        listed = [dataclasses.asdict(claim) for claim in self.claims]
        whole = {"id": self.id, "title": self.title, "claims": listed, "values": self.values, "seconds": self.seconds}
        more = {"text": self.text, "not_run": self.not_run}
        return whole | {name: value for name, value in more.items() if value}


def run_section(
    name: str, overrides: Mapping[str, Any] | None = None, seed: int = 0, long: bool = False, quiet: bool | None = None
) -> Result:
    """Run section `name` ("4.3") with knobs changed by `overrides`; `long` adds the full-size run and its claims.

    `quiet` shows no progress (None: as the process has it).

    Raises `Mistake` for an unknown section or knob, a value outside its range, or data that is not on this machine.
    """
    section = find_section(name)
    module = section.load()
    config = configured(module.Config, overrides or {}, f"section {name}")
    if long and not hasattr(module, "long_run"):
        raise Mistake("a section with a long run", f"{name}, which has none", "leave out --long")
    before = progress.quiet
    progress.quiet = before if quiet is None else quiet
    try:
        return _run(section, module, config, seed, long)
    finally:
        progress.quiet = before


def check(chapters: Iterable[str | int] = (), seed: int = 0, long: bool = False) -> list[Result]:
    """Run every section of `chapters`, 4 or "A" (all when empty), as it stands; one without its data is reported as not run."""
    return [_checked(section, seed, long) for section in in_chapters(tuple(chapters))]


def _checked(section: Section, seed: int, long: bool) -> Result:
    module = section.load()
    try:
        return _run(section, module, module.Config(), seed, long and hasattr(module, "long_run"))
    except (Mistake, Failure) as why:
        return Result(section.id, section.title, not_run=str(why))


def _run(section: Section, module: ModuleType, config: Module, seed: int, long: bool) -> Result:
    begun = time.perf_counter()
    with working(f"section {section.id}"), jax.enable_x64(True):
        found, values, figures, text = _part(module, config, seed, "")
        if long:
            more, named, drawn, said = _part(module, config, seed, "long_")
            found, values, figures, text = found + more, {**values, **named}, figures + drawn, text + said
    seconds = round(time.perf_counter() - begun, 3)
    return Result(section.id, section.title, tuple(found), values, seconds, figures, text)


def _part(
    module: ModuleType, config: Module, seed: int, prefix: str
) -> tuple[list[Claim], dict[str, float], tuple[Any, ...], str]:
    """The default part of a section (prefix "") or its long part (prefix "long_")."""
    predicates = claims(module, prefix + "claim_")
    try:
        # as NumPy arrays: claims and figures are looked at once, and need no compilation
        record = jax.device_get(getattr(module, prefix + "run")(config, jax.random.key(seed)))
    except (Mistake, Failure):
        raise
    except Exception as why:
        return [Claim(name, False, _raised(prefix + "run", why)) for name in predicates], {}, (), ""
    found = [evaluate(name, predicate, config, record) for name, predicate in predicates.items()]
    values = _made(module, prefix + "values", config, record, found, {})
    figures = _made(module, prefix + "show", config, record, found, ())
    text = _made(module, prefix + "text", config, record, found, "")
    named = {name: float(value) for name, value in values.items()}
    return found, named, figures if isinstance(figures, tuple) else (figures,), text


def evaluate(name: str, predicate: Callable[..., bool], config: Module, record: Any) -> Claim:
    """Evaluate one claim; what it raises, or an answer that is not yes or no, makes it false."""
    says = " ".join((predicate.__doc__ or name.replace("_", " ")).split())
    try:
        answer = np.asarray(predicate(config, record))
    except Exception as why:
        return Claim(name, False, f"{says} [{_raised('the claim', why)}]")
    if answer.shape != () or answer.dtype != bool:
        return Claim(name, False, f"{says} [the claim answered {answer.dtype}{list(answer.shape)}, not true or false]")
    return Claim(name, bool(answer), says)


def _made(module: ModuleType, name: str, config: Module, record: Any, found: list[Claim], default: Any) -> Any:
    """`module.name(config, record)` where there is one; a failed claim of that name is added to `found` when it
    raises."""
    make = getattr(module, name, None)
    if make is None:
        return default
    try:
        return make(config, record)
    except Exception as why:
        found.append(Claim(name, False, _raised(name, why)))
        return default


def _raised(what: str, why: Exception) -> str:
    return f"{what} raised {type(why).__name__}: {' '.join(str(why).split())[:300]}"
