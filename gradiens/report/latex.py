"""A run as a LaTeX fragment, to be `\\input` in a paper: its equations, its layers, and how it was trained.

The document needs the packages amsmath and amssymb, which the first line of the fragment says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gradiens.equations.boxes.latex import latex
from gradiens.equations.boxes.notation import named
from gradiens.nn.summary import layer_table
from gradiens.report.text import metric_name
from gradiens.train.explain import Titled
from gradiens.train.fitted import Fitted

_ESCAPED = {
    **{char: "\\" + char for char in "&%$#_{}"},
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}", "<": "$<$", ">": "$>$", "|": "$|$",
    **{char: f"$_{digit}$" for digit, char in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    "–": "--", "—": "---", "“": "``", "”": "''", "‘": "`", "’": "'", "…": r"\ldots{}", "×": r"$\times$",
}  # fmt: skip


def fragment(fitted: Fitted, equations: Sequence[Titled]) -> str:
    """The text of the file."""
    parts = [
        r"% Written by gradiens explain RUN --tex; needs \usepackage{amsmath,amssymb}",
        *(_display(title, one) for title, one in equations),
        _table("Parameters", ("array", "shape", "numbers"), _shapes(fitted.model)),
        _table("Set-up of the training", ("", ""), _setup(fitted)),
    ]
    scores = _scores(fitted)
    if scores:
        parts.append(_table("On the test rows", ("model", *map(metric_name, fitted.summary["test"])), scores))
    return "\n".join(parts)


def _display(title: str, one: Any) -> str:
    """The lines of a print, which may go on over the page, and the spaces of the symbols in a sentence."""
    body = one.latex(where=False).removeprefix("\\begin{aligned}\n").removesuffix("\n\\end{aligned}")
    spaces = ", ".join(f"${latex(box)}$" for box in one.clause())
    return "\n".join([
        rf"\paragraph{{{escaped(title[:1].upper() + title[1:])}}} {escaped(str(one.check()))}.",
        r"{\allowdisplaybreaks",
        r"\begin{align*}",
        body,
        r"\end{align*}}",
        rf"\noindent where {spaces}." if spaces else "",
        "",
    ])  # fmt: skip


def _shapes(model: Any) -> list[list[str]]:
    rows = []
    for layer in layer_table(model):
        own = layer["shape"]
        arrays = {layer["name"]: own} if isinstance(own, tuple) else {f"{layer['name']}.{k}": v for k, v in own.items()}
        rows += [
            [_name(name), " × ".join(map(str, shape)) or "1", f"{_product(shape):,}"] for name, shape in arrays.items()
        ]
    return rows


def _name(name: str) -> str:
    """The name of a parameter of a written model in mathematics, the path of another one as it is."""
    return f"${latex(named(name))}$" if "{" in name or len(name) == 1 else name


def _product(shape: Iterable[int]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total


def _setup(fitted: Fitted) -> list[list[str]]:
    """What was asked for, and what came of it where the run is at hand."""
    spec, summary = fitted.spec, fitted.summary
    card: Mapping[str, Any] = summary.get("card", {})
    optimizer = spec.make_optimizer()
    knobs = ", ".join(f"{name} = {value:g}" for name, value in vars(optimizer).items() if isinstance(value, float))
    parts = ", ".join(f"{count:,} {name}" for name, count in card.get("parts", {}).items())
    rows = {
        "data": card.get("name") or spec.data,
        "rows": f"{card['rows']:,} ({parts})" if card else "",
        "features": card.get("features", ""),
        "target": f"{fitted.preprocessing.target.name} ({fitted.task})",
        "parameters": f"{summary['parameters']:,}" if summary else "",
        "optimizer": spec.optimizer + (f" ({knobs})" if knobs else ""),
        "schedule": spec.schedule,
        "clip": f"{spec.clip:g}" if spec.clip else "",
        "batch": spec.batch,
        "epochs": summary.get("epochs", spec.epochs) or "",
        "seed": spec.seed,
        "precision": "float64" if spec.x64 else "float32",
    }
    return [[name, str(value)] for name, value in rows.items() if value != ""]


def _scores(fitted: Fitted) -> list[list[str]]:
    if "test" not in fitted.summary:
        return []
    test, rivals = fitted.summary["test"], fitted.summary["baselines"]
    told = {"this model": test, **rivals}
    return [[who, *(f"{scores[name]:.4f}" if name in scores else "" for name in test)] for who, scores in told.items()]


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in the text, its caption above it."""
    lines = [list(head)] if any(head) else []
    rule = [r"\hline"] if lines else []
    shown = [" & ".join(map(_cell, row)) + r" \\" for row in [*lines, *rows]]
    body = [*shown[: len(lines)], *rule, *shown[len(lines) :]]
    columns = "l" + "r" * (len(head) - 1) if any(head) else r"lp{0.7\linewidth}"
    begin = rf"\noindent\begin{{tabular}}{{{columns}}}"
    return "\n".join([rf"\paragraph{{{escaped(title)}}}\mbox{{}}\par", begin, *body, "\\end{tabular}\n"])


def _cell(text: str) -> str:
    return text if text.startswith("$") else escaped(text)


def escaped(text: str) -> str:
    """A text as LaTeX shows it; what a Latin font lacks by its number."""
    return "".join(_ESCAPED.get(char) or (char if ord(char) < 0x180 else _number(char)) for char in text)


def _number(char: str) -> str:
    return rf"\texttt{{U+{ord(char):04X}}}"
