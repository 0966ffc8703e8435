"""`gradiens look`: what a trained network says of one picture, and which pixels made it say so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from gradiens.cli.output import Json, Quiet, console, emit, start, table

SHOWN = 10  # classes in the terminal


def look(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="the folder of a run on pictures, or a model.safetensors")],
    image: Annotated[
        str, typer.Argument(metavar="IMAGE", help="a PNG or JPEG file, or a picture of the run's data: test:17")
    ],
    of: Annotated[str, typer.Option("--class", help="the class to ask about; the predicted one by default")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="the page; default look-PICTURE.html in the run's folder")
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="open the page in the browser")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """What RUN's network says of IMAGE, and why: saliency, occlusion, Grad-CAM, feature maps, on a page of its own."""
    start(as_json, quiet)
    from gradiens.core.check import known
    from gradiens.core.files import write_text
    from gradiens.core.progress import working
    from gradiens.report.look_page import Looked, look_page
    from gradiens.train.fitted import load_model
    from gradiens.train.inner import look as look_into
    from gradiens.train.inner import pictures_of

    fitted = load_model(run)
    classes = pictures_of(fitted).target.classes
    code = classes.index(known("class", of, classes)) if of else None
    pixels, truth, notes = _picture(fitted, image)
    with working(f"looking at {image}"):
        view = look_into(fitted, pixels, code)
        shown = Path(image).name if Path(image).is_file() else image
        page = out or (run if run.is_dir() else run.parent) / _page_of(image)
        words = ["gradiens", "look", str(run), image, *(["--class", of] if of else [])]
        looked = Looked(view, classes, shown, f"{fitted.spec.data}, {run}", truth, notes, shlex.join(words))
        write_text(page, look_page(looked))
    told = _told(view, classes, truth, list(notes))
    if as_json:
        emit({"run": str(run), "picture": image, **told, "page": str(page)})
    else:
        _show(told, shown, page)
    if open_page:
        import webbrowser

        webbrowser.open(page.resolve().as_uri())


def _page_of(image: str) -> str:
    """look-test-17.html; of a file look-FOLDER-NAME.html: in each class there is a 0001.png."""
    path = Path(image)
    words = f"{path.resolve().parent.name}-{path.stem}" if path.is_file() else image
    name = re.sub(r"[^\w-]+", "-", words)[-100:].strip("-") or "picture"
    return f"look-{name}.html"


def _picture(fitted: Any, image: str) -> tuple[Any, str, tuple[str, ...]]:
    """The pixels as the network's data has them, the true class if it is known, and what was done to them."""
    from gradiens.core.check import Mistake

    part, colon, index = image.partition(":")
    if Path(image).is_file():
        encoded = fitted.preprocessing.encode([image])
        return encoded.x[0], "", encoded.notes
    if not (colon and part in ("train", "val", "test") and index.isdecimal()):
        got = f"the folder {image}" if Path(image).is_dir() else f"{image!r}: there is no such file"
        raise Mistake("a picture's file, or a picture of the run's data as test:17", got)
    from gradiens.core.run import Run
    from gradiens.train.fit import prepare_again

    if fitted.folder is None:
        raise Mistake("a run for a picture of its data", "a model alone", "give the run's folder, or a picture's file")
    rows = getattr(prepare_again(Run.open(fitted.folder))[1], part)
    if not int(index) < len(rows):
        raise Mistake(f"a picture from {part}:0 to {part}:{len(rows) - 1}" if len(rows) else f"{part} rows", image)
    return rows.x[int(index)], fitted.preprocessing.target.classes[int(rows.y[int(index)])], ()


def _told(view: Any, classes: Any, truth: str, notes: list[str]) -> dict[str, Any]:
    p = view.probabilities
    return {
        "predicted": classes[int(p.argmax())],
        "true": truth or None,
        "probabilities": {name: float(value) for name, value in zip(classes, p, strict=True)},
        "asked": classes[view.code],
        "integrated_gradients": {"sum": float(view.integrated.sum()), "gain": view.gain},
        "notes": notes,
    }


def _show(told: dict[str, Any], image: str, page: Path) -> None:
    out = console()
    known = f", and it is {told['true']}" if told["true"] else ""
    out.print(f"{image} is read as {told['predicted']}{known}", markup=False)
    for note in told["notes"]:
        out.print(f"· {note}", markup=False)
    ranked = sorted(told["probabilities"].items(), key=lambda pair: -pair[1])
    out.print(table("", ("class", "probability"), ranked[:SHOWN]))
    if len(ranked) > SHOWN:
        out.print(f"… and {len(ranked) - SHOWN} more classes")
    out.print(f"\nlook   {page}", markup=False)
