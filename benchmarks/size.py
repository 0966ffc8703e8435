"""`python -m benchmarks.size`: lines of code by package, and the longest files and functions."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "gradiens"
LONGEST = 12


def code_lines(text: str) -> int:
    """Lines with code on them: not blank, not comment, not docstring."""
    tree = ast.parse(text)
    quiet = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    spans = (range(token.start[0], token.end[0] + 1) for token in tokens if token.type not in quiet)
    return len({line for span in spans for line in span} - docstring_lines(tree))


def docstring_lines(tree: ast.Module) -> set[int]:
    """The line numbers of every docstring."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, owners) and ast.get_docstring(node) is not None]
    held = [body[0] for body in bodies]
    return {line for node in held for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}


def functions(path: Path, tree: ast.Module) -> list[tuple[int, str]]:
    """(lines, where) of every function."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    where = path.relative_to(PACKAGE.parent)
    return [((f.end_lineno or f.lineno) - f.lineno + 1, f"{where}:{f.lineno} {f.name}") for f in found]


def main() -> None:
    """Print the three tables."""
    packages, files, longest = Counter(), [], []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        parts = path.relative_to(PACKAGE).parts
        packages[parts[0] if len(parts) > 1 else "(face)"] += code_lines(text)
        files.append((len(text.splitlines()), str(path.relative_to(PACKAGE.parent))))
        longest += functions(path, ast.parse(text))
    print("lines of code by package")
    for name, lines in packages.most_common():
        print(f"{lines:7,}  {name}")
    print(f"{packages.total():7,}  in all")
    for title, counted in (("longest files, all lines", files), ("longest functions, docstring counted", longest)):
        print(f"\n{title}")
        for lines, where in sorted(counted, reverse=True)[:LONGEST]:
            print(f"{lines:7,}  {where}")


if __name__ == "__main__":
    main()
