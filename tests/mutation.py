"""Mutants: each sum of a method's formulas with one sign turned or one term dropped, and whether the method's own tests see it.

    python -m tests.mutation            every optimizer, minimiser and line search; writes docs/mutants.md
    python -m tests.mutation bfgs adam  some of them; writes nothing

A mutant is made of the syntax tree while its module is imported, in a forked process that runs `tests/optim/…/test_NAME.py` to
its first failure. No file is changed. A mutant that hangs is a mutant that is seen.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import os
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SECONDS = 240  # after which a mutant's tests count as hung
TOLD = ROOT / "docs" / "mutants.md"
REASONS = ROOT / "tests" / "survivors.toml"


class Mutant:
    """One change of one module: the place of the changed node among its nodes, and how it is changed."""

    def __init__(self, module: str, place: int, kind: str, line: int, before: str, after: str):
        self.module, self.place, self.kind = module, place, kind
        self.line, self.before, self.after = line, before, after

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


def bodies(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """The methods of the classes that are not told: no property, no check of the input."""
    for kind in tree.body:
        if isinstance(kind, ast.ClassDef):
            for method in kind.body:
                if (
                    isinstance(method, ast.FunctionDef)
                    and not method.decorator_list
                    and method.name != "__check_init__"
                ):
                    yield method


def changed(node: ast.AST, kind: str) -> ast.AST | None:
    """The node as the kind of change makes it; None where there is no such change."""
    node = copy.deepcopy(node)
    if kind == "none":
        return node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        if kind == "sign":
            node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            return node
        if kind == "without the first term":
            return node.right if isinstance(node.op, ast.Add) else ast.UnaryOp(ast.USub(), node.right)
        if kind == "without the second term":
            return node.left
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and kind == "sign":
        return node.operand if not isinstance(node.operand, ast.Constant) else None
    return None


KINDS = ("sign", "without the first term", "without the second term")


def _counts(node: ast.AST) -> bool:
    """Whether a sum only counts steps or questions, or sizes an array: no formula."""
    text = ast.unparse(node)
    return any(word in text for word in ("count", "tries", "asked", ".size", ".shape", "eps", "self.memory"))


def mutants_of(module: str, path: Path) -> list[Mutant]:
    """All mutants of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(node) for body in bodies(tree) for statement in body.body for node in ast.walk(statement)}
    found = []
    for place, node in enumerate(ast.walk(tree)):
        if id(node) not in inside or _counts(node):
            continue
        for kind in KINDS:
            new = changed(node, kind)
            if new is not None:
                line = getattr(node, "lineno", 0)
                found.append(
                    Mutant(module, place, kind, line, ast.unparse(node), ast.unparse(ast.fix_missing_locations(new)))
                )
    return found


