"""The command line's frame: the commands, and one way out for every error."""

from __future__ import annotations

import json
import os
import sys
import traceback

import typer
from typer.exceptions import TyperException

from gradiens.cli import book, cluster, compare, components, cross_validate, explain, fit, look, look_at, optimize
from gradiens.core.check import Failure, Mistake

INTERRUPTED = 130

app = typer.Typer(
    name="gradiens", no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False,
    help="Deep learning stated, trained, read back and checked in equations and algorithms.",
)  # fmt: skip
for command in (
    fit.demo,
    fit.fit,
    fit.resume,
    fit.predict,
    compare.compare,
    cross_validate.cross_validate,
    cluster.cluster,
    components.components,
    explain.explain,
    explain.show,
    optimize.optimize,
    look_at.look,
    look.runs,
    look.doctor,
):
    app.command()(command)
app.add_typer(book.app, name="book")


def run(arguments: list[str]) -> int:
    """Run one command line; return its exit code."""
    try:
        out = app(arguments, standalone_mode=False)
        if out == INTERRUPTED:  # Typer turned Ctrl-C into this
            return _end(arguments, INTERRUPTED, Failure("interrupted"))
        return out if isinstance(out, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        return _end(arguments, INTERRUPTED, Failure("interrupted"))
    except Mistake as mistake:
        return _end(arguments, 2, mistake)
    except TyperException as error:
        says = getattr(error, "format_message", lambda: str(error))()
        if type(error).__name__ == "NoArgsIsHelpError":
            print(says)
            return 0
        return _end(arguments, 2, Mistake("a valid command line", says.rstrip("."), "see gradiens COMMAND --help"))
    except Failure as failure:
        return _end(arguments, INTERRUPTED if type(failure).__name__ == "Interrupted" else 1, failure)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        return _end(arguments, 1, Failure("not enough memory", "try a smaller --batch or fewer rows"))
    except Exception as error:
        if os.environ.get("GRADIENS_TRACEBACK"):
            traceback.print_exc()
        what = f"internal error, {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        return _end(arguments, 1, Failure(what, "GRADIENS_TRACEBACK=1 shows where; please report it"))


def _end(arguments: list[str], code: int, error: Mistake | Failure) -> int:
    """One line on stderr, and the place in an equation below it; with --json also one object on stdout."""
    line, *place = str(error).split("\n") if hasattr(error, "place") else [str(error)]
    print("\n".join([f"gradiens: {' '.join(line.split())}", *place]), file=sys.stderr)
    if "--json" in arguments:
        said = {name: value for name, value in vars(error).items() if isinstance(value, str | int)}
        print(json.dumps({"error": said, "exit": code}, ensure_ascii=False))
    return code
