"""The text of an equation as a user gives it: itself, or the name of a file that holds it; and what it excludes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gradiens.core.check import Mistake

if TYPE_CHECKING:
    from gradiens.train.spec import Spec

SUFFIX = ".eq"


def text_of(given: str) -> str:
    """The text in the file that `given` names, if there is one or its name ends in .eq; else `given` itself."""
    name = given.strip()
    if not (name.endswith(SUFFIX) or _is_file(name)):
        return given
    try:
        return Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise Mistake(f"the file {name}", f"{error.strerror}".lower(), "or give the equation itself") from None
    except UnicodeDecodeError:
        raise Mistake("a text in UTF-8", f"other bytes in {name}", "save the file as UTF-8") from None


def _is_file(name: str) -> bool:
    try:
        return bool(name) and Path(name).is_file()
    except (OSError, ValueError):  # too long for a name, or with characters that no name has
        return False


def check_equation(spec: Spec) -> None:
    """The text can be parsed, and no option says otherwise what it says."""
    from gradiens.equations.text import syntax as s
    from gradiens.equations.text.parse import parse

    lines = [line for line in parse(spec.equation) if isinstance(line, s.Equation)]
    if spec.loss != "auto" and any(isinstance(line.left, s.Name) and line.left.text == "C" for line in lines):
        raise Mistake("an equation C = … or --loss", "both", "leave out one of them")
