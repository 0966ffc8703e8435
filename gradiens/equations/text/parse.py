"""Text to syntax: the statements of a text in Unicode, ASCII or the LaTeX that is printed. The grammar is `grammar.lark`.

    parse("ŷ = softmax(W2 relu(W1 x + b1) + b2), W1 ∈ R^(64×n)")    an equation and a declaration

The three notations give equal syntax. Brackets that only group leave no trace in the tree; `a/b`, `a / b`, `½` and
`\\frac{a}{b}` are `Frac` (a number where both are numbers). The scripts of a name are nested in one order, whatever the order
they are written in: marks inside, subscripts and times, then powers and ᵀ. A run of letters in a subscript is one name.
"""

from __future__ import annotations

import gc
import re
from functools import cache
from importlib import resources
from typing import Any

from gradiens.equations.text.arrange import arrange
from gradiens.equations.text.complaints import complaint
from gradiens.equations.text.faults import fault, position
from gradiens.equations.text.pieces import Piece, Wrong
from gradiens.equations.text.reader import Reader
from gradiens.equations.text.scan import Scanner
from gradiens.equations.text.syntax import Place, Statement

MOST_CHARACTERS = 30_000


def parse(text: str) -> tuple[Statement, ...]:
    """The statements of `text`; a `Mistake` with the line and a caret under the place where it is not one."""
    if len(text) > MOST_CHARACTERS:
        do = "split it into several texts"
        raise fault("", Place(0, 0), f"a text of at most {MOST_CHARACTERS:,} characters", f"{len(text):,}", do)
    try:
        return _parsed(text)
    except Wrong as wrong:
        do = wrong.do if wrong.opened is None else f"it was opened at {position(text, wrong.opened)}"
        raise fault(text, wrong.at, wrong.expected, wrong.got, do) from None


def _parsed(text: str) -> tuple[Statement, ...]:
    from lark import UnexpectedToken

    try:
        return _parser().parse(text)
    except UnexpectedToken as error:
        raise complaint(text, error.token, error.interactive_parser.parser_state.value_stack) from None


@cache
def _parser() -> Any:
    """The parser; made once."""
    from lark import Lark

    grammar = resources.files("gradiens.equations.text").joinpath("grammar.lark").read_text("utf-8")
    between, collecting = _Scanned(grammar), gc.isenabled()
    gc.disable()  # what is made here stays, and a collection would look at all that JAX holds
    try:
        return Lark(grammar, start="statements", parser="lalr", lexer="basic", postlex=between, transformer=Reader())
    finally:
        if collecting:
            gc.enable()


# terminals that stand in the same places are one to the parser
_KINDS = {
    **dict.fromkeys(("LT", "LE", "GT", "GE", "NE"), "COMPARE"),
    **dict.fromkeys(("ODOT", "OTIMES", "STAR"), "ENTRYWISE"),
    **dict.fromkeys(("LABS", "LNORM", "LFLOOR", "LCEIL", "INDICATOR", "RADICAL"), "FENCE_OPEN"),
    **dict.fromkeys(("RABS", "RNORM", "RFLOOR", "RCEIL", "RFENCE"), "FENCE_CLOSE"),
    **dict.fromkeys(("LAYER_OPEN", "EXAMPLE_OPEN", "LTIME"), "MARK_OPEN"),
    **dict.fromkeys(("LAYER_CLOSE", "EXAMPLE_CLOSE", "RTIME"), "MARK_CLOSE"),
}


class _Scanned:
    """Between the characters and the grammar: the scanner and the arrangement."""

    def __init__(self, grammar: str):
        self.always_accept = re.findall(r"^([A-Z]+)(?:\.-?\d)?:", grammar, re.MULTILINE)

    def process(self, stream: Any) -> Any:
        """The terminals of the grammar."""
        from lark import Token

        raw: list[Piece] = []
        gap = False
        for token in stream:
            if token.type in ("SPACE", "SIZE"):
                gap = gap or token.type == "SPACE"
                continue
            raw.append(Piece(token.type, str(token), token.start_pos, token.end_pos, gap))
            gap = str(token.type) == "NEWLINE"
        pieces = arrange(Scanner(raw).scan())
        if not pieces:
            raise Wrong(Place(0, 0), "equations", "an empty text", "write ŷ = W x + b")
        for piece in pieces:
            kind = _KINDS.get(piece.type, piece.type)
            said = piece.text if kind == piece.type else piece.type
            yield Token(kind, said, start_pos=piece.start, end_pos=piece.stop)
