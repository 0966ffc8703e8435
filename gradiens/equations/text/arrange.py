"""Pieces to terminals: where statements end, what is called, where a sum begins, which slash is tight."""

from __future__ import annotations

from gradiens.equations.text import letters
from gradiens.equations.text.pieces import Piece, Wrong
from gradiens.equations.text.scripts import renumber

_OPENS = "NAME NUM ONES FUNC PREFIX BIG LARGE ROOT FRAC LPAR LBRACK LBRACE LABS LNORM LFLOOR LCEIL"
_STARTS = frozenset(_OPENS.split())  # a value begins with one of them
_RELATES = ("ASSIGN", "IN")


def arrange(pieces: list[Piece]) -> list[Piece]:
    """The terminals that the grammar has, in order."""
    pieces = _lined(pieces)
    _comma(pieces)
    pieces = _ranged(pieces)
    renumber(pieces, 0)
    defined = _defined(pieces)
    for piece in pieces:
        if piece.type in _CHANGED:
            _CHANGED[piece.type](pieces, piece)
        elif piece.type in ("NAME", "LARGE") and (piece.inside != "sub" or _calls_below(pieces, piece)):
            _classify(pieces, piece, defined)
    return [piece for piece in pieces if piece.type != "DROPPED"]


# ---------------------------------------------------------------- lines


def _lined(pieces: list[Piece]) -> list[Piece]:
    """Statements apart: `where` and the colon of `for …:` end one; outside brackets `=` makes an equation."""
    found: list[Piece] = []
    header = condition = False
    for piece in pieces:
        first = not found or found[-1].type == "SEP"
        if piece.top and (piece.type == "WHERE" or (piece.type == "FOR" and not first)):
            if not first:
                found.append(Piece("SEP", piece.text, piece.start, piece.stop, top=True))
                header = condition = False
            continue
        if piece.type == "SEP" and first:
            continue
        if piece.type == "EQ" and piece.top and not condition:
            piece.type = "ASSIGN"
        found.append(piece)
        header = (header or piece.type == "FOR") and piece.type != "SEP"
        condition = header and (condition or piece.type == "WHILE")
        if piece.type == "COLON" and piece.top and header:
            found.append(Piece("SEP", ":", piece.stop, piece.stop, top=True))
            header = condition = False
    while found and found[-1].type in ("SEP", "COMMA") and found[-1].top:
        end = found.pop()
        if end.text == "for":
            raise Wrong(end.at, "a range after for", "nothing", "write for t = 1..T")
    return found


def _comma(pieces: list[Piece]) -> None:
    """A comma outside brackets ends a statement, unless names are listed before ∈ or numbers in a range."""
    related = header = False
    for place, piece in enumerate(pieces):
        if piece.type == "SEP":
            related = header = False
        header = header or piece.type == "FOR"
        related = related or (piece.type in _RELATES and piece.top)
        if piece.type == "COMMA" and piece.top and related and not header and not _goes_on(pieces, place):
            piece.type, related = "SEP", False


def _goes_on(pieces: list[Piece], comma: int) -> bool:
    """Does a range go on after the comma: `…, T`, or `2, …, T`?"""
    for place in range(comma + 1, min(comma + 5, len(pieces))):
        piece = pieces[place]
        if piece.type == "ELLIPSIS" and piece.top:
            return True
        if piece.type not in ("NUM", "NAME", "COMMA", "PLUS", "MINUS"):
            break
    return pieces[comma - 1].type == "ELLIPSIS"


def _ranged(pieces: list[Piece]) -> list[Piece]:
    """`1, …, T` and `1..T` outside brackets are ranges."""
    found: list[Piece] = []
    for piece in pieces:
        if piece.top and piece.type in ("ELLIPSIS", "DOTS"):
            if found and found[-1].type == "COMMA":
                found.pop()
            found.append(piece)
            piece.type = "RANGE"
        elif not (piece.type == "COMMA" and piece.top and found and found[-1].type == "RANGE"):
            found.append(piece)
    return found


# ---------------------------------------------------------------- calls and large operators


def _after_scripts(pieces: list[Piece], number: int) -> Piece | None:
    """The first piece from `number` on that is no script."""
    while number < len(pieces):
        piece = pieces[number]
        if piece.type in ("SUB_OPEN", "SUP_OPEN", "LTIME") and piece.mate:
            number = piece.mate.number + 1
        elif piece.type == "PRIME":
            number += 1
        else:
            return piece
    return None


def _defined(pieces: list[Piece]) -> set[str]:
    """The functions that the text defines, `f(x) = …`; a name that is reserved is not defined or declared."""
    found: set[str] = set()
    first = True
    for piece in pieces:
        after = _after_scripts(pieces, piece.number + 1) if first and piece.type == "NAME" else None
        if after is not None and after.type == "LPAR" and after.mate is not None:
            behind = pieces[after.mate.number + 1 : after.mate.number + 2]
            found |= {piece.text} if behind and behind[0].type == "ASSIGN" else set()
        elif after is not None and after.type in ("ASSIGN", "IN", "COMMA") and _reserved(piece.text):
            got = f"{piece.text}, which is a function"
            raise Wrong(piece.at, "a name that is free", got, "give it another name")
        first = piece.type == "SEP" or (piece.type == "COMMA" and piece.top)
    return found


def _reserved(name: str) -> bool:
    return len(name) > 1 and name in letters.functions()


