"""`gradiens optimize`: methods side by side on problems with known minima."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from gradiens.cli.options import assignments
from gradiens.cli.output import Json, Quiet, console, emit, start, table

TUNED = (-4.0, 0.5)  # decades of the step sizes that are tried


def optimize(
    problem: Annotated[
        str, typer.Option("--problem", help="NAME,NAME,… (gradiens show --all lists them); all: every one")
    ] = "rosenbrock",
    methods: Annotated[
        str, typer.Option("--methods", help="NAME,NAME,…: minimisers and optimizers; all: every one")
    ] = "adam,bfgs,newton",
    steps: Annotated[int, typer.Option(help="steps of each run", min=1, max=1_000_000)] = 500,
    starts: Annotated[
        int, typer.Option(help="starts: the usual one, or so many drawn from the problem's box", min=1, max=1000)
    ] = 1,
    begin: Annotated[str, typer.Option("--start", help="one start, for example 0.4,-0.2")] = "",
    tune: Annotated[
        int, typer.Option(help="step sizes tried for methods with a knob lr; 1: its default", min=1, max=1000)
    ] = 9,
    target: Annotated[
        float, typer.Option(help="share of the first gap at which a run has arrived", min=1e-300, max=1.0)
    ] = 1e-6,
    knob: Annotated[
        list[str], typer.Option("--set", help="METHOD.KNOB=VALUE or PROBLEM.KNOB=VALUE; may be repeated")
    ] = [],  # noqa: B006
    seed: Annotated[int, typer.Option(help="of the starts", min=0)] = 0,
    single: Annotated[bool, typer.Option("--float32", help="single precision")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="where the page with the figures goes")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run methods on problems with known minima, all in one compiled program; say who arrives, after how much work.

    Work counts what is asked of the cost, in evaluations: 2 for a gradient, 4 for a product with the Hessian, 4 d for
    the Hessian. Methods with a step size get the best of --tune values; the price of trying them stands beside.
    """
    start(as_json, quiet)
    import jax

    from gradiens.core.files import write_text
    from gradiens.core.progress import working
    from gradiens.optim.laboratory import race
    from gradiens.report import figures_page
    from gradiens.report.optimization import figures_of, table_of

    with jax.enable_x64(not single):
        settings = _by_owner(assignments(knob))
        chosen = _problems(problem, settings)
        entered = _methods(methods, settings, tune)
        _all_used(settings, chosen, entered)
        begins = _starts(chosen, starts, begin, seed)
        with working(f"{len(entered)} methods on {len(chosen)} problems, compiled into one program"):
            found = race(entered, chosen, begins, steps)
        figures = figures_of(found, chosen, target)
    tables = {name: table_of(found, name, target) for name in chosen}
    page = out or Path("runs") / f"optimize-{'-'.join(chosen)}.html"[:120]
    write_text(page, figures_page(f"Methods on {', '.join(chosen)}", _text(target, found) + figures))
    if as_json:
        seconds = {name: round(s, 4) for name, s in found.seconds.items()}
        emit({"target": target, "steps": steps, "problems": tables, "seconds": seconds, "page": str(page)})
        return
    for name, rows in tables.items():
        _tell(name, chosen[name], rows, target)
    spent = found.seconds
    console().print(f"compiled in {spent['compile']:.1f} s, run in {spent['run']:.3f} s\nfigures  {page}", markup=False)


def _text(target: float, found: Any) -> list[Any]:
    left = [f"{m} is not run on {p}: {why}." for (m, p), why in found.left_out.items()]
    says = (
        f"A run has arrived when its gap to the minimum is at most {target:g} of the first. Work counts evaluations of C: "
        "2 for a gradient, 4 for a product with the Hessian, 4 d for the Hessian. Each method runs at the best of the "
        "settings that were tried."
    )
    return [" ".join([says, *left])]


