"""`gradiens book list`, `run` and `check`: the executable book."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gradiens.cli.options import assignments
from gradiens.cli.output import Json, Quiet, console, emit, start, table

app = typer.Typer(no_args_is_help=True, help="The executable book: its sections, their experiments, their claims.")

Seed = Annotated[int, typer.Option(help="seed of the experiment", min=0)]
Long = Annotated[bool, typer.Option("--long", help="also the full-size run and its claims")]


@app.command("list")
def list_sections(as_json: Json = False) -> None:
    """The sections there are."""
    from gradiens.book.section import sections

    found = [
        {"id": s.id, "title": s.title, "file": f"gradiens/book/{s.path.parent.name}/{s.path.name}"} for s in sections()
    ]
    if as_json:
        emit({"sections": found})
    else:
        console().print(table("", ("section", "title", "file"), [list(one.values()) for one in found]))


@app.command("run")
def run_one(
    section: Annotated[str, typer.Argument(metavar="SECTION", help="for example 4.3, A.2, 4.notes")],
    knob: Annotated[list[str], typer.Option("--knob", help="NAME=VALUE: change a knob; may be repeated")] = [],  # noqa: B006
    out: Annotated[Path | None, typer.Option("--out", help="write the section's page with its figures")] = None,
    seed: Seed = 0,
    long: Long = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run the experiment of SECTION, check its claims, draw its figures."""
    start(as_json, quiet)
    from gradiens.book.runner import run_section
    from gradiens.book.section import find_section
    from gradiens.core.files import write_text
    from gradiens.report import Claims, Values, figures_page

    result = run_section(section, assignments(knob), seed, long)
    page = out or Path("runs") / f"section-{result.id}.html"
    claims = Claims({claim.says: claim.ok for claim in result.claims})
    blocks = [find_section(section).story, claims, Values(result.values), result.text, list(result.figures)]
    write_text(page, figures_page(f"{result.id} {result.title}", blocks))
    if as_json:
        emit({**result.as_dict(), "page": str(page)})
    else:
        _tell(result)
        console().print(f"\nfigures  {page}", markup=False)
    raise typer.Exit(0 if result.ok else 1)


@app.command("check")
def check_chapters(
    chapters: Annotated[list[str], typer.Argument(metavar="[CHAPTER]...", help="4, A, …; all when none is given")] = [],  # noqa: B006
    seed: Seed = 0,
    long: Long = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check the claims of every section, or of the sections of some chapters."""
    start(as_json, quiet)
    from gradiens.book.runner import check

    results = check(tuple(chapters), seed, long)
    if as_json:
        emit({"ok": all(r.ok for r in results), "sections": [r.as_dict() for r in results]})
    else:
        for result in results:
            _tell(result)
    raise typer.Exit(0 if all(r.ok for r in results) else 1)


def _tell(result: Any) -> None:
    out = console()
    out.print(f"\n[bold]{result.id}[/bold] {result.title}   [dim]{result.seconds:.1f} s[/dim]")
    if result.not_run:
        out.print(f"  – not run: {result.not_run}", markup=False)
    for claim in result.claims:
        out.print(f"  {'✓' if claim.ok else '✗'} {claim.says}", markup=False)
    if result.values:
        out.print(table("", ("value", ""), [[name, value] for name, value in result.values.items()]))
    if result.text:
        out.print(f"\n{result.text}", markup=False)
