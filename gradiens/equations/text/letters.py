"""The words of the language: Greek letters as they are spelled, functions, large operators; and what a LaTeX command says."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from gradiens.equations.tree.operations import TABLE

_SPELLED = """alpha α beta β gamma γ delta δ epsilon ε eps ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ
pi π rho ρ sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω
Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω"""
GREEK: dict[str, str] = dict(zip(_SPELLED.split()[::2], _SPELLED.split()[1::2], strict=True))

# `log x`: functions that one factor may follow without brackets.
_PREFIX = "log exp sqrt sin cos tan sinh cosh tanh arcsin arccos arctan arsinh arcosh artanh tr det diag vec"
PREFIX = frozenset(_PREFIX.split())
BIG: dict[str, str] = {
    "Σ": "sum", "∑": "sum", "Π": "prod", "∏": "prod", "𝔼": "expectation", "sum": "sum", "prod": "prod", "mean": "mean",
    "max": "max", "min": "min", "any": "any", "all": "all", "argmax": "argmax", "argmin": "argmin",
}  # fmt: skip
KEYWORDS = {
    "if": "IF", "otherwise": "OTHERWISE", "else": "OTHERWISE", "for": "FOR", "where": "WHERE", "while": "WHILE",
    "in": "IN", "and": "AND", "or": "OR", "not": "NOT",
}  # fmt: skip
FIELDS = {"R": "ℝ", "Z": "ℤ", "C": "ℂ", "A": "𝔸"}
LARGE = {"\\sum": "∑", "\\prod": "∏", "\\mathbb{E}": "𝔼"}
ADVICE = {
    ".": "a name has no parts; write 0.5 for a number",
    "@": "write W x for a product",
    "!": "write ≠ as !=, ¬ as not",
    '"': "write words without quotes",
    "\\": "write a LaTeX command or nothing",
    "%": "write 0.01",
    "~": "write = for an equation",
}
NUMBERS = {"pi": "π", "π": "π", "inf": "∞", "NaN": "NaN"}
ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "bar": "\u0304",
    "overline": "\u0304",
}
SHAPING = frozenset(["flat", "reshape", "onehot"])  # functions that are no operations of the table
SINGLE = frozenset(["σ", "ψ", "Γ", "ζ"])  # single letters that are functions where a bracket follows at once
_VARIANTS = {"ϑ": "θ", "ϕ": "φ", "ϵ": "ε", "ϰ": "κ", "ϱ": "ρ", "ϖ": "π", "µ": "μ", "ℓ": "ℓ", "ℏ": "ℏ"}


@cache
def functions() -> frozenset[str]:
    """The names that are functions: the operations of the table, and the words above."""
    table = {name.rstrip("'") for name in TABLE}
    return frozenset(table | SHAPING | PREFIX | set(BIG) | SINGLE)


def is_below(function: str, word: str) -> bool:
    """Does `word` stand below the name of a function, `softmax_rows`, `max_ij`, `elu_alpha`? Else the two are one word."""
    short = len(word) == 1 or word in GREEK or (function in BIG and len(word) <= 3)
    return function in functions() and (short or word in ("rows", "columns"))


def plain(token: str) -> str:
    r"""What a letter or a LaTeX command says: `\alpha` α, `\varphi` φ, `\log` log, `\arg\max` argmax; 𝑥 and ϕ are x and φ."""
    if token.startswith("\\"):
        word = re.sub(r"[\\\s]", "", token)
        word = word.removeprefix("var") if word.removeprefix("var") in GREEK else word
        return "ℓ" if word == "ell" else plain(GREEK.get(word, word))
    if token.isascii():
        return "log" if token == "ln" else token
    letters = unicodedata.normalize("NFC", token)
    return "".join(_VARIANTS.get(char) or unicodedata.normalize("NFKC", char) for char in letters)


def accented(letter: str, accent: str) -> str:
    """A letter with a hat, a tilde or a bar: ŷ, x̄."""
    return unicodedata.normalize("NFC", letter + ACCENTS[accent])


def accent_command(token: str) -> str:
    r"""`\hat{y}` is ŷ, `\tilde{\theta}` θ̃."""
    name = re.match(r"\\([a-z]+)", token)
    assert name is not None
    inside = token[name.end() :].strip().strip("{}").strip()
    return accented(GREEK.get(inside) or plain(inside), name[1])


def text_command(token: str) -> str:
    r"""`\operatorname{softmax}` is softmax, `\text{leaky\_relu}` leaky_relu."""
    inside = token[token.index("{") + 1 : -1].strip()
    return re.sub(r"\s+", "_", inside.replace("\\_", "_"))


def clusters(text: str) -> list[tuple[int, str]]:
    """The letters of a word, each with its combining marks, and where they start."""
    return [(found.start(), found[0]) for found in re.finditer(r".[\u0300-\u036f]*", text, re.DOTALL)]


def carries_accent(letter: str) -> bool:
    """Is it a letter with a hat, a tilde or a bar, which is a name of its own?"""
    return any(mark in ACCENTS.values() for mark in unicodedata.normalize("NFD", letter)[1:])


def script_text(run: str) -> str:
    """The characters that raised or lowered ones stand for: `⁻¹` is -1."""
    return unicodedata.normalize("NFKC", run).replace("−", "-")
