"""`gradiens compare`: two runs on the same test rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gradiens.cli.output import Json, console, emit, start, table

_SAYS = {
    "beats": "{run} beats {other}",
    "does not beat": "{other} beats {run}",
    "cannot be told from": "{run} cannot be told from {other}",
}


def compare(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="the folder of a run")],
    other: Annotated[Path, typer.Argument(metavar="OTHER", help="the folder of another, judged on the same test rows")],
    seed: Annotated[int, typer.Option(help="of the bootstrap", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """Is RUN better than OTHER? The paired differences on the same test rows, with intervals and a verdict.

    Both runs need the same data, --seed, --val and --test. Positive differences are better for RUN. The interval says how
    far the difference would move with other test rows; it says nothing of other training rows or seeds.
    """
    start(as_json, True)
    from gradiens.train.compare_runs import compare_runs

    found = compare_runs(run, other, seed)
    if as_json:
        emit(found)
        return
    out = console()
    first = found["effects"][0]
    out.print(
        f"{_SAYS[found['verdict']].format(**found)} on the {found['rows']:,} test rows of {found['data']}: "
        f"{first['metric']} {first['ours']:.4g} and {first['theirs']:.4g}",
        markup=False,
    )
    out.print(
        table(
            "", ("metric", "RUN", "OTHER", "gain", "95 % from", "to", "P(no difference)"), map(_row, found["effects"])
        )
    )


def _row(effect: dict[str, Any]) -> list[Any]:
    return [
        effect["metric"],
        effect["ours"],
        effect["theirs"],
        effect["difference"],
        *(effect["interval"] or (None, None)),
        effect["p_value"],
    ]
