"""`gradiens runs` and `doctor`: the runs there are, and what this machine has."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from gradiens.cli.output import Json, console, emit, table


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
