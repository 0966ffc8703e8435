"""Subscripts and superscripts of all spellings to the same pieces: `x_i`, `x_{i}`, `xᵢ`; `x^2`, `x²`; `W^[1]`, `x⁽ⁱ⁾`, `h<t>`."""

from __future__ import annotations

import re
from typing import Any

from gradiens.equations.text import letters
from gradiens.equations.text.faults import shown
from gradiens.equations.text.pieces import BASES, Piece, Pieces, Wrong, join

_LETTERS = ("WORD", "LETTER", "ACCENT", "TEXT", "SPELLED", "INFINITY", "ONES")
_NUMBERS = ("NUMBER", "PART")
_PART = re.compile(r"[0-9]+|[A-Za-z]+|.")
_ONE = re.compile(r"[0-9]+|.")
_SIGNS = {"+": "PLUS", "-": "MINUS", "=": "EQ", "(": "LPAR", ")": "RPAR", "∞": "NUM"}


class Scripts(Pieces):
    """The part of the scanner that reads scripts; a script is open in the frame of a bracket, whatever its spelling."""

    def read(self, piece: Piece) -> Any:
        """Read one raw terminal; `Scanner` knows how."""
        raise NotImplementedError

    def ending(self, stop: int) -> None:
        """A script without a bracket of its own ends."""
        piece = Piece("END", "", stop, stop)
        opener = self.close(piece)
        if piece.type == "SUP_CLOSE":
            read_marks(self.pieces, opener)

    def below(self, inner: list[Piece]) -> None:
        """These raw terminals as a subscript."""
        first, last = inner[0], inner[-1]
        self.open(Piece("SUB_OPEN", "_", first.start, first.start), "SUB_OPEN", "END", "sub")
        for piece in inner:
            self.put(piece)
        self.ending(last.stop)

    def _check_based(self, piece: Piece) -> None:
        """A script stands behind a value, a large operator, ⋆ or ∇."""
        last = self.last
        if last is None or not (last.type in BASES or last.type in ("LARGE", "PREFIX", "STAR")):
            raise Wrong(piece.at, f"a name before {piece.text}", "none", "write x_i or x^2")

    def _under(self, piece: Piece) -> None:
        self._check_based(piece)
        bracket = self.ahead("LBRACE", "LPAR", tight=False)
        if bracket:
            self.next += 1
            opener = Piece("", f"_{bracket.text}", piece.start, bracket.stop)
            self.open(opener, "SUB_OPEN", "RBRACE" if bracket.type == "LBRACE" else "RPAR", "sub")
            return
        found = self.ahead(*_LETTERS, *_NUMBERS)
        if not found:
            raise Wrong(piece.at, "a subscript", "nothing after _", "write x_i or x_{i, j+1}")
        self.next += 1
        self.open(Piece("", "_", piece.start, piece.stop), "SUB_OPEN", "END", "sub")
        lettered = found.type in _LETTERS
        self.read(found)
        while digits := self.ahead("NUMBER"):
            self.next += 1
            self.read(digits)
        while lettered and (run := self.ahead("LOWERED")):  # x_cᵢ
            self.next += 1
            self._lowered(run)
        self.ending(self.pieces[-1].stop)

    def _above(self, piece: Piece) -> None:
        self._check_based(piece)
        kind = "space" if self._after_space() else "sup"
        bracket = self.ahead("LBRACE", "LPAR", "LBRACK", tight=False)
        if self.ahead("LTIME", "TIME"):  # h^⟨t⟩ is h⟨t⟩
            return
        if bracket:
            self.next += 1
            closer = {"LBRACE": "RBRACE", "LPAR": "RPAR", "LBRACK": "END"}[bracket.type]
            self.open(Piece("", f"^{bracket.text}", piece.start, bracket.stop), "SUP_OPEN", closer, kind)
            if bracket.type == "LBRACK":
                self.open(Piece("", "^[", bracket.start, bracket.stop), "LAYER_OPEN", "RBRACK")
            return
        self.open(Piece("", "^", piece.start, piece.stop), "SUP_OPEN", "END", kind)
        self._exponent(piece)
        self.ending(self.pieces[-1].stop)

    def _exponent(self, above: Piece) -> None:
        """What stands above without brackets: a number or a name with its own raised and lowered letters, `e^zᵢ`."""
        while sign := self.ahead("MINUS", "RING"):
            self.next += 1
            self.put(sign)
        found = self.ahead(*_LETTERS, *_NUMBERS, "TOP", "PRIME")
        if not found:
            raise Wrong(above.at, "a superscript", "nothing after ^", "write x^2 or x^(n+1)")
        self.next += 1
        if found.type == "WORD" and re.match("T[A-Za-z]", found.text) and self.inside == "sup":  # x^Ty is xᵀ y
            self.next -= 1
            self.raw[self.next] = Piece("WORD", found.text[1:], found.start + 1, found.stop)
            self.add("NAME", "T", found.start, found.start + 1)
            return
        lettered = found.type in _LETTERS
        self.read(found)
        while lettered and (run := self.ahead("RAISED", "LOWERED")):
            self.next += 1
            self.read(run)

    def _after_space(self) -> bool:
        """Is this the superscript of ℝ or of {0, 1}?"""
        last = self.last
        if last is None or last.type == "FIELD":
            return last is not None
        opener = last.mate if last.type == "RBRACE" else None
        return opener is not None and opener.number > 0 and self.pieces[opener.number - 1].type == "IN"

    def _raised(self, run: Piece) -> None:
        self._check_based(run)
        kind = "space" if self._after_space() else "sup"
        self.open(Piece("", run.text, run.start, run.start), "SUP_OPEN", "END", kind)
        self._run(run, _ONE)
        self.ending(run.stop)

    def _lowered(self, run: Piece) -> None:
        self._check_based(run)
        self.open(Piece("", run.text, run.start, run.start), "SUB_OPEN", "END", "sub")
        self._run(run, _PART)
        self.ending(run.stop)

    def _run(self, run: Piece, parts: re.Pattern[str]) -> None:
        """The pieces of raised or lowered characters."""
        for found in parts.finditer(letters.script_text(run.text)):
            start, stop = run.start + found.start(), run.start + found.end()
            self.read(Piece(self._kind(found[0], stop == run.stop), found[0], start, stop))

    def _kind(self, text: str, last: bool) -> str:
        """What characters are in a script: an x between sizes is ×, a raised T transposes."""
        if text in _SIGNS or text[0] in "0123456789":
            return _SIGNS.get(text, "NUM")
        if text == "T" and self.inside == "sup":
            return "TRANSPOSE"
        return "TIMES" if text == "x" and self.inside == "space" and self.based() and not last else "NAME"

    def _top(self, piece: Piece) -> None:
        piece.type = "TRANSPOSE"
        if self.inside == "sup":
            self.put(piece)
            return
        self.open(Piece("", "⊤", piece.start, piece.start), "SUP_OPEN", "END", "sup")
        self.put(piece)
        self.ending(piece.stop)

    def _time(self, piece: Piece) -> None:
        """`h<t-1>` after a name; elsewhere `<`, the name and `>`."""
        inner = Piece("", piece.text[1:-1], piece.start + 1, piece.stop - 1)
        if not (self.based() and not piece.gap):
            raise Wrong(
                piece.at, "a name before the time", shown(piece.text), "write (a < b) ∧ (b > c) for two relations"
            )
        self.open(Piece("", "<", piece.start, piece.start + 1), "LTIME", "END", "")
        self._run(inner, _PART)
        self.ending(piece.stop)


