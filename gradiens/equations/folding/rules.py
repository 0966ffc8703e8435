"""All rules, in the order in which they are tried at a node."""

from __future__ import annotations

import functools

from gradiens.equations.folding.algebra import algebra
from gradiens.equations.folding.array_rules import array_rules
from gradiens.equations.folding.attention import attention_rules
from gradiens.equations.folding.factoring import factoring
from gradiens.equations.folding.fold import Rule
from gradiens.equations.folding.forms import forms
from gradiens.equations.folding.maps import map_rules
from gradiens.equations.folding.normalising import normal_rules
from gradiens.equations.folding.simplifying import simplifying
from gradiens.equations.folding.softmaxes import softmax_rules


@functools.cache
def all_rules() -> tuple[Rule, ...]:
    """Algebra first: the forms are stated for what it leaves."""
    named = (*softmax_rules(), *normal_rules(), *attention_rules(), *forms())
    return (*algebra(), *factoring(), *simplifying(), *array_rules(), *map_rules(), *named)
