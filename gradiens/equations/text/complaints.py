"""Why the grammar has no place for a terminal: what stands before it says what was expected."""

from __future__ import annotations

from typing import Any

from gradiens.equations.text.faults import shown
from gradiens.equations.text.pieces import Wrong
from gradiens.equations.text.syntax import Place

_TWICE = {"**": "write x^2 for a power", "==": "write =, or ≤ as <="}
_ENDS = frozenset(
    ("NAME", "NUM", "ONES", "FIELD", "PRIME", "TRANSPOSE", "RPAR", "RBRACK", "RBRACE", "COLON", "OTHERWISE")
)
_KEYWORDS = ("IF", "OTHERWISE", "FOR", "WHILE", "WHERE", "AND", "OR", "NOT", "IN")


def complaint(text: str, token: Any, stack: list[Any]) -> Wrong:
    """The mistake at `token`; `stack` holds what was read of the statement: terminals and finished parts."""
    ended = token.type in ("$END", "SEP")
    start = len(text.rstrip()) if token.type == "$END" else token.start_pos
    at = Place(start, start + 1 if ended else token.end_pos)
    got = _said(text, token)
    begun = [getattr(part, "type", "") for part in stack]
    begun = begun[len(begun) - begun[::-1].index("SEP") :] if "SEP" in begun else begun
    last: Any = stack[-1] if begun else None
    if last is None or (begun[-1] and begun[-1] not in _ENDS and not begun[-1].endswith("_CLOSE")):
        return _no_value(text, at, last, token, got)
    if token.type == "ASSIGN":
        return Wrong(at, "one = in an equation", "another one", "put a relation into brackets: 𝟏[a = b]")
    if token.type in ("COMPARE", "EQ"):
        return Wrong(at, "one relation", "another one", "write (a < b) ∧ (b < c)")
    if "FOR" in begun and (ended or "RANGE" not in begun):
        return Wrong(at, "a colon after a range" if "RANGE" in begun else "a range", got, "write for t = 1..T:")
    if ended and not {"ASSIGN", "IN"} & set(begun):
        return Wrong(at, "= and a right side, or ∈ and a space", got, "write ŷ = W x + b")
    if token.type == "RANGE":
        return Wrong(at, "a range behind a comma", got, "write h⟨t⟩ = …, t = 1..T")
    return Wrong(at, "an operator or the end of the line", got, _advice(token))


def _no_value(text: str, at: Place, last: Any, token: Any, got: str) -> Wrong:
    """A value is missing behind a terminal."""
    if last is None:
        return Wrong(at, "a name at the beginning of a statement", got, _advice(token))
    before = text[last.start_pos : last.end_pos].strip()
    if last.type == "IN":
        return Wrong(at, "a space after ∈", got, "write W ∈ ℝ^(m×n), k ∈ ℤ or y ∈ {0, …, 9}")
    if last.type == "FOR":
        return Wrong(at, "an index after for", got, "write for t = 1..T:")
    if last.type == "PREFIX":
        return Wrong(at, f"the argument of {before}", got, f"write {before}(x)" if before.isalpha() else "")
    advice = _TWICE.get(before + text[token.start_pos : token.end_pos]) or _advice(token)
    return Wrong(at, f"a value after {shown(before)}" if before else "a value", got, advice)


def _said(text: str, token: Any) -> str:
    if token.type == "$END":
        return "the end of the text"
    written = text[token.start_pos : token.end_pos]
    return "the end of the line" if token.type == "SEP" and not written.strip(";\r\n\\: ") else shown(written)


def _advice(token: Any) -> str:
    if token.type in _KEYWORDS and str(token).isalpha():
        return f"'{token}' is a word of the language"
    return ""