def read_marks(pieces: list[Piece], opener: Piece) -> None:
    """Tell marks from powers in a superscript that has just closed: ^{(i)} and ^(i) are an example, ^T a transpose.

    But e^(x), 2^(n) and γ^(T) are powers.
    """
    start, closer = opener.number + 1, pieces[-1]
    content = pieces[start:-1]
    if opener.inside == "space" or not content:
        return
    base = pieces[opener.number - 1] if opener.number else opener
    last = content[-1]
    marked = len(content) == 1 or content[-2].type in ("LAYER_CLOSE", "PRIME") or _is_mark(pieces, content[-2])
    if opener.text == "^(":
        named = len(content) == 1 and (last.type == "NUM" or (last.type == "NAME" and last.text != "T"))
        if named and base.type != "NUM" and base.text != "e":
            left, right = (Piece(f"EXAMPLE_{end}", "", last.start, last.stop) for end in ("OPEN", "CLOSE"))
            join(left, right)
            pieces[start:] = [left, last, right, closer]
            renumber(pieces, start)
        return
    if last.type == "NAME" and last.text == "T" and marked:
        last.type = "TRANSPOSE"
    while content and content[0].type == "LAYER_OPEN" and content[0].mate:
        content = content[content[0].mate.number - content[0].number + 1 :]
    first, rest = content[0] if content else opener, content[:-1] if last.type == "TRANSPOSE" else content
    if first.type == "LPAR" and first.mate in rest[-1:] and [one.text for one in rest[1:-1]] != ["T"]:
        first.type, rest[-1].type = "EXAMPLE_OPEN", "EXAMPLE_CLOSE"


def _is_mark(pieces: list[Piece], closer: Piece) -> bool:
    """Does a bracket close that stands at the beginning of a superscript, `^{(i)⊤}`?"""
    opener = closer.mate if closer.type == "RPAR" else None
    return opener is not None and pieces[opener.number - 1].type in ("SUP_OPEN", "LAYER_CLOSE")


def drop_parens(pieces: list[Piece], opener: Piece) -> None:
    """`A_{(2:5, :)}` is `A_{2:5, :}`."""
    first = pieces[opener.number + 1]
    if first.type == "LPAR" and first.mate is pieces[-2]:
        del pieces[-2], pieces[first.number]
        renumber(pieces, opener.number)


def renumber(pieces: list[Piece], start: int) -> None:
    """Give the pieces from `start` on their places."""
    for number in range(start, len(pieces)):
        pieces[number].number = number
