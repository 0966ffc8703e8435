"""The statements of a text, entered into its scope: declarations first, equations as what is still to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gradiens.equations.meaning import agreement as a
from gradiens.equations.meaning.indexing import flat_items, letters_of, running
from gradiens.equations.meaning.looping import Loop, final, stacked
from gradiens.equations.meaning.ranges import base_of, mentions, ranged, start_of, time_letter
from gradiens.equations.meaning.reading import read
from gradiens.equations.meaning.rewriting import parts
from gradiens.equations.meaning.scope import Scope
from gradiens.equations.meaning.sizes import Size
from gradiens.equations.meaning.steps import read_loop
from gradiens.equations.meaning.terms import Meant, Shape, Term, arranged, reshaped
from gradiens.equations.text import syntax as s
from gradiens.equations.tree.expression import Kind, Role

_INPUTS = ("x", "X", "y", "Y")


@dataclass(eq=False)
class Statements:
    """Enters the statements into the scope: declarations first, equations as what is pending."""

    scope: Scope
    order: dict[str, None] = field(default_factory=dict)
    places: dict[str, s.Place] = field(default_factory=dict)
    needs: dict[str, tuple[s.Equation, dict[str, int]]] = field(default_factory=dict)
    declared: dict[str, tuple[Shape, s.Declaration]] = field(default_factory=dict)
    early: dict[str, s.Equation] = field(default_factory=dict)  # h⟨0⟩ = …, before the steps are met

    def collect(self, statements: Sequence[s.Statement]) -> None:
        """Enter all statements."""
        equations = [one for one in statements if isinstance(one, s.Equation)]
        defined = {self.scope.key(base_of(one.left)) for one in equations}
        found = list(ranged(statements))
        for one, span in found:
            if isinstance(one, s.Declaration):
                self.declare_each(one, span, defined)
        loops: dict[tuple[str, int], Loop] = {}
        for one, span in found:
            if isinstance(one, s.Equation):
                self.enter(one, span, loops)

    def declare_each(self, statement: s.Declaration, span: s.Range | None, defined: set[str | None]) -> None:
        """`W^[l] ∈ ℝ^(n×n)` once for each layer l; what is declared at each time, h⟨t⟩, is h."""
        levels = span is not None and any(_levelled(name, span.index) for name in statement.names)
        for value in self.values(span) if levels and span is not None else [None]:
            outside = self.scope.counters
            if value is not None and span is not None:
                self.scope.counters = {**outside, span.index: value}
            self.declare(statement, defined)
            self.scope.counters = outside

    def declare(self, statement: s.Declaration, defined: set[str | None]) -> None:
        """Enter the names of a declaration."""
        scope, space = self.scope, statement.space
        sizes = []
        for item in space.sizes:
            size = scope.size(item)
            if size is None:
                scope.fail(item.at, "a size", scope.text[item.at.start : item.at.stop], "write ℝ^(64×n)")
            sizes.append(size)
        for name in statement.names:
            key = scope.key(base_of(name) if time_letter(name) else name)
            if key is None:
                scope.fail(name.at, "a name to declare", scope.text[name.at.start : name.at.stop])
            told = f"declared {key} ∈ {a.said(tuple(sizes))}"
            shape = tuple(size.because(told) for size in sizes)
            if key in self.declared:
                scope.fail(name.at, f"one declaration of {key}", "another one")
            self.declared[key] = shape, statement
            if key not in defined:
                self.mean(key, shape, statement, name.at)

    def mean(self, key: str, shape: Shape, statement: s.Declaration, at: s.Place) -> None:
        """A declared name that the text does not define: an input or a parameter."""
        scope, field_ = self.scope, statement.space.field
        if key in scope.meant:  # an input whose shape is given
            given = scope.meant[key]
            a.fit_input(scope, given, shape, at)
        else:
            role: Role = "input" if key in _INPUTS or not scope.model else "parameter"
            scope.meant[key] = Meant(key, role, shape, "real", at)
        kinds: dict[str, Kind | None] = {"ℤ": "integer", "ℂ": "complex", "labels": "integer", "other": "other"}
        kinds["truth"] = None  # {0, 1} are truth values where they are asked, numbers elsewhere
        scope.meant[key].kind = kinds.get(field_, "real")

    def enter(self, equation: s.Equation, span: s.Range | None, loops: dict[tuple[str, int], Loop]) -> None:
        """Enter an equation: a step of a loop, a layer, a start, or a plain definition."""
        scope = self.scope
        left = equation.left
        letter = time_letter(left)
        if letter is not None:
            return self.step(equation, left, letter, span, loops)
        if span is not None and not span.suffix and span.condition is None:
            return self.layers(equation, span)
        if span is not None and mentions(left, span.index):
            return self.layers(equation, span)
        start = start_of(left)
        if start is not None:
            key = scope.key(start)
            assert key is not None
            loop = next((one for one in loops.values() if key in one.equations), None)
            self.starts(key, equation, loop)
            return None
        self.define(equation)
        return None

    def starts(self, key: str, equation: s.Equation, loop: Loop | None) -> None:
        """`h⟨0⟩ = …`, for the loop that has h."""
        self.early[key] = equation
        if loop is not None:
            loop.starts[key] = equation

    def step(
        self,
        equation: s.Equation,
        left: s.Syntax,
        letter: str,
        span: s.Range | None,
        loops: dict[tuple[str, int], Loop],
    ) -> None:
        """An equation of a loop: its name stands for the sequence afterwards."""
        scope = self.scope
        group = (letter, id(span) if span is not None and not span.suffix else 0)
        if group not in loops:
            loops[group] = Loop(letter, {}, {}, span, equation.at)
        loop = loops[group]
        loop.range = loop.range or span
        key = scope.key(base_of(left))
        assert key is not None
        self.once(key, equation)
        loop.equations[key] = equation
        if key in self.early:
            loop.starts[key] = self.early[key]
        if key in self.declared:
            scope.meant[key] = Meant(key, "state", self.declared[key][0], "real", equation.at)
        scope.loops[key] = loop

        def read_it() -> None:
            read_loop(scope, loop)
            if key not in loop.values:
                scope.fail(equation.at, f"steps that use {key}⟨{letter}-1⟩", f"{key}, which is made of them")
            found = final(scope, loop, key) if loop.endless else stacked(scope, loop, key)
            scope.defined[key] = found

        scope.pending[key] = read_it

    def layers(self, equation: s.Equation, span: s.Range) -> None:
        """`a^[l] = …, l = 1..L`: the equation once for each layer."""
        if not mentions(equation.left, span.index):
            self.define(equation)
            return
        for value in self.values(span):
            self.define(equation, {span.index: value})

    def values(self, span: s.Range) -> range:
        """The numbers that the index of a layer takes."""
        low, high = self.scope.whole(span.first), self.scope.whole(span.last)
        if low is None or high is None:
            do = "write for l = 1..4:"
            self.scope.fail(span.at, "a range of layers whose ends are numbers", "an unknown size", do)
        return range(low, high + 1) if low <= high else range(low, high - 1, -1)

    def sorted(self) -> list[str]:
        """The names in an order in which each comes after those that it needs; a circle is found when it is read."""
        done: dict[str, None] = {}
        for first in self.order:
            stack = [(first, False)]
            seen: set[str] = set()
            while stack:
                key, ready = stack.pop()
                if ready:
                    done.setdefault(key)
                elif key not in done and key not in seen:
                    seen.add(key)
                    stack.append((key, True))
                    stack += [(one, False) for one in self.needed(key)]
        return list(done)

    def has_value(self, key: str) -> bool:
        """Has a definition a value of its own? `f(z) = z²` has one only where z is known."""
        equation, _ = self.needs[key]
        if not isinstance(equation.left, s.Call):
            return True
        used = {part.text for part in parts(equation.right) if isinstance(part, s.Name)}
        unknown = [arg for arg in equation.left.args if not self.scope.knows(self.scope.key(arg) or "")]
        return not any(part.text in used for arg in unknown for part in parts(arg) if isinstance(part, s.Name))

    def needed(self, key: str) -> list[str]:
        """The defined names on the right side of a definition."""
        equation, counters = self.needs[key]
        outside, self.scope.counters = self.scope.counters, counters
        named = [part for part in parts(equation.right) if isinstance(part, s.Name | s.Sub | s.Mark | s.Power)]
        found = dict.fromkeys(self.scope.key(part) for part in named)
        self.scope.counters = outside
        return [one for one in found if one is not None and one in self.order]

    def once(self, key: str, equation: s.Equation, counters: dict[str, int] | None = None) -> None:
        """Each name is defined once."""
        if key in self.order:
            self.scope.fail(equation.left.at, f"one definition of {key}", "another one", "give it another name")
        self.order[key] = None
        self.places[key] = equation.left.at
        self.needs[key] = equation, counters or {}

    def define(self, equation: s.Equation, counters: dict[str, int] | None = None) -> None:
        """Enter one definition."""
        scope, left = self.scope, equation.left
        outside = scope.counters
        scope.counters = {**outside, **(counters or {})}
        key = _called(scope, left) if isinstance(left, s.Call) else scope.key(left)
        indexed = (
            isinstance(left, s.Sub) and (key is None or key not in self.declared) and _is_indexed(scope, left, equation)
        )
        if indexed:
            assert isinstance(left, s.Sub)
            key = scope.key(left.base)
        scope.counters = outside
        if key is None:
            scope.fail(
                left.at, "a name on the left", scope.text[left.at.start : left.at.stop], "write name = expression"
            )
        if isinstance(left, s.Call) and isinstance(left.head, s.Name):
            scope.functions[left.head.text] = equation
        self.once(key, equation, counters)

        def read_it() -> None:
            before, scope.counters = scope.counters, {**scope.counters, **(counters or {})}
            times, scope.times = scope.times, {}
            found = _indexed(scope, left, equation.right) if indexed else read(scope, equation.right)
            scope.counters, scope.times = before, times
            scope.defined[key] = self.fitted(
                key, reshaped(found, (Size(1), *found.shape)) if found.row else found, equation
            )

        scope.pending[key] = read_it

    def fitted(self, key: str, found: Term, equation: s.Equation) -> Term:
        """A definition agrees with its declaration; the gradient ∂C/∂W has the shape of W."""
        gradient = key.startswith("∂") and key not in self.declared
        known = key.rpartition("/∂")[2] if gradient else key
        if known not in self.declared:
            return found
        shape, _ = self.declared[known]
        if len(shape) != len(found.shape):
            if gradient:
                return found
            self.scope.fail(equation.at, f"{key} ∈ {a.said(shape)} as declared", a.said(found.shape))
        for one, other in zip(shape, found.shape):
            self.scope.equal(one, other, equation.at, f"the definition of {key}")
        return found


def _levelled(name: s.Syntax, letter: str) -> bool:
    """Does a name carry the index of a layer?"""
    return mentions(name, letter) and time_letter(name) != letter


def _called(scope: Scope, left: s.Call) -> str:
    """`relu(z)` on the left, as a name."""
    head = scope.key(left.head) or ""
    return f"{head}({', '.join(scope.key(arg) or '' for arg in left.args)})"


def _is_indexed(scope: Scope, left: s.Sub, equation: s.Equation) -> bool:
    """Is `Y_ij = …` a definition by entries? Its letters then stand as indices on the right."""
    items = flat_items(left.items)
    letters = [item.text for item in items if isinstance(item, s.Name) and len(item.text) == 1]
    if len(letters) < len(items) or any(letter in scope.counters for letter in letters):
        return False
    subs = [part for part in parts(equation.right) if isinstance(part, s.Sub) and not _is_name(scope, part)]
    right = {item.text for sub in subs for item in flat_items(sub.items) if isinstance(item, s.Name)}
    return bool(letters) and len(set(letters)) == len(letters) and set(letters) <= right


def _is_name(scope: Scope, sub: s.Sub) -> bool:
    """Is a name with this subscript declared or defined?"""
    key = scope.key(sub)
    return key is not None and scope.knows(key)


def _indexed(scope: Scope, left: s.Syntax, right: s.Syntax) -> Term:
    assert isinstance(left, s.Sub)
    letters = letters_of(scope, left.items)
    with running(scope, letters):
        body = read(scope, right)
    return arranged(body, letters)
