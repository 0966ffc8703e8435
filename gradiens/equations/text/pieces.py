"""The terminals of a text as pieces, its brackets with their partners, and how deep it is nested: before it is parsed.

The parser and whoever walks its tree may recurse as deep as the text is nested, so that is bounded here: `MOST_LEVELS`
brackets, `MOST_OPERATIONS` operations, brackets and scripts one inside another (a sum of n terms is n - 1 deep).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gradiens.equations.text import letters
from gradiens.equations.text.faults import shown
from gradiens.equations.text.syntax import Place

MOST_LEVELS, MOST_OPERATIONS, MOST_LETTERS = 100, 200, 60
_CLOSERS = {
    "LPAR": "RPAR", "LBRACK": "RBRACK", "LBRACE": "RBRACE", "LFLOOR": "RFLOOR", "LCEIL": "RCEIL", "LTIME": "RTIME",
    "LABS": "RABS", "LNORM": "RNORM", "SUB_OPEN": "SUB_CLOSE", "SUP_OPEN": "SUP_CLOSE", "LAYER_OPEN": "LAYER_CLOSE",
}  # fmt: skip
_SHOWN = {
    "RPAR": "')'", "RBRACK": "']'", "RBRACE": "'}'", "RFLOOR": "'⌋'", "RCEIL": "'⌉'", "RTIME": "'⟩'", "RABS": "'|'",
    "RNORM": "'‖'",
}  # fmt: skip
BASES = frozenset({"NAME", "NUM", "ONES", "FIELD", "PRIME", "EXAMPLE_CLOSE", *_CLOSERS.values()})
_OPERATORS = "PLUS MINUS ODOT OTIMES STAR DOT CROSS TIMES SLASH LT LE GT GE EQ NE AND OR IN UNDER ABOVE"
OPERATORS = frozenset(_OPERATORS.split())
_DEEPER = frozenset(("PLUS", "MINUS", "ODOT", "OTIMES", "STAR", "NOT", "AND", "OR", "ROOT", "SLASH", "LARGE", "PREFIX"))
_SCRIPTS = ("SUB_CLOSE", "SUP_CLOSE", "LAYER_CLOSE", "RTIME")


class Wrong(Exception):
    """Something is wrong at a place; `parse` says it with the text around it."""

    def __init__(self, at: Place, expected: str, got: str, do: str = "", opened: Place | None = None):
        super().__init__(expected)
        self.at, self.expected, self.got, self.do, self.opened = at, expected, got, do, opened


@dataclass(eq=False, slots=True)
class Piece:
    """A terminal of the grammar: its type, its text, its place; `gap` if white space is before it."""

    type: str
    text: str
    start: int
    stop: int
    gap: bool = False
    top: bool = False  # outside all brackets
    inside: str = ""  # in the kind of script: "sub", "sup", or "space" for the sizes of a space
    mate: Piece | None = None  # the other bracket
    number: int = 0  # its place among the pieces

    @property
    def at(self) -> Place:
        """Where it is."""
        return Place(self.start, self.stop)


@dataclass(eq=False, slots=True)
class _Frame:
    """A bracket that is open, and how deep what stands in it is: operations, what they hold, what commas have ended."""

    opener: Piece
    closer: str
    operations: int = 0
    held: int = 0
    ended: int = 0
    value: int = 0  # depth of the value that was last, with its scripts
    logic: str = ""  # ∧ or ∨, whichever was there

    @property
    def depth(self) -> int:
        """Of all that it holds."""
        return max(self.ended, self.operations + self.held)


@dataclass(eq=False)
class Pieces:
    """The raw terminals of a text, the pieces made of those before `next`, and the brackets that are open."""

    raw: list[Piece]
    next: int = 0
    pieces: list[Piece] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    ground: _Frame = field(default_factory=lambda: _Frame(Piece("", "", 0, 0), ""))

    @property
    def last(self) -> Piece | None:
        """The piece before."""
        return self.pieces[-1] if self.pieces else None

    @property
    def inside(self) -> str:
        """The kind of script that is open innermost."""
        return self.frames[-1].opener.inside if self.frames else ""

    def ahead(self, *types: str, tight: bool = True, by: int = 0) -> Piece | None:
        """The raw terminal to come, if it is of one of these types (and no space is before it)."""
        place = self.next + by
        found = self.raw[place] if place < len(self.raw) else None
        return found if found and found.type in types and not (tight and found.gap) else None

    def based(self) -> bool:
        """Does a value end here?"""
        last = self.last
        return last is not None and last.type in BASES and not (last.text in letters.PREFIX or last.text in letters.BIG)

    def put(self, piece: Piece) -> Piece:
        """Add a piece."""
        piece.top, piece.number, piece.inside = not self.frames, len(self.pieces), self.inside
        self.pieces.append(piece)
        frame = self.frames[-1] if self.frames else self.ground
        if piece.type in _DEEPER or piece.text in letters.PREFIX or piece.text in letters.BIG:
            frame.operations += 1
            self._bounded(frame, piece)
        elif piece.type in ("COMMA", "SEMI", "SEP", "IF"):
            frame.ended, frame.operations, frame.held = (0 if piece.top else frame.depth), 0, 0
            frame.logic = ""
        if piece.type in ("AND", "OR"):
            if frame.logic not in ("", piece.type):
                raise Wrong(piece.at, "∧ and ∨ that are not mixed", "both", "write (a ∧ b) ∨ c")
            frame.logic = piece.type
        if piece.type == "PRIME":
            self._hold(frame, piece, frame.value + 1)
        elif piece.type not in _CLOSERS and piece.type not in _CLOSERS.values():
            frame.value = 0
        return piece

    def _hold(self, frame: _Frame, piece: Piece, depth: int) -> None:
        """The value that was last is so deep."""
        frame.value, frame.held = depth, max(frame.held, depth)
        self._bounded(frame, piece)

    def _bounded(self, frame: _Frame, piece: Piece) -> None:
        if frame.depth > MOST_OPERATIONS:
            do = "give a part a name and a line of its own"
            raise Wrong(piece.at, f"at most {MOST_OPERATIONS} operations one inside another", "more", do)

    def add(self, kind: str, text: str, start: int, stop: int, gap: bool = False) -> Piece:
        """Add a piece made of others."""
        return self.put(Piece(kind, text, start, stop, gap))

    def open(self, piece: Piece, kind: str, closer: str = "", inside: str | None = None) -> None:
        """A bracket opens; in it stands what is `inside`: a script, or what the place is in already."""
        if len(self.frames) >= MOST_LEVELS:
            do = "give a part a name and a line of its own"
            raise Wrong(piece.at, f"at most {MOST_LEVELS} brackets one inside another", "more", do)
        piece.type = kind
        self.put(piece)
        piece.inside = self.inside if inside is None else inside
        self.frames.append(_Frame(piece, closer or _CLOSERS[kind]))

    def close(self, piece: Piece) -> Piece:
        """The bracket that is open innermost closes; its opener."""
        if not self.frames:
            raise Wrong(piece.at, f"a bracket that opens before {shown(piece.text)}", f"{shown(piece.text)} alone")
        frame = self.frames[-1]
        if frame.closer != piece.type:
            closer, opener = _SHOWN.get(frame.closer, "its end"), frame.opener
            raise Wrong(piece.at, f"{closer} to close {shown(opener.text)}", shown(piece.text), "", opener.at)
        self.frames.pop()
        outer = self.frames[-1] if self.frames else self.ground
        piece.type = _CLOSERS[frame.opener.type]
        self.put(piece)
        script = piece.type in _SCRIPTS
        self._hold(outer, piece, max(outer.value, frame.depth + 1) + 1 if script else frame.depth + 1)
        join(frame.opener, piece)
        return frame.opener

    def finish(self) -> list[Piece]:
        """The pieces, when all brackets are closed."""
        if self.frames:
            closer, opener = _SHOWN.get(self.frames[-1].closer, "its end"), self.frames[-1].opener
            raise Wrong(opener.at, f"{closer} to close {shown(opener.text)}", "the end of the text")
        return self.pieces


def join(opener: Piece, closer: Piece) -> None:
    """The two are partners."""
    opener.mate, closer.mate = closer, opener
