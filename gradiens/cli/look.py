"""`gradiens explain`, `show`, `runs` and `doctor`: what a run learned, what the catalogue holds, what this machine has."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from gradiens.cli.output import Json, console, emit, start, table

Notation = Annotated[str, typer.Option("--as", help="notation of the equations: unicode, latex or mathml")]


def explain(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="the folder of a run, or a model.safetensors")],
    notation: Notation = "unicode",
    as_json: Json = False,
) -> None:
    """The equations of RUN's model, loss, gradient and update, read from the program that ran, each checked against it."""
    start(as_json, True)
    from gradiens.train.explain import equations_of
    from gradiens.train.fitted import load_model

    _print_equations(equations_of(load_model(run)), notation, as_json)


def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="an object of the catalogue; `all` lists them")],
    notation: Notation = "unicode",
    as_json: Json = False,
) -> None:
    """Any object of the catalogue: what it is, its equations, its options, its file."""
    start(as_json, True)
    from gradiens.core import catalogue
    from gradiens.core.module import knobs
    from gradiens.train.explain import equations_of_entry

    if name == "all":
        entries = catalogue.everything()
        rows = [{"kind": e.kind, "name": e.name, "says": e.says, "book": list(e.book), "file": e.file} for e in entries]
        if as_json:
            emit({"objects": rows})
        else:
            console().print(table("", ("kind", "name", "what"), [[r["kind"], r["name"], r["says"]] for r in rows]))
        return
    entry = catalogue.find(name)
    options = knobs(entry.what) if isinstance(entry.what, type) else {}
    told = {"name": entry.name, "kind": entry.kind, "says": entry.says, "book": list(entry.book), "file": entry.file}
    equations = equations_of_entry(entry)
    if as_json:
        knobs_told = {
            n: {"default": k.default, "low": k.low, "high": k.high, "says": k.says} for n, k in options.items()
        }
        emit({**told, "options": knobs_told, "equations": _told(equations, notation)})
        return
    out = console()
    out.print(f"[bold]{entry.name}[/bold], {entry.kind}: {entry.says}")
    _print_equations(equations, notation, False)
    if options:
        plain = lambda v: f"{v:g}" if isinstance(v, float) else v  # noqa: E731 - limits as they are, not rounded
        rows = [[n, plain(k.default), plain(k.low), plain(k.high), k.says] for n, k in options.items()]
        out.print(table("", ("option", "default", "from", "to", "what"), rows))
    out.print(f"\nbook {', '.join(entry.book)}   file {entry.file}", markup=False)


def _told(equations: list[tuple[str, Any]], notation: str) -> list[dict[str, Any]]:
    return [
        {"title": title, "text": text_of(e, notation), "error": e.check().error, "unprinted": list(e.unprinted)}
        for title, e in equations
    ]


def text_of(equations: Any, notation: str) -> str:
    """The equations in one of the notations."""
    from gradiens.core.check import known

    return getattr(equations, known("notation", notation, ("unicode", "latex", "mathml")))()


def _print_equations(equations: list[tuple[str, Any]], notation: str, as_json: bool) -> None:
    if as_json:
        emit({"equations": _told(equations, notation)})
        return
    out = console()
    for title, one in equations:
        text = text_of(one, notation)
        out.print(f"\n[bold]{title}[/bold]   [dim]checked, error {one.check().error:.1e}[/dim]")
        out.print(text, markup=False)
        if one.unprinted:
            out.print(f"printed by name only: {', '.join(one.unprinted)}", markup=False)


def runs(
    folder: Annotated[Path, typer.Argument(help="where to look")] = Path("runs"),
    as_json: Json = False,
) -> None:
    """The runs in a folder: data, state, score on the test rows."""
    found = sorted(path.parent for path in folder.glob("*/spec.json")) if folder.is_dir() else []
    told = [_told_of(path) for path in found]
    if as_json:
        emit({"runs": told})
    elif told:
        console().print(table("", tuple(told[0]), [list(one.values()) for one in told]))
    else:
        console().print(f"no runs in {folder}; gradiens fit DATA --target COLUMN makes one")


def _told_of(path: Path) -> dict[str, Any]:
    """One run in a line; a damaged one is told as such and hides no other."""
    from gradiens.core.check import Failure
    from gradiens.core.run import Run

    empty = {"run": str(path), "data": "", "target": "", "state": "damaged", "metric": "", "test": None}
    try:
        spec, summary = Run(path).spec, Run(path).summary
        test = (summary or {}).get("test", {})
        metric = "rmse" if "rmse" in test else "accuracy"
        told = {"data": Path(spec["data"]).name, "target": (summary or spec)["target"], "metric": metric}
        return {**empty, **told, "state": "done" if summary else "unfinished", "test": test.get(metric)}
    except (Failure, KeyError, TypeError, AttributeError):
        return empty


NEEDED = ("jax", "equinox", "optax", "polars", "pydantic", "plotly", "safetensors", "sklearn", "scipy", "rich", "typer")


def doctor(as_json: Json = False) -> None:
    """Versions, device, caches; what is missing, and the command that mends it."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    told: dict[str, Any] = {"python": sys.version.split()[0], "missing": missing, "advice": []}
    if missing:
        packages = " ".join("scikit-learn" if name == "sklearn" else name for name in missing)
        told["advice"].append(f"{sys.executable} -m pip install {packages}")
    if "jax" not in missing:
        from gradiens.core.session import environment

        told |= environment()
    told |= _folders(told["advice"])
    if as_json:
        emit(told)
    else:
        rows = [
            [name, ", ".join(map(str, v)) or "nothing" if isinstance(v, list) else v]
            for name, v in told.items()
            if name != "advice"
        ]
        console().print(table("", ("what", "here"), rows))
        for line in told["advice"]:
            console().print(f"→ {line}", markup=False)
    if missing:
        raise typer.Exit(1)


def _folders(advice: list[str]) -> dict[str, Any]:
    from gradiens.core.session import cache_folder

    cache, data = cache_folder(), os.environ.get("GRADIENS_DATA", "")
    compiled = list((cache / "compiled").glob("*")) if (cache / "compiled").is_dir() else []
    if not data:
        advice.append(
            "export GRADIENS_DATA=FOLDER  # where your copies of MNIST … lie; else they are downloaded to the cache"
        )
    elif not Path(data).is_dir():
        advice.append(f"GRADIENS_DATA names {data}, which is not a folder: mkdir -p {data}")
    probe = cache if cache.exists() else next(p for p in cache.parents if p.exists())
    if not os.access(probe, os.W_OK):
        advice.append(f"export GRADIENS_CACHE=FOLDER  # {cache} cannot be written")
    megabytes = sum(path.stat().st_size for path in compiled) / 1e6
    return {"cache": str(cache), "compiled programs": f"{len(compiled)}, {megabytes:.0f} MB", "data": data or "not set"}
