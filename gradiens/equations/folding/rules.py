"""All rules, in the order in which they are tried at a node."""

from __future__ import annotations

import functools

from gradiens.equations.folding.algebra import algebra
from gradiens.equations.folding.array_rules import array_rules
from gradiens.equations.folding.factoring import factoring
from gradiens.equations.folding.fold import Rule
from gradiens.equations.folding.forms import forms
from gradiens.equations.folding.normalising import normal_rules
from gradiens.equations.folding.simplifying import simplifying


@functools.cache
def all_rules() -> tuple[Rule, ...]:
    """Algebra first: the forms are stated for what it leaves."""
    return (*algebra(), *factoring(), *simplifying(), *array_rules(), *normal_rules(), *forms())
