"""Boxes as LaTeX (amsmath and amssymb)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from gradiens.equations.boxes.notation import (
    APPLY,
    LONGEST,
    SPACE,
    Big,
    Box,
    Cases,
    Digits,
    Fence,
    Frac,
    Heading,
    Letter,
    Matrix,
    Root,
    Row,
    Script,
    Shown,
    Sign,
    Word,
)  # fmt: skip
from gradiens.equations.boxes.unicode import unicode, width

_LETTERS = """α alpha β beta γ gamma δ delta ε varepsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu ν nu ξ xi
π pi ρ rho σ sigma τ tau υ upsilon φ varphi χ chi ψ psi ω omega Γ Gamma Δ Delta Θ Theta Λ Lambda Ξ Xi Π Pi Σ Sigma Φ Phi Ψ Psi
Ω Omega"""
_GREEK = dict(zip(_LETTERS.split()[::2], _LETTERS.split()[1::2], strict=True))
_SIGNS = {
    "⊙": r"\odot", "·": r"\cdot", "×": r"\times", "∈": r"\in", "≥": r"\ge", "≤": r"\le", "≠": r"\ne", "⊤": r"\top",
    "∂": r"\partial", "⋆": r"\star", "∧": r"\land", "∨": r"\lor", "¬": r"\lnot", "→": r"\to", "…": r"\ldots", "′": "'",
    "∞": r"\infty", "∘": r"\circ", "⟨": r"\langle", "⟩": r"\rangle", " ": r"\,", "{": r"\{", "}": r"\}", "∇": r"\nabla",
    "⊗": r"\otimes", "‖": r"\lVert", "|": "|", "⊕": r"\oplus",
}  # fmt: skip
_STYLED = {
    "ℝ": r"\mathbb{R}",
    "ℤ": r"\mathbb{Z}",
    "ℂ": r"\mathbb{C}",
    "𝟏": r"\mathbf{1}",
    "ℓ": r"\ell",
    "∅": r"\emptyset",
}
_FENCES = {
    "‖": (r"\lVert", r"\rVert"),
    "|": (r"\lvert", r"\rvert"),
    "⌊": (r"\lfloor", r"\rfloor"),
    "⌈": (r"\lceil", r"\rceil"),
}
_WORDS = {
    "log",
    "exp",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "max",
    "min",
    "arcsin",
    "arccos",
    "arctan",
    "gcd",
    "det",
}
_SAID = {"otherwise"}
_BIG = {"Σ": r"\sum", "Π": r"\prod", "max": r"\max", "min": r"\min"}
_ACCENTS = {"\u0302": r"\hat", "\u0303": r"\tilde", "\u0304": r"\bar"}
_TIGHT = "′,()[]/-:;=+"


def latex(box: Box) -> str:
    """The LaTeX of a box."""
    return _PRINT[type(box)](box)


def _letter(box: Letter) -> str:
    base, *marks = unicodedata.normalize("NFD", box.text)
    text = _STYLED.get(base) or ("\\" + _GREEK[base] if base in _GREEK else base)
    for mark in marks:
        text = f"{_ACCENTS[mark]}{{{text}}}" if mark in _ACCENTS else text + mark
    return text


def _word(box: Word) -> str:
    if box.text in _WORDS:
        return "\\" + box.text
    text = (
        box.text.replace("\\", r"\textbackslash ")
        .replace("_", r"\_")
        .replace("#", r"\#")
        .replace("%", r"\%")
        .replace("&", r"\&")
    )
    return rf"\operatorname{{{text}}}" if text.isalnum() and text not in _SAID else rf"\text{{{text}}}"


def _sign(box: Sign) -> str:
    if box == APPLY:  # LaTeX spaces the names of functions itself
        return " "
    text = "".join(_SIGNS.get(char, char) for char in box.text)
    return text if box.tight and (box == SPACE or all(c in _TIGHT for c in box.text)) else f" {text} "


def _row(box: Row) -> str:
    parts = [latex(item) for item in box.items]
    out = ""
    for part in parts:
        glue = " " if out and _ends_in_command(out) and part[:1].isalnum() else ""
        out += glue + part
    return out.strip()


def _ends_in_command(text: str) -> bool:
    tail = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return tail.endswith("\\") and tail != text


def _script(box: Script) -> str:
    base = latex(box.base)
    sub = f"_{{{latex(box.sub).strip()}}}" if box.sub is not None else ""
    sup = f"^{{{_primes(latex(box.sup).strip())}}}" if box.sup is not None else ""
    return base + sub + sup


def _primes(text: str) -> str:
    return text.replace("'", r"\prime ").strip() if "'" in text else text


def _fence(box: Fence) -> str:
    left, right = _FENCES.get(box.left, (_SIGNS.get(box.left, box.left), _SIGNS.get(box.right, box.right)))
    body = latex(box.body)
    tall = any(mark in body for mark in (r"\frac", r"\sum", r"\prod", r"\begin"))
    if tall:
        return rf"\left{left} {body} \right{right}"
    return f"{left}{' ' if left.startswith(chr(92)) and body[:1].isalpha() else ''}{body}{right}"


def _big(box: Big) -> str:
    text = _BIG.get(box.text) or rf"\operatorname*{{{box.text}}}"
    below = f"_{{{latex(box.below)}}}" if box.below is not None else ""
    above = f"^{{{latex(box.above)}}}" if box.above is not None else ""
    return text + below + above + " "


def _cases(box: Cases) -> str:
    rows = r" \\ ".join(f"{latex(value)} & {latex(when)}" for value, when in box.rows)
    return rf"\begin{{cases}} {rows} \end{{cases}}"


def _matrix(box: Matrix) -> str:
    rows = r" \\ ".join(" & ".join(map(latex, entries)) for entries in box.rows)
    return rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}"


_PRINT = {
    Letter: _letter,
    Word: _word,
    Digits: lambda box: box.text,
    Sign: _sign,
    Row: _row,
    Script: _script,
    Fence: _fence,
    Frac: lambda box: rf"\frac{{{latex(box.over)}}}{{{latex(box.under)}}}",
    Root: lambda box: rf"\sqrt{{{latex(box.body)}}}",
    Big: _big,
    Cases: _cases,
    Matrix: _matrix,
}


def page(rows: Iterable[Shown | Heading], spaces: Sequence[Box] = ()) -> str:
    """Lines `left = right` aligned at the equals sign, what does not fit on one set in below; blocks under their headings;
    the spaces of the symbols at the end.
    """
    body: list[str] = []
    for one in rows:
        if isinstance(one, Heading):
            body.append(f"&{latex(one.box)}")
            continue
        first, *more = map(latex, one.right)
        body.append(rf"{latex(one.left)} &= {first}")
        body += [rf"&\quad {part.strip()}" for part in more]
    body += _where(spaces)
    return "\\begin{aligned}\n" + " \\\\\n".join(body) + "\n\\end{aligned}"


def _where(spaces: Sequence[Box]) -> list[str]:
    lines: list[list[str]] = []
    used = 0
    for box in spaces:
        wide = width(unicode(box)) + 2
        if not lines or used + wide > LONGEST:
            lines.append([])
            used = 0
        lines[-1].append(latex(box))
        used += wide
    return [(r"&\text{where } " if not place else r"&\quad ") + r",\ ".join(line) for place, line in enumerate(lines)]


_ESCAPED = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "'": r"\textquotesingle{}",
}


def code(lines: Sequence[str]) -> str:
    """Lines of code in a typewriter's letters."""
    return "\\begin{aligned}\n" + " \\\\\n".join(rf"&\texttt{{{_typed(text)}}}" for text in lines) + "\n\\end{aligned}"


def _typed(text: str) -> str:
    spaces = len(text) - len(text.lstrip())
    return "~" * spaces + "".join(_ESCAPED.get(c, "\\" + c if c in "_{}#%&$" else c) for c in text.lstrip())
