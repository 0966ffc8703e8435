"""The formulas in docstrings are the programs: each is parsed and evaluated as a printed equation is, on random values.

A formula is a line with an equals sign that is set in below the docstring. Of two lines with one left side, each is a way to
write the whole. The knobs are loud: between 0.1 and 0.9, ε too.
"""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import textwrap

import jax
import jax.numpy as jnp
import pytest

from gradiens import equations
from gradiens.core.catalogue import members
from gradiens.equations import Equations
from gradiens.equations.boxes.unicode import where
from gradiens.functions.losses import example

SAMPLES = 20  # both sides of every corner


@dataclasses.dataclass(frozen=True)
class Stated(Equations):
    """Equations whose print is a text that somebody wrote, with the spaces of the program's inputs."""

    text: str = ""

    def unicode(self, *args, **kwargs):
        return self.text + where(self.clause(flat=True))

    latex = unicode


def formulas(docstring):
    """The formula lines of a docstring, by what stands on the left."""
    found = {}
    for line in textwrap.dedent(docstring).splitlines():
        left, equals, _ = line.partition(" = ")
        if line.startswith("    ") and equals:
            found.setdefault(left.strip(), []).append(line.strip())
    return found


def texts(docstring):
    """Every way to write the whole."""
    return ["\n".join(ways) for ways in itertools.product(*formulas(docstring).values())]


def stated(program, text):
    fields = {field.name: getattr(program, field.name) for field in dataclasses.fields(Equations)}
    return Stated(**fields, text=text)


def of_function(f, *args, output):
    """The equations of a function whose options are symbols too."""
    options = [p for p in inspect.signature(f).parameters.values() if isinstance(p.default, float)]
    return equations.of(f, *args, *(p.default for p in options), output=output)


def cases():
    """(id, docstring, program) of every optimizer, activation and loss."""
    for name, entry in members("optimizer").items():
        yield name, inspect.getmodule(entry.what).__doc__, equations.of_update(entry.what())
    for name, entry in members("activation").items():
        doc = inspect.getdoc(entry.what)
        z, output = (jnp.ones(3), "S") if "Sₖ" in doc else (jnp.ones(()), "S(z)")
        yield name, doc, of_function(entry.what, z, output=output)
    for name, entry in members("loss").items():
        yield (
            name,
            inspect.getdoc(entry.what),
            of_function(entry.what, *example(entry.what, jax.random.key(0)), output="C"),
        )


CASES = {name: (doc, program) for name, doc, program in cases()}
each = pytest.mark.parametrize("name", CASES)


@each
def test_the_docstring_is_the_program(name):
    doc, program = CASES[name]
    ways = texts(doc)
    assert ways and ways != [""], f"{name} has no formula"
    for text in ways:
        check = stated(program, text).check(samples=SAMPLES)
        assert check.ok and check.samples == SAMPLES, f"{check}\n{text}\n\n{program}"


def mutants(text):
    """The text with one sign, one letter or one number changed."""
    changes = {" - ": " + ", " + ": " - ", "β": "γ", "²": "³", "> 0": "< 0", "2": "3", "e^": "2^", "eᶻ": "e^(2 z)",
               "max": "min", "z / ": "z ", "log": "exp", "σ": "tanh"}  # fmt: skip
    for old, new in changes.items():
        if old in text.partition(" = ")[2]:
            yield text[: text.index(" = ") + 3] + text[text.index(" = ") + 3 :].replace(old, new, 1)


@each
def test_a_changed_docstring_is_found_out(name):
    """Every mutant but the identity's, which has nothing to change."""
    doc, program = CASES[name]
    changed = [mutant for text in texts(doc) for mutant in mutants(text)]
    assert changed or name == "identity"
    for text in changed:
        assert not stated(program, text).check().ok, text


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam", "rmsprop"])
def test_the_docstring_of_the_file_is_what_is_printed(name):
    """Each printed line that changes θ or a running mean stands in the docstring of the file, letter by letter."""

    def plain(formula):
        return "".join(formula.split()).replace("βᵗ", "β^(t')").replace("γᵗ", "γ^(t')")

    doc, program = CASES[name]
    printed = [line for line in program.unicode(where=False).splitlines() if "t' =" not in line]
    assert printed
    assert all(plain(line) in plain(doc) for line in printed)