class Hook(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module as its mutant."""

    def __init__(self, mutant: Mutant):
        self.mutant = mutant

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """The spec of the module to be changed, and of no other."""
        if name != self.mutant.module:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.origin
        self.origin = spec.origin
        return importlib.util.spec_from_file_location(name, spec.origin, loader=self)

    def create_module(self, spec: Any) -> None:
        """The usual one."""

    def get_source(self, name: str) -> str:
        """The source as it is in the file."""
        return Path(self.origin).read_text(encoding="utf-8")

    def exec_module(self, module: Any) -> None:
        """Run the changed tree."""
        tree = ast.parse(self.get_source(module.__name__))
        target = list(ast.walk(tree))[self.mutant.place]
        new = changed(target, self.mutant.kind)
        assert new is not None

        class Swap(ast.NodeTransformer):
            def visit(self, node: ast.AST) -> Any:
                return new if node is target else super().visit(node)

        made = ast.fix_missing_locations(Swap().visit(tree))
        exec(compile(made, self.origin, "exec"), module.__dict__)


def members(names: list[str]) -> dict[str, tuple[str, Path, list[Path]]]:
    """By name: module, file, and the files of its tests. Found by their text, so that nothing is imported before a fork."""
    found = {}
    for path in sorted((ROOT / "gradiens" / "optim").rglob("*.py")):
        relative = path.relative_to(ROOT / "gradiens" / "optim").with_suffix("")
        test = ROOT / "tests" / "optim" / relative.parent / f"test_{relative.name}.py"
        text = path.read_text(encoding="utf-8")
        method = any(f"({base})" in text for base in BASES)
        if method and test.exists() and (not names or relative.name in names):
            found[relative.name] = (".".join(("gradiens.optim", *relative.parts)), path, [test])
    return found


BASES = (
    "Coordinatewise", "Optimizer", "Adam", "Minimiser", "Directional", "QuasiNewton", "ConjugateGradient", "LineSearch", "ISTA",
)  # fmt: skip


def survives(mutant: Mutant, tests: list[Path], cache: str) -> int:
    """The process that runs the tests beside a mutant; its exit code is 0 where they all pass."""
    child = os.fork()
    if child:
        return child
    os.setsid()
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - the process ends with it
    os.dup2(sys.stdout.fileno(), 1)
    os.dup2(sys.stdout.fileno(), 2)
    os.environ["JAX_COMPILATION_CACHE_DIR"] = cache
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    sys.meta_path.insert(0, Hook(mutant))
    import pytest

    code = 99
    try:
        code = int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", *map(str, tests)]))
    finally:
        os._exit(code)


def run(jobs: list[tuple[Mutant, list[Path]]], workers: int, cache: str) -> list[bool]:
    """For each job whether its tests all passed. What all of them compile alike is kept in `cache`."""
    passed = [False] * len(jobs)
    running: dict[int, tuple[int, float]] = {}
    waiting = list(range(len(jobs)))
    while waiting or running:
        while waiting and len(running) < workers:
            job = waiting.pop(0)
            running[survives(*jobs[job], cache)] = job, time.monotonic()
        for child, (job, begun) in list(running.items()):
            done, status = os.waitpid(child, os.WNOHANG)
            if not done and time.monotonic() - begun > SECONDS:
                os.killpg(child, signal.SIGKILL)
                done, status = os.waitpid(child, 0)
            if done:
                passed[job] = os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
                del running[child]
                _progress(job, jobs, passed)
        time.sleep(0.02)
    return passed


def _progress(job: int, jobs: list[Any], passed: list[bool]) -> None:
    mutant = jobs[job][0]
    if mutant.kind != "none" and passed[job]:
        print(f"survivor: {mutant.module.removeprefix('gradiens.optim.')}:{mutant.line}  {mutant}", flush=True)


def table(rows: list[tuple[str, int, list[Mutant]]], reasons: dict[str, str]) -> str:
    """The page: how many of each method were seen, and the survivors with their reasons."""
    total, left = sum(n for _, n, _ in rows), sum(len(s) for _, _, s in rows)
    share = 100 * (total - left) / max(total, 1)
    lines = [
        "# Mutants of the methods", "",
        "Each sum in the formulas of a method with one sign turned or one term dropped; seen when the method's own test file",
        f"turns red. Written by `make mutants`. {total - left} of {total} are seen, {share:.1f} %.", "",
        "| method | mutants | seen |", "|---|---|---|",
    ]  # fmt: skip
    lines += [f"| {name} | {n} | {n - len(left)} |" for name, n, left in rows]
    lines += ["", "## Survivors", ""]
    for name, _, left in rows:
        for mutant in left:
            why = reasons.get(f"{name}: {mutant}", "no reason is known: a test is missing")
            lines.append(f"- {name}, `{mutant.before}` → `{mutant.after}`: {why}")
    return "\n".join([*lines, ""])


def main() -> int:
    """0 when at least 95 % are seen."""
    with tempfile.TemporaryDirectory() as cache:
        return _main(cache)


def _main(cache: str) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="METHOD")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    import jax  # noqa: F401 - before the forks, so that none of them has to
    import optax  # noqa: F401
    import pytest  # noqa: F401
    import scipy.optimize  # noqa: F401

    found = members(given.names)
    same = [(Mutant(module, 0, "none", 0, "", ""), tests) for module, _, tests in found.values()]
    sound = run(same, given.workers, cache)  # the unchanged tree, by the same way
    broken = [name for name, ok in zip(found, sound, strict=True) if not ok]
    if broken:
        print(f"the tests fail as they are: {', '.join(broken)}", file=sys.stderr)
        return 2
    rows = []
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8")) if REASONS.exists() else {}
    for name, (module, path, tests) in found.items():
        made = mutants_of(module, path)
        if not made:
            continue
        passed = run([(mutant, tests) for mutant in made], given.workers, cache)
        left = [mutant for mutant, alive in zip(made, passed, strict=True) if alive]
        rows.append((name, len(made), left))
        print(f"{name}: {len(made) - len(left)} of {len(made)}", flush=True)
        if not given.names:  # kept as it grows
            TOLD.write_text(table(rows, reasons), encoding="utf-8")
    total, left = sum(n for _, n, _ in rows), sum(len(s) for _, _, s in rows)
    print(f"{total - left} of {total} are seen")
    return int(left > 0.05 * total)


if __name__ == "__main__":
    sys.exit(main())
