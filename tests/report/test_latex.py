"""The LaTeX of a run: it compiles, and it holds equations, shapes and the set-up of the training."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import jax
import polars as pl
import pytest

from gradiens import equations
from gradiens.core.catalogue import everything
from gradiens.report.latex import escaped, fragment
from gradiens.train.explain import WITHOUT, equations_of, equations_of_entry
from gradiens.train.fit import fit

EXAMPLES = Path(__file__).parents[2] / "examples"

# What LaTeX itself, amsmath and amssymb know, of what equations need.
KNOWN = """alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon varphi chi psi
omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell partial nabla infty prime top emptyset
odot otimes oplus cdot times star circ in ge le ne land lor lnot to ldots pm setminus
langle rangle lVert rVert lvert rvert lfloor rfloor lceil rceil left right
frac sqrt sum prod max min log exp sin cos tan sinh cosh tanh arcsin arccos arctan gcd det
hat tilde bar mathbb mathbf mathrm mathcal text texttt operatorname begin end quad qquad hline allowdisplaybreaks
paragraph noindent mbox par linewidth textbackslash textasciitilde textasciicircum"""
COMMANDS = set(KNOWN.split())
ENVIRONMENTS = {"align*", "aligned", "cases", "bmatrix", "tabular"}


def problems(text):
    """What keeps a fragment from compiling: unbalanced braces or environments, unknown commands, characters without a glyph."""
    text = re.sub(r"(?<!\\)%.*", "", text)
    found = []
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text.replace(r"\\", "  ")):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            break
    if depth:
        found.append(f"braces: {depth}")
    stack = []
    for kind, name in re.findall(r"\\(begin|end)\{([^}]*)\}", text):
        if kind == "begin":
            stack.append(name)
        elif not stack or stack.pop() != name:
            found.append(f"environment {name}")
    found += [f"environment {name}" for name in stack]
    used = set(re.findall(r"\\(?:begin|end)\{([^}]*)\}", text)) - ENVIRONMENTS
    found += [f"environment {name}" for name in used]
    commands = re.findall(r"\\([A-Za-z]+)", text.replace(r"\\", "  "))
    found += [f"command {name}" for name in sorted(set(commands) - COMMANDS)]
    found += [f"character {char!r}" for char in sorted({char for char in text if ord(char) >= 0x180})]
    found += [] if text.count(r"\left") == text.count(r"\right") else ["left without right"]
    return found


def compiled(text, tmp_path):
    """Whether pdflatex makes pages of a document that inputs the fragment; the end of its log if not."""
    (tmp_path / "out.tex").write_text(text, encoding="utf-8")
    document = r"\documentclass{article}\usepackage{amsmath,amssymb}\begin{document}\input{out}\end{document}"
    (tmp_path / "doc.tex").write_text(document, encoding="utf-8")
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "doc.tex"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:].decode(errors="replace")
    assert (tmp_path / "doc.pdf").stat().st_size > 1000


needs_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not on PATH")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run by layers, with names that LaTeX would trip over, and one by equations."""
    folder = tmp_path_factory.mktemp("runs")
    rows = {"a_b & 100%": range(60), "größe λ": [f"#{i % 3}" for i in range(60)]}
    pl.DataFrame({**rows, "y^2": ["$x$" if i % 2 else "\\y{~" for i in range(60)]}).write_csv(folder / "odd_name.csv")
    return {
        "layers": fit(folder / "odd_name.csv", "y^2", hidden=(4,), epochs=2, quiet=True),
        "equations": fit("iris", equation=str(EXAMPLES / "mlp.eq"), epochs=2, quiet=True),
    }


@pytest.fixture(scope="module")
def fragments(runs):
    return {name: fragment(fitted, equations_of(fitted)) for name, fitted in runs.items()}


@pytest.mark.parametrize("name", ["layers", "equations"])
def test_it_is_balanced_and_uses_only_what_the_packages_know(fragments, name):
    assert problems(fragments[name]) == []


@needs_latex
@pytest.mark.parametrize("name", ["layers", "equations"])
def test_it_compiles(fragments, name, tmp_path):
    compiled(fragments[name], tmp_path)


def test_it_says_what_was_trained_and_how(runs, fragments):
    text, summary = fragments["equations"], runs["equations"].summary
    for said in (
        r"\hat{y} &= \operatorname{softmax}(W_{2}\,a + b_{2})",
        r"$W_{1} \in \mathbb{R}^{64 \times 4}$",
        r"$W_{1}$ & 64 $\times$ 4 & 256 \\",
        "data & iris",
        "106 train, 22 val, 22 test",
        "adam (lr = 0.001, beta = 0.9, gamma = 0.999, eps = 1e-08)",
        "seed & 0",
        f"this model & {summary['test']['accuracy']:.4f}",
        "checked: relative error",
    ):
        assert said in text, said


def test_without_its_folder_a_model_still_has_equations_and_set_up(runs, tmp_path):
    from gradiens.train.fitted import load_model

    runs["equations"].save(tmp_path / "alone.safetensors")
    fitted = load_model(tmp_path / "alone.safetensors")
    text = fragment(fitted, equations_of(fitted)[:1])
    assert "optimizer & adam" in text and "On the test rows" not in text
    assert problems(text) == []


LATEX = [
    (entry.name, one) for entry in everything() if entry.kind not in WITHOUT for _, one in equations_of_entry(entry)
]


@pytest.mark.parametrize("place", range(len(LATEX)), ids=[name for name, _ in LATEX])
def test_every_equation_of_the_catalogue_is_latex_that_the_packages_know(place):
    assert problems(LATEX[place][1].latex()) == []


@needs_latex
def test_all_of_the_catalogue_compiles_on_one_document(tmp_path):
    compiled("\n".join(rf"\[{one.latex()}\]" for _, one in LATEX), tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"\frac{a}{b", "braces"),
        (r"\begin{align*} a \end{aligned}", "environment"),
        (r"\begin{tikzpicture}\end{tikzpicture}", "environment tikzpicture"),
        (r"\foo{a}", "command foo"),
        ("θ", "character"),
        (r"\left( a", "left"),
    ],
)
def test_what_would_not_compile_is_found(text, said):
    assert any(said in problem for problem in problems(text))


def test_text_is_escaped():
    assert escaped("a_b & 100% {c} #1 ~ ^ \\ $") == (
        r"a\_b \& 100\% \{c\} \#1 \textasciitilde{} \textasciicircum{} \textbackslash{} \$"
    )
    assert escaped("λ日") == r"\texttt{U+03BB}\texttt{U+65E5}"


def test_a_gradient_is_named_as_a_fraction():
    from gradiens.functions import losses
    from gradiens.nn.mlp import MLP

    model, x = MLP.example(jax.random.key(0))
    text = equations.of_gradient(model, losses.squared, x, jax.numpy.ones(2)).latex()
    assert r"\frac{\partial C}{\partial W^{[1]}}" in text and problems(text) == []
