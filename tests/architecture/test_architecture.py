"""The house as the design has it: imports point down, sizes stay small, every formula says where it comes from."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from gradiens.core import catalogue

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "gradiens"
FILES = sorted(PACKAGE.rglob("*.py"))

LAYER = {
    "core": 0,
    "functions": 1, "calculus": 1, "data": 1,
    "equations": 2, "classical": 2, "nn": 2, "optim": 2, "evaluation": 2, "interpret": 2, "gp": 2, "mdp": 2, "env": 2,
    "train": 3,
    "tune": 4, "generative": 4, "rl": 4, "report": 4,
    "book": 5,
    "cli": 6, "lab": 6,
}  # fmt: skip
# Modules of nn and optim that are no member of a kind: what runs members, and what they are given.
BESIDE = ("Composite", "Descent", "FirstOrder", "FromOptax", "Line", "Minimise")
MOST_LINES, MOST_FUNCTION_LINES, MOST_DEPTH = 300, 40, 4


def package_of(path):
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def imported(tree):
    """(module, names) of every import from gradiens, and whether it stands under `if TYPE_CHECKING`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names if alias.name.startswith("gradiens"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gradiens"):
            yield node.module, [alias.name for alias in node.names]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down_and_are_absolute_and_never_by_star(path):
    own = package_of(path)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import at line {node.lineno}"
            assert all(alias.name != "*" for alias in node.names), f"star import at line {node.lineno}"
    if not own:
        return
    assert own in LAYER, f"package {own} has no layer: give it one here"
    for module, names in imported(tree):
        parts = module.split(".")
        targets = [parts[1]] if len(parts) > 1 else [n for n in names if (PACKAGE / n).is_dir()]
        for target in targets:
            down = target == own or LAYER[target] < LAYER[own]
            assert down, f"{own} (layer {LAYER[own]}) imports {target} (layer {LAYER[target]})"


EQUATIONS = [
    "boxes",
    "tree",
    "text",
    "meaning",
    "program",
    "folding",
    "printing",
    "",
]  # each imports only those before it


def test_the_packages_of_the_equations_import_one_way():
    root = PACKAGE / "equations"
    assert {path.parent.name for path in root.glob("*/__init__.py")} == set(EQUATIONS) - {""}
    for path in root.rglob("*.py"):
        own = path.parent.name if path.parent != root else ""
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tree.body = [node for node in tree.body if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node))]
        for module, _ in imported(tree):
            package = [*module.split("."), "", ""][2] if module.startswith("gradiens.equations") else own
            package = package if package in EQUATIONS else ""
            assert EQUATIONS.index(package) <= EQUATIONS.index(own), f"{path.relative_to(root)} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_small(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            first = node.body[1] if len(node.body) > 1 and ast.get_docstring(node) else node.body[0]
            lines = (node.end_lineno or 0) - first.lineno + 1
            assert lines <= MOST_FUNCTION_LINES, f"{node.name} has {lines} lines"
            assert depth(node) <= MOST_DEPTH, f"{node.name} is nested {depth(node)} deep"


def depth(node, level=0):
    nested = (ast.For, ast.While, ast.If, ast.With, ast.Try)
    below = [depth(child, level + isinstance(child, nested)) for child in ast.iter_child_nodes(node)]
    return max(below, default=level)


def test_every_catalogued_object_is_found_and_says_what_it_is():
    entries = catalogue.everything()
    assert {"activation", "data set", "layer", "loss", "method", "metric", "model", "optimizer", "schedule"} <= set(
        catalogue.kinds()
    )
    assert len({(e.kind, e.name) for e in entries}) == len(entries)
    for entry in entries:
        assert entry.says, entry.name
        assert all(re.fullmatch(r"([1-9]|10|[A-D])\.\d+", section) for section in entry.book), (entry.name, entry.book)


def _members_by_shape():
    """What looks like a member of a kind: modules that can be made, losses of (·, y), metrics that return a number."""
    from gradiens.core.module import Module
    from gradiens.functions import losses, metrics

    for name, what in vars(losses).items():
        parameters = list(inspect.signature(what).parameters) if inspect.isfunction(what) else []
        if parameters[1:2] == ["y"]:
            yield losses.__name__, name
    for name, what in vars(metrics).items():
        if (
            inspect.isfunction(what)
            and not name.startswith("_")
            and inspect.signature(what).return_annotation == "float"
        ):
            yield metrics.__name__, name
    kinds = [Module]
    for kind in kinds:
        kinds += kind.__subclasses__()
        package = kind.__module__.split(".")[1] if kind.__module__.startswith("gradiens.") else ""
        if package in ("nn", "optim") and not kind.__subclasses__() and kind.__name__ not in BESIDE:
            yield kind.__module__, kind.__name__


def test_nothing_that_looks_like_a_member_is_missing_from_the_catalogue():
    found = {(entry.module, entry.what.__name__) for entry in catalogue.everything()}
    looks = set(_members_by_shape())
    assert len(looks) > 20
    private = {pair for pair in looks if pair[1].startswith("_")}
    assert looks - private - found == set()


def test_an_optimizers_file_opens_with_its_formula_and_its_source():
    for entry in catalogue.members("optimizer").values():
        docstring = ast.get_docstring(ast.parse((ROOT / entry.file).read_text(encoding="utf-8"))) or ""
        assert re.search(r"^ {4}\S.*= ", docstring, re.MULTILINE), f"{entry.file}: no formula"
        assert "Book:" in docstring, entry.file


def test_no_machine_path_and_no_registry_host_is_written_anywhere():
    hosts = re.compile(r"https?://[a-z.]*(pypi|pythonhosted|npmjs|debian)\.org")
    paths = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm|root|tmp/lab)/")
    for path in [p for p in ROOT.rglob("*") if p.suffix in {".py", ".md", ".toml", ".txt"} and ".venv" not in p.parts]:
        text = path.read_text(encoding="utf-8")
        if path != Path(__file__):
            assert not hosts.search(text) and not paths.search(text), path


def test_the_face_of_the_package_costs_no_heavy_import():
    import subprocess
    import sys

    code = "import gradiens, sys; print([m for m in ('jax', 'equinox', 'polars', 'sklearn') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert out.stdout.strip() == "[]"


def test_every_name_of_the_face_can_be_used():
    import gradiens

    for name in gradiens.__all__:
        assert getattr(gradiens, name) is not None
