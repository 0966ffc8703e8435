"""All rules, in the order in which they are tried at a node."""

from __future__ import annotations

import functools

from gradiens.equations.algebra import algebra
from gradiens.equations.array_rules import array_rules
from gradiens.equations.factoring import factoring
from gradiens.equations.fold import Rule
from gradiens.equations.forms import forms
from gradiens.equations.normalising import normal_rules
from gradiens.equations.simplifying import simplifying


@functools.cache
def all_rules() -> tuple[Rule, ...]:
    """Algebra first: the forms are stated for what it leaves."""
    return (*algebra(), *factoring(), *simplifying(), *array_rules(), *normal_rules(), *forms())