def _tell(name: str, problem: Any, rows: list[dict[str, Any]], target: float) -> None:
    columns = ["method", "setting", "reached", "steps", "work", "with tuning", "gap", "says"]
    columns = [c for c in columns if any(row.get(c) not in (None, "") for row in rows)]
    title = f"{name}, {problem.dimension} parameters; arrived at {target:g} of the first gap"
    console().print(
        table(
            title,
            columns,
            [[row.get(c, None if c not in ("setting", "says") else "") for c in columns] for row in rows],
        )
    )


def _by_owner(given: dict[str, str]) -> dict[str, dict[str, str]]:
    from gradiens.core.check import Mistake

    found: dict[str, dict[str, str]] = {}
    for name, value in given.items():
        owner, dot, own = name.partition(".")
        if not dot:
            raise Mistake("METHOD.KNOB=VALUE or PROBLEM.KNOB=VALUE", repr(name), "for example adam.lr=0.01")
        found.setdefault(owner, {})[own] = value
    return found


def _names(text: str, kinds: Mapping[str, Any], kind: str) -> list[str]:
    from gradiens.core.check import Mistake, known

    names = [part.strip().replace("-", "_") for part in text.split(",") if part.strip()]
    if not names:
        raise Mistake(f"at least one {kind}", repr(text), "give names with commas between them")
    return list(kinds) if names == ["all"] else [known(kind, name, kinds) for name in dict.fromkeys(names)]


def _problems(text: str, settings: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    from gradiens.core.catalogue import members
    from gradiens.core.configured import configured

    kinds = {name: entry.what for name, entry in members("problem").items()}
    return {name: configured(kinds[name], settings.get(name, {}), name) for name in _names(text, kinds, "problem")}


def _methods(text: str, settings: Mapping[str, Mapping[str, str]], tune: int) -> dict[str, Any]:
    import jax.numpy as jnp

    from gradiens.core.catalogue import members
    from gradiens.core.configured import configured
    from gradiens.core.module import knobs
    from gradiens.optim.method_named import method_named

    kinds = {name: e.what for name, e in {**members("minimiser"), **members("optimizer")}.items()}
    made = {}
    for name in _names(text, kinds, "method"):
        given = settings.get(name, {})
        own = configured(kinds[name], {k: v for k, v in given.items() if k in knobs(kinds[name])}, name)
        options = {k: v for k, v in given.items() if k not in knobs(kinds[name])}  # search=…, and that one's knobs
        if "lr" in knobs(kinds[name]) and "lr" not in given and tune > 1:
            import dataclasses

            own = dataclasses.replace(own, lr=jnp.logspace(*TUNED, tune))
        made[name] = method_named(own) if not options else method_named(name, {**_plain(own), **_numbers(options)})
    return made


def _plain(module: Any) -> dict[str, Any]:
    from gradiens.core.module import knobs

    return {name: getattr(module, name) for name in knobs(type(module))}


def _numbers(options: Mapping[str, str]) -> dict[str, Any]:
    def read(text: str) -> Any:
        try:
            return float(text) if "." in text or "e" in text else int(text)
        except ValueError:
            return text

    return {name: read(value) for name, value in options.items()}


def _all_used(settings: Mapping[str, Any], *owners: Mapping[str, Any]) -> None:
    from gradiens.core.check import known

    for owner in settings:
        known("method or problem of this run", owner, [name for some in owners for name in some])


def _starts(problems: Mapping[str, Any], count: int, text: str, seed: int) -> dict[str, Any]:
    import jax
    import jax.numpy as jnp

    from gradiens.core.check import Mistake

    if text:
        try:
            start = jnp.asarray([float(part) for part in text.split(",")])
        except ValueError:
            raise Mistake("numbers with commas between them", repr(text), "for example --start 0.4,-0.2") from None
        for name, problem in problems.items():
            if start.size != problem.dimension:
                raise Mistake(f"{problem.dimension} numbers to start {name}", start.size)
        return dict.fromkeys(problems, start)
    keys = jax.random.split(jax.random.key(seed), count)
    return {} if count == 1 else {name: jax.vmap(problem.start)(keys) for name, problem in problems.items()}
