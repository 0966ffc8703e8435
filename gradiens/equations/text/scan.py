r"""Characters to pieces: names with their accents, numbers, scripts of all spellings, brackets.

`W1`, `W₁`, `W_1` and `W_{1}` give the same pieces, as do `|x|` and `\lvert x \rvert`, `x^2` and `x²`, `h<t>` and `h⟨t⟩`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from gradiens.core.check import nearest
from gradiens.equations.text import letters
from gradiens.equations.text.faults import shown
from gradiens.equations.text.pieces import MOST_LETTERS, OPERATORS, Piece, Wrong
from gradiens.equations.text.scripts import Scripts, drop_parens, read_marks
from gradiens.equations.text.syntax import Place

_COMMANDS = """frac sqrt odot cdot times hat tilde bar operatorname text mathbb mathbf left right lVert rVert lvert rvert sum
prod max min log exp sin cos tan le ge ne in top prime ldots langle rangle partial star infty begin end"""

_NO_VALUE = OPERATORS | {"LPAR", "LBRACK", "LBRACE", "COMMA", "SEMI"}


class Scanner(Scripts):
    """One pass over the raw terminals of a text; the method `_word` reads a WORD, and so on."""

    def scan(self) -> list[Piece]:
        """The pieces."""
        while self.next < len(self.raw):
            piece = self.raw[self.next]
            self.next += 1
            self.read(piece)
        return self.finish()

    def read(self, piece: Piece) -> Any:
        """Read one raw terminal."""
        return getattr(self, f"_{piece.type.lower()}", self.put)(piece)

    # ------------------------------------------------------------ brackets

    def _opening(self, piece: Piece) -> None:
        self.open(piece, {"LBAR": "LABS", "LBARS": "LNORM"}.get(piece.type, piece.type))

    _lpar = _lbrace = _lfloor = _lceil = _ltime = _lbar = _lbars = _opening

    def _lbrack(self, piece: Piece) -> None:
        last = self.last
        marks = last is not None and self.inside == "sup" and last.type in ("SUP_OPEN", "LAYER_CLOSE")
        self.open(piece, "LAYER_OPEN" if marks else "LBRACK", "RBRACK")

    def _closing(self, piece: Piece) -> None:
        piece.type = {"RBAR": "RABS", "RBARS": "RNORM"}.get(piece.type, piece.type)
        opener = self.close(piece)
        if piece.type == "SUP_CLOSE":
            read_marks(self.pieces, opener)
        elif piece.type == "SUB_CLOSE":
            drop_parens(self.pieces, opener)
        elif piece.type == "LAYER_CLOSE" and opener.text == "^[":
            self.ending(piece.stop)

    _rpar = _rbrack = _rbrace = _rfloor = _rceil = _rtime = _rbar = _rbars = _closing

    def _bar(self, piece: Piece) -> None:
        self._fence(piece, "LABS", "RABS")

    def _bars(self, piece: Piece) -> None:
        inner = bool(self.frames) and self.frames[-1].closer == "RABS" and self.based()
        if piece.text == "||" and (inner or self._bar_closes_next()):  # |a - |b||, |a||b|, ||a| - b|
            for start in (piece.start, piece.start + 1):
                self._bar(Piece("BAR", "|", start, start + 1))
        else:
            self._fence(piece, "LNORM", "RNORM")

    def _bar_closes_next(self) -> bool:
        """Is the next bar at this level a single one behind a value, so that it closes one that opens here?"""
        if self.frames and self.frames[-1].closer == "RNORM" and self.based():
            return False
        depth = 0
        for place in range(self.next, len(self.raw)):
            kind = self.raw[place].type
            depth += (kind in ("LPAR", "LBRACK", "LBRACE")) - (kind in ("RPAR", "RBRACK", "RBRACE"))
            if depth < 0 or kind == "BARS":
                return False
            if depth == 0 and kind == "BAR":
                return place > self.next and self.raw[place - 1].type not in _NO_VALUE
        return False

    def _fence(self, piece: Piece, opens: str, closes: str) -> None:
        """A bar opens where no value ends or none is open."""
        if self.frames and self.frames[-1].closer == closes and self.based():
            piece.type = closes
            self._closing(piece)
        else:
            self.open(piece, opens)

    # ------------------------------------------------------------ lines

    def _newline(self, piece: Piece) -> None:
        if self.frames:
            if piece.text == "\\\\" and self.frames[-1].opener.text.startswith("\\begin"):
                piece.type = "SEMI"
                self.put(piece)
            return
        while self.ahead("NEWLINE", "ALIGN", tight=False):
            self.next += 1
        goes_on = self.last is not None and self.last.type in OPERATORS
        if not goes_on and not self.ahead(*OPERATORS, tight=False):
            self._separate(piece)

    def _semi(self, piece: Piece) -> None:
        if self.frames:
            self.put(piece)
        else:
            self._separate(piece)

    def _separate(self, piece: Piece) -> None:
        if self.last is not None and self.last.type not in ("SEP", "COMMA"):
            piece.type = "SEP"
            self.put(piece)

    def _align(self, piece: Piece) -> None:
        """`&` parts a case from its condition; elsewhere it lines up columns."""
        in_cases = bool(self.frames) and self.frames[-1].opener.text.startswith("\\begin")
        said = self.ahead("TEXT", "WORD", tight=False)
        word = said and (letters.text_command(said.text) if said.type == "TEXT" else said.text)
        if in_cases and word not in ("if", "otherwise", "else"):
            piece.type = "IF"
            self.put(piece)

    # ------------------------------------------------------------ names and numbers

    def _word(self, piece: Piece) -> None:
        if self._crossed(piece):
            return
        *parts, last = _split(piece)
        for part in parts:
            self._named(part)
        self._named(self._joined(last))
        self._digits()

    def _crossed(self, piece: Piece) -> bool:
        """The x of `64 x n` and `64xn` between sizes is ×."""
        if self.inside != "space" or not piece.text.startswith("x") or not self.based():
            return False
        self.add("TIMES", "x", piece.start, piece.start + 1, piece.gap)
        if len(piece.text) > 1:
            self._word(Piece("WORD", piece.text[1:], piece.start + 1, piece.stop))
        return True

    def _joined(self, piece: Piece) -> Piece:
        """A name with what underscores tie to it: `learning_rate`, `y_hat`; and `atan2`, which is one word."""
        while self.ahead("UNDER") and (after := self.ahead("WORD", by=1)) and not self.tied:
            if len(piece.text) > MOST_LETTERS:
                break
            single = piece.text in letters.GREEK or len(letters.clusters(piece.text)) == 1
            whole = f"{piece.text}_{after.text}"
            if single and after.text in letters.ACCENTS:
                text = letters.accented(letters.GREEK.get(piece.text, piece.text), after.text)
            elif whole in letters.functions() or not (single or letters.is_below(piece.text, after.text)):
                text = whole
            else:
                break
            piece = Piece("NAME", text, piece.start, after.stop, piece.gap)
            self.next += 2
        digits, after = self.ahead("NUMBER"), self.ahead("WORD", by=1)
        if digits and f"{piece.text}{digits.text}" in letters.functions():
            self.next += 1
            return Piece("NAME", piece.text + digits.text, piece.start, digits.stop, piece.gap)
        if digits and after and self.ahead("LPAR", by=2) and len(piece.text) > 1:  # log1p(x)
            self.next += 2
            return Piece("NAME", piece.text + digits.text + after.text, piece.start, after.stop, piece.gap)
        return piece

    @property
    def tied(self) -> bool:
        """Does the name stand below without brackets, `h_t_i`?"""
        return bool(self.frames) and self.frames[-1].closer == "END" and self.inside == "sub"

    def _named(self, piece: Piece) -> None:
        """A word: a keyword where one can stand, a number, a space, or a name."""
        word = piece.text
        if len(word) > MOST_LETTERS:
            raise Wrong(piece.at, f"a name of at most {MOST_LETTERS} letters", shown(word))
        keyword = letters.KEYWORDS.get(word)
        if keyword and self._is_keyword(keyword):
            piece.type = keyword
        elif word in letters.NUMBERS:
            piece.type, piece.text = "NUM", letters.NUMBERS[word]
        elif self.last is not None and self.last.type == "IN" and word in letters.FIELDS:
            piece.type, piece.text = "FIELD", letters.FIELDS[word]
        else:
            piece.type, piece.text = "NAME", letters.GREEK.get(word) or letters.plain(word)
        self.put(piece)

    def _is_keyword(self, keyword: str) -> bool:
        if self.inside in ("sub", "sup", "space"):
            return False
        return keyword != "WHERE" or not self.ahead("LPAR")

    def _letter(self, piece: Piece) -> None:
        bare = piece.text.rstrip()
        piece.stop -= len(piece.text) - len(bare)
        piece.text = letters.plain(bare)
        _single_accent(piece.text, piece.at)
        self._named(self._joined(piece))
        self._digits()

    _spelled = _letter

    def _accent(self, piece: Piece) -> None:
        said = letters.accent_command(piece.text)
        if len(letters.clusters(said)) > 1:
            raise Wrong(piece.at, "one letter below an accent", shown(piece.text), "write \\hat{y}")
        piece.type, piece.text = "NAME", said
        self.put(piece)
        self._digits()

    def _text(self, piece: Piece) -> None:
        """A word in LaTeX is read as the word that it says: digits at its end stand below."""
        said = letters.text_command(piece.text)
        if not re.fullmatch(r"\w+", said):
            raise Wrong(piece.at, "a word in LaTeX", shown(piece.text), "write \\text{learning\\_rate}")
        found = re.fullmatch(r"(.*[^0-9_])?([0-9]+)", said) if said not in letters.functions() else None
        piece.text = said if found is None else found[1] or found[2]
        if found is not None and found[1] is None:
            self._number(piece)
            return
        self._named(piece)
        if found is not None:
            self.below([Piece("NUM", found[2], piece.start, piece.stop)])
        self._digits()

    def _digits(self) -> None:
        """Digits after a letter are below it: W1 is W₁; in a subscript they stand beside it."""
        digits, last = self.ahead("NUMBER"), self.last
        if digits and digits.text.isdigit() and last is not None and last.type == "NAME" and self.inside != "sub":
            self.next += 1
            digits.type = "NUM"
            self.below([digits])

    def _number(self, piece: Piece) -> None:
        piece.type = "NUM"
        self.put(piece)

    _part = _infinity = _number

    def _field(self, piece: Piece) -> None:
        piece.text = letters.FIELDS[piece.text[-2]] if piece.text.startswith("\\") else piece.text
        self.put(piece)

    def _large(self, piece: Piece) -> None:
        piece.text = letters.LARGE.get(piece.text, piece.text)
        self.put(piece)

    def _diff(self, piece: Piece) -> None:
        piece.type, piece.text = "PREFIX", {"\\partial": "∂", "\\nabla": "∇"}.get(piece.text.rstrip(), piece.text)
        self.put(piece)

    def _cross(self, piece: Piece) -> None:
        piece.type = "TIMES" if self.inside in ("sub", "space") else "DOT"
        self.put(piece)

    def _command(self, piece: Piece) -> None:
        name, words = piece.text[1:], _COMMANDS.split()
        near = nearest(name, [*words, *letters.functions()])
        do = f"did you mean \\{near}?" if near in words else f"write \\operatorname{{{near}}}" if near else ""
        do = "write {…} after it" if near == name else do
        raise Wrong(piece.at, "a LaTeX command of the language", shown(piece.text), do)

    def _stray(self, piece: Piece) -> None:
        raise Wrong(piece.at, "a character of the language", shown(piece.text), letters.ADVICE.get(piece.text, ""))


def _split(piece: Piece) -> list[Piece]:
    """A run of letters: one name, but a letter with an accent is a name of its own, as in Wŷ."""
    if piece.text.isascii():
        return [piece]
    parts: list[Piece] = []
    for offset, letter in letters.clusters(piece.text):
        start, stop = piece.start + offset, piece.start + offset + len(letter)
        own = letters.carries_accent(letter)
        _single_accent(letter, Place(start, stop))
        if parts and not own and not letters.carries_accent(parts[-1].text):
            parts[-1].text += letter
            parts[-1].stop = stop
        else:
            parts.append(Piece("NAME", letter, start, stop, piece.gap and not parts))
    return parts


def _single_accent(letter: str, at: Place) -> None:
    marks = [char for char in unicodedata.normalize("NFC", letter) if unicodedata.combining(char)]
    if len(marks) > 1 or any(mark not in letters.ACCENTS.values() for mark in marks):
        raise Wrong(at, "a letter with one hat, tilde or bar", shown(letter), "write ŷ or y_hat")