def _classify(pieces: list[Piece], piece: Piece, defined: set[str]) -> None:
    """Is a name a function, a large operator, or a symbol?"""
    after = _after_scripts(pieces, piece.number + 1)
    following = after.type if after is not None else ""
    if piece.text in letters.BIG:
        _classify_big(pieces, piece, after)
    elif piece.text in letters.PREFIX:
        piece.type = "FUNC" if following == "LPAR" else "PREFIX"
        _check_argument(pieces, piece, after)
    elif following == "LPAR" and after is not None:
        piece.type = "FUNC" if _calls(pieces, piece, after, defined) else "NAME"
    elif _reserved(piece.text) and following in _STARTS and after is not None:
        inside = after.text if after.type in ("NAME", "NUM") else "…"
        got = f"{piece.text} without brackets"
        raise Wrong(piece.at, f"brackets around the argument of {piece.text}", got, f"write {piece.text}({inside})")


def _calls_below(pieces: list[Piece], piece: Piece) -> bool:
    """`x_{max(i, j)}`: in a subscript only a function with its brackets is one."""
    after = pieces[piece.number + 1 : piece.number + 2]
    return _reserved(piece.text) and bool(after) and after[0].type == "LPAR" and not after[0].gap


def _check_argument(pieces: list[Piece], piece: Piece, argument: Piece | None) -> None:
    """`sin 2x` may be meant as sin(2x)."""
    if argument is None or argument.type != "NUM":
        return
    after = _after_scripts(pieces, argument.number + 1)
    if after is not None and after.type in _STARTS and not after.gap:
        do = f"write {piece.text}({argument.text} {after.text}) or {piece.text}({argument.text}) {after.text}"
        raise Wrong(after.at, "a product that is not ambiguous", f"{piece.text} {argument.text}{after.text}", do)


def _calls(pieces: list[Piece], piece: Piece, bracket: Piece, defined: set[str]) -> bool:
    """`relu(z)`, `σ(z)`, `f(x)` of an f that is defined, `g_{k=1}(x)`; but W (x + y) and λ (x + y) are products."""
    name = piece.text
    if name in defined or _reserved(name):
        return True
    tight = not any(one.gap for one in pieces[piece.number + 1 : bracket.number + 1] if not one.inside)
    settings = any(one.type == "EQ" for one in pieces[piece.number + 1 : bracket.number] if one.inside == "sub")
    return settings or (tight and (name in letters.SINGLE or name in letters.functions() or len(_bare(name)) > 1))


def _bare(name: str) -> str:
    import unicodedata

    return "".join(char for char in name if not unicodedata.combining(char))


def _classify_big(pieces: list[Piece], piece: Piece, after: Piece | None) -> None:
    """`Σ_i x_i`, `max_i x_i`, `Σ x`; `max(a, b)` and `max_{axis=1}(A)` are calls; Σ⁻¹ and Σᵀ are of a matrix Σ."""
    following = after.type if after is not None else ""
    scripts = pieces[piece.number + 1 : after.number] if after is not None else []
    outer = [one for one in scripts if one.type in ("SUB_OPEN", "SUP_OPEN", "PRIME")]
    word = len(piece.text) > 1
    lower = next((one for one in outer if one.type == "SUB_OPEN"), None)
    if word and following == "LPAR" and (lower is None or _worded(scripts)):
        piece.type = "FUNC"
        return
    if piece.type == "LARGE":
        piece.type = "BIG"
        return
    upper = any(one.type != "SUB_OPEN" for one in outer)
    bounded = lower is not None and any(one.type == "EQ" for one in scripts)
    begins = following in _STARTS or (lower is not None and after is not None and _is_sign(pieces, after))
    piece.type = "BIG" if begins and (bounded or not upper) else "NAME"


def _is_sign(pieces: list[Piece], piece: Piece) -> bool:
    """Is it ¬, or a minus that belongs to what follows, as in Σ_i -x_i?"""
    after = pieces[piece.number + 1] if piece.number + 1 < len(pieces) else None
    return piece.type == "NOT" or (piece.type == "MINUS" and after is not None and not after.gap)


def _worded(scripts: list[Piece]) -> bool:
    """Does a word or a named setting stand below, not letters of indices?"""
    for place, piece in enumerate(scripts):
        setting = piece.type == "NAME" and scripts[min(place + 1, len(scripts) - 1)].type == "EQ"
        if piece.type == "NAME" and len(piece.text) > (1 if setting else 3):
            return True
    return False


def _slash(pieces: list[Piece], piece: Piece) -> None:
    after = pieces[piece.number + 1] if piece.number + 1 < len(pieces) else None
    if not piece.gap and after is not None and not after.gap:
        piece.type = "TIGHT"


def _fence(pieces: list[Piece], piece: Piece) -> None:
    r"""`𝟏[…]` and `1[…]` without a space are an indicator, `\sqrt{…}` is a root around what is in it."""
    before = pieces[piece.number - 1] if piece.number else None
    if before is None or piece.mate is None:
        return
    indicator = piece.type == "LBRACK" and not piece.gap and (before.type == "ONES" or before.text == "1")
    root = piece.type == "LBRACE" and before.text == "\\sqrt"
    if indicator or root:
        before.type, piece.start = "DROPPED", before.start
        piece.type, piece.mate.type = "INDICATOR" if indicator else "RADICAL", "RFENCE"


def _whole(pieces: list[Piece], piece: Piece) -> None:
    """A dot alone in a place of a subscript is the whole axis, as a colon is."""
    if piece.inside != "sub":
        return
    before, after = pieces[piece.number - 1], pieces[piece.number + 1]
    if before.type in ("SUB_OPEN", "COMMA") and after.type in ("SUB_CLOSE", "COMMA"):
        piece.type = "COLON"


def _counted(pieces: list[Piece], piece: Piece) -> None:
    """`(0, 1, …, 9)`: the dots are a part of what is counted."""
    piece.type, piece.text = "NAME", "…"


_CHANGED = {"SLASH": _slash, "LBRACK": _fence, "LBRACE": _fence, "DOT": _whole, "ELLIPSIS": _counted}
