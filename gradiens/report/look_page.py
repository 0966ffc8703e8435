"""The page on one picture: what a network says of it, which pixels mattered, what its layers see, what it would like to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from gradiens.report.document import Section, document
from gradiens.report.figure import Figure
from gradiens.report.maps import enlarged, grey, heat, over, pictures, signed, spread
from gradiens.report.page import row
from gradiens.report.text import copyable, elide, number, table
from gradiens.train.inner import Maps, View

MOST = 12  # classes in the table of probabilities

MEANINGS = {
    "saliency": ("|∂f_c/∂x|", "the darker, the more the score answers to a small change of the pixel"),
    "saliency, smoothed": ("|mean of ∂f_c/∂x|", "the same averaged over the picture with noise: steadier"),
    "integrated gradients": (
        "(x − x̄) ⊙ mean of ∂f_c/∂x",
        "the score shared out along the way from black: red speaks for the class, blue against it",
    ),
    "occlusion": ("f_c(x) − f_c(x hidden)", "how far the score falls with a grey patch there: red where it is needed"),
    "Grad-CAM": ("relu(Σ αₖ Aₖ)", "where in the maps of a late layer the evidence for the class lies"),
}


@dataclass(frozen=True)
class Looked:
    """What the page is about: the view, the classes by code, the picture's name, its true class if it is known, notes."""

    view: View
    classes: Sequence[str]
    name: str
    run: str
    truth: str = ""
    notes: Sequence[str] = ()
    command: str = ""


def look_page(looked: Looked) -> str:
    """One self-contained HTML page."""
    view, name = looked.view, looked.classes[looked.view.code]
    said = probabilities(view.probabilities, looked.classes)
    parts = [
        ("picture", "What it says", row([_picture(looked)], "said", said)),
        ("pixels", f"Which pixels mattered for “{name}”", _pixels(view)),
        ("layers", "What the first layers see", row(_layers(view), "layer")),
        ("wish", f"What it would take for “{name}” beyond doubt", row([_wish(view, name)], "wish")),
        ("repeat", "How to repeat it", copyable(looked.command, "command", "Copy command") if looked.command else ""),
    ]
    sections = [Section(*part) for part in parts if part[2]]
    top = f'<p class="kicker">{escape(looked.run)}</p><h1>{escape(_headline(looked))}</h1>{_notes(looked)}'
    head = f'<header id="top">{top}</header>'
    return document(f"{looked.name}: {name}", head, sections, "This page loads nothing from the network.")


def _headline(looked: Looked) -> str:
    read = looked.classes[int(np.argmax(looked.view.probabilities))]
    known = f", and it is {looked.truth}" if looked.truth else ""
    return f"{looked.name} is read as {read}{known}"


def _notes(looked: Looked) -> str:
    return "".join(f'<p class="aside">{escape(note)}</p>' for note in looked.notes)


def _picture(looked: Looked) -> Figure:
    shape = " × ".join(map(str, looked.view.picture.shape[1:]))
    return pictures("The picture, as the network gets it", [enlarged(plain(looked.view.picture))], [shape])


def probabilities(p: np.ndarray, classes: Sequence[str]) -> str:
    """The most probable classes, the first on top."""
    order = np.argsort(-p, kind="stable")[:MOST]
    rows = [
        [escape(elide(classes[k], 40)), number(p[k]), f'<i class="meter" style="width:{100 * float(p[k]):.1f}%"></i>']
        for k in order
    ]
    more = f", the first {MOST} of {len(p)}" if len(p) > MOST else ""
    return table(f"Probability of each class{more}", ["class", "probability", ""], rows, "numbers meters")


def plain(v: np.ndarray) -> np.ndarray:
    """C × H × W as a picture: grey, or in colours."""
    return v[0] if len(v) == 1 else np.moveaxis(v[:3], 0, -1)


def maps_of(view: View) -> dict[str, np.ndarray]:
    """The map by each method over the picture, at the picture's size."""
    x, size = plain(view.picture), view.picture.shape[1:]
    drawn = {
        "saliency": heat(view.saliency),
        "saliency, smoothed": heat(view.smooth),
        "integrated gradients": signed(view.integrated),
        "occlusion": signed(spread(view.occlusion, size)),
    }
    if view.cam is not None:
        drawn["Grad-CAM"] = heat(spread(view.cam.maps[0], size))
    return {name: enlarged(over(x, M)) for name, M in drawn.items()}


def _pixels(view: View) -> str:
    drawn = maps_of(view)
    gained = f"{number(view.integrated.sum())}, and the score is {number(view.gain)} above that of a black picture"
    says = f"The integrated gradients add up to {gained}. The patch is {view.window} × {view.window}."
    if view.cam is not None:
        says += f" Grad-CAM is of layer {view.cam.place + 1} ({view.cam.name}), {_size(view.cam)}."
    rows = [[escape(name), escape(MEANINGS[name][0]), escape(MEANINGS[name][1])] for name in drawn]
    figure = pictures("Maps over the picture", list(drawn.values()), list(drawn), says)
    return row([figure], "pixels") + table("How each map is made", ["map", "formula", "it shows"], rows)


def _size(maps: Maps) -> str:
    return " × ".join(map(str, maps.maps.shape[1:]))


def _layers(view: View) -> list[Figure]:
    figures = []
    if len(view.filters):
        colours = view.filters.shape[1] == 3
        drawn = [enlarged(_colours(w) if colours else signed(w[0]), 80) for w in view.filters]
        says = "Middle grey weighs nothing." if colours else "Red weighs light, blue weighs dark."
        figures.append(pictures("Weights of the first layer", drawn, says=says))
    for one in view.layers:
        drawn = [enlarged(grey(a), 80) for a in one.maps]
        title = f"After layer {one.place + 1} ({one.name}), {_size(one)}"
        figures.append(pictures(title, drawn, says="Each map from its least number (black) to its largest (white)."))
    return figures


def _colours(w: np.ndarray) -> np.ndarray:
    """A kernel over three channels as a picture, 0 in the middle."""
    most = np.abs(w).max()
    return np.moveaxis(0.5 + 0.5 * w / (most if most > 0 else 1), 0, -1)


def _wish(view: View, name: str) -> Figure:
    says = f"By gradient ascent from grey, with a penalty. The network's probability of {name} for it: {number(view.reached)}."
    return pictures("The picture with the highest score", [enlarged(plain(view.maximum))], says=says)
