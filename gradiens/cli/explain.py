"""`gradiens explain` and `show`: the equations of a run, of one object or of all of the catalogue, and their checks."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from gradiens.cli.output import Json, console, emit, start, table

Format = Annotated[str, typer.Option("--as", help="what the equations are written in: unicode, latex or mathml")]
Notation = Annotated[str, typer.Option(help="book, index (entries and sums over letters) or code")]
Checks = Annotated[
    bool, typer.Option("--check", help="print, parse, evaluate and compare with the program, in float64 and in float32")
]


class Told(NamedTuple):
    """Equations with their title and their checks."""

    title: str
    equations: Any
    checks: list[Any]


def explain(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="the folder of a run, or a model.safetensors")],
    form: Format = "unicode",
    notation: Notation = "book",
    check: Checks = False,
    tex: Annotated[
        Path | None, typer.Option("--tex", help="write equations, shapes and the set-up of the training as LaTeX")
    ] = None,
    as_json: Json = False,
) -> None:
    """The equations of RUN's model, loss, gradient and update, read from the program that ran, each checked against it."""
    start(as_json, True)
    from gradiens.train.explain import equations_of
    from gradiens.train.fitted import load_model

    fitted = load_model(run)
    equations = equations_of(fitted)
    if tex:
        from gradiens.core.files import write_text
        from gradiens.report.latex import fragment

        write_text(tex, fragment(fitted, equations))
    told = _checked(equations, check)
    if as_json:
        emit({"equations": _as_json(told, (form, notation), check), **({"tex": str(tex)} if tex else {})})
    elif tex:
        console().print(f"equations, shapes and the set-up of the training written to {tex}", markup=False)
    else:
        _print_equations(told, (form, notation), check)
    _end(told, check)


def show(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="an object of the catalogue; `all` lists them")] = "",
    everything: Annotated[bool, typer.Option("--all", help="all objects of the catalogue")] = False,
    form: Format = "unicode",
    notation: Notation = "book",
    check: Checks = False,
    as_json: Json = False,
) -> None:
    """Any object of the catalogue: what it is, its equations, its options, its file; --all --check checks them all."""
    start(as_json, False)
    from gradiens.core import catalogue
    from gradiens.core.check import Mistake

    everything = everything or name == "all"
    if everything and check:
        _check_all(as_json)
    elif everything:
        _list(catalogue.everything(), as_json)
    elif not name:
        raise Mistake("the NAME of an object, or --all", "neither", "gradiens show --all lists the names")
    else:
        _show_one(catalogue.find(name), (form, notation), check, as_json)


def _list(entries: Any, as_json: bool) -> None:
    rows = [{"kind": e.kind, "name": e.name, "says": e.says, "book": list(e.book), "file": e.file} for e in entries]
    if as_json:
        emit({"objects": rows})
    else:
        console().print(table("", ("kind", "name", "what"), [[r["kind"], r["name"], r["says"]] for r in rows]))


def _check_all(as_json: bool) -> None:
    from gradiens.core import catalogue
    from gradiens.core.progress import Bar
    from gradiens.train.explain import check_all

    entries = catalogue.everything()
    with Bar("checking equations", len(entries)) as bar:
        found = check_all(entries, lambda count, name: bar.show(count, {}))
    if as_json:
        emit(dataclasses.asdict(found))
    else:
        _tell(found)
    if not found.ok:
        raise typer.Exit(1)


def _tell(found: Any) -> None:
    out = console()
    out.print(f"{found.checked} of {found.total} checked, worst relative error {found.worst_error:.1e} in float64")
    for says, names in (("not equal to the program", found.unequal), ("printed by name only", found.unprinted)):
        if names:
            out.print(f"{says}: {', '.join(names)}", markup=False)
    out.print(f"without equations: {', '.join(found.without_equations)}", markup=False)
    for kind, why in found.why.items():
        out.print(f"  {kind}: {why}", markup=False)


def _show_one(entry: Any, how: tuple[str, str], check: bool, as_json: bool) -> None:
    from gradiens.cli.described import described, signature
    from gradiens.core.module import knobs
    from gradiens.train.explain import equations_of_entry

    options = knobs(entry.what) if isinstance(entry.what, type) else {}
    told = {"name": entry.name, "kind": entry.kind, "says": entry.says, "book": list(entry.book), "file": entry.file}
    equations = _checked(equations_of_entry(entry), check)
    if not equations:
        where = f"from {entry.module} import {entry.what.__name__}"
        told |= {"import": where, "call": signature(entry.what), "documentation": described(entry)}
    if as_json:
        knobs_told = {
            n: {"default": k.default, "low": k.low, "high": k.high, "says": k.says} for n, k in options.items()
        }
        emit({**told, "options": knobs_told, "equations": _as_json(equations, how, check)})
        return _end(equations, check)
    out = console()
    out.print(f"[bold]{entry.name}[/bold], {entry.kind}: {entry.says}")
    _print_equations(equations, how, check)
    if not equations:
        out.print(f"\n{told['import']}\n{told['call']}\n\n{told['documentation']}", markup=False, highlight=False)
    if options:
        plain = lambda v: f"{v:g}" if isinstance(v, float) else v  # noqa: E731 - limits as they are, not rounded
        rows = [[n, plain(k.default), plain(k.low), plain(k.high), k.says] for n, k in options.items()]
        out.print(table("", ("option", "default", "from", "to", "what"), rows))
    out.print(f"\nbook {', '.join(entry.book)}   file {entry.file}", markup=False)
    _end(equations, check)


def _checked(equations: list[tuple[str, Any]], check: bool) -> list[Told]:
    """Each with its check in float64; with --check in float32 too."""
    dtypes = ("float64", "float32")[: 1 + check]
    return [Told(title, one, [one.check(dtype=dtype) for dtype in dtypes]) for title, one in equations]


def _as_json(equations: list[Told], how: tuple[str, str], check: bool) -> list[dict[str, Any]]:
    told = []
    for title, one, checks in equations:
        more = {"checks": [{"says": str(c), **dataclasses.asdict(c)} for c in checks]} if check else {}
        text = text_of(one, *how)
        said = {"title": title, "text": text, "error": checks[0].error, "unprinted": list(one.unprinted)}
        told.append({**said, **more})
    return told


def text_of(equations: Any, form: str, notation: str) -> str:
    """The equations in one of the forms and one of the notations."""
    from gradiens.core.check import known

    known("notation", notation, ("book", "index", "code"))
    return getattr(equations, known("form", form, ("unicode", "latex", "mathml")))(notation=notation)


def _print_equations(equations: list[Told], how: tuple[str, str], check: bool) -> None:
    out = console()
    for title, one, checks in equations:
        text = text_of(one, *how)
        badge = "" if check else f"   [dim]{checks[0].short}[/dim]"
        out.print(f"\n[bold]{title}[/bold]{badge}")
        out.print(text, markup=False)
        for told in checks if check else ():
            out.print(f"[dim]{told}[/dim]")
        if one.unprinted:
            out.print(f"printed by name only: {', '.join(one.unprinted)}", markup=False)


def _end(equations: list[Told], check: bool) -> None:
    """With --check, exit code 1 where a print is not equal to its program."""
    if check and not all(told.ok for one in equations for told in one.checks):
        raise typer.Exit(1)
