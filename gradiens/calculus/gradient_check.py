"""Is a gradient right? Compare it with central differences, and name the component that is wrong.

    |gᵢ - Dᵢ| ≤ tolerance · max(|gᵢ|, |Dᵢ|) + 10 · (estimated error of Dᵢ)

The function and its gradient are evaluated in double precision. Where the slopes to the left and to the right differ and
go on differing as the step is halved, the function has a kink: there any number between the two is accepted, and it
is said.

Book: A.2.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from gradiens.calculus.component_check import Component, judged, slopes
from gradiens.calculus.derivatives import one_number, real
from gradiens.calculus.noise import noise_level
from gradiens.core.check import Failure, Mistake
from gradiens.core.module import key_path


@dataclasses.dataclass(frozen=True)
class GradientCheck:
    """The outcome: the components that are wrong, those of which something is to be said, and the largest relative
    difference among those that could be judged.
    """

    checked: int
    components: int
    worst: float
    wrong: tuple[Component, ...] = ()
    noted: tuple[Component, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no component that was checked is wrong."""
        return not self.wrong

    def __str__(self) -> str:
        of = (
            f"{self.checked} of {self.components} components"
            if self.checked < self.components
            else f"{self.checked} components"
        )
        head = f"gradient ok: {of}, largest relative difference {self.worst:.1e}"
        if self.wrong:
            head = f"gradient wrong: {len(self.wrong)} of {self.checked} components checked" + _pattern(self.wrong)
        return "\n".join([head, *(f"  ✗ {c}" for c in self.wrong[:20]), *(f"  – {c}" for c in self.noted[:20])])

    def demand(self) -> None:
        """Raise a `Failure` that names the first wrong component, if there is one."""
        if self.wrong:
            raise Failure(f"the gradient is wrong at {self.wrong[0]}", "correct it, or let JAX differentiate")


def check_gradient(
    f: Callable[[Any], Any],
    theta: Any,
    gradient: Any = None,
    tolerance: float = 1e-6,
    most: int = 1000,
    seed: int = 0,
) -> GradientCheck:
    """Check the gradient of f at the parameter tree `theta`.

    `gradient` is a function of theta, or its value there, shaped like theta; without it the gradient that JAX makes is
    checked. Of more than `most` components `most` are drawn by `seed`. f may be written in JAX or NumPy.

    Raises `Mistake` where f(theta) is not one finite number, or the gradient has not the structure of theta.

    Book: A.2.
    """
    with jax.enable_x64(True):
        theta = jax.tree.map(lambda leaf: np.asarray(leaf, float), real(theta))
        flat, unravel = ravel_pytree(theta)
        names = _names(theta)
        g = _given(f, theta, gradient)
        value = float(one_number(f)(theta))
        if not np.isfinite(value):
            raise Mistake("a finite value of the function at θ", value, "check the gradient where it is defined")
        at = _fast(lambda v: f(unravel(v)), flat)
        n = len(names)
        places = np.arange(n) if n <= most else np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
        x = np.asarray(flat)
        rough = noise_level(at, x)
        found = [judged(slopes(at, x, value, i, rough), float(g[i]), names[i], tolerance) for i in places.tolist()]
    wrong = tuple(component for component, bad, _ in found if bad)
    noted = tuple(component for component, bad, _ in found if component.note and not bad)
    return GradientCheck(len(places), n, max(relative for _, _, relative in found), wrong, noted)


def _given(f: Callable[[Any], Any], theta: Any, gradient: Any) -> np.ndarray:
    """The gradient to be checked, as one vector in the order of theta's leaves."""
    made = jax.grad(one_number(f))(theta) if gradient is None else gradient(theta) if callable(gradient) else gradient
    if jax.tree.structure(made) != jax.tree.structure(theta):
        raise Mistake(f"a gradient of the structure {jax.tree.structure(theta)}", jax.tree.structure(made))
    for (path, leaf), part in zip(jax.tree_util.tree_leaves_with_path(theta), jax.tree.leaves(made)):
        if np.shape(part) != np.shape(leaf):
            raise Mistake(f"a gradient with {key_path(path) or 'a value'} of shape {np.shape(leaf)}", np.shape(part))
    return np.concatenate([np.ravel(np.asarray(part, float)) for part in jax.tree.leaves(made)])


def _names(theta: Any) -> list[str]:
    """A name for each entry: the dotted path of its leaf and its place in it, `layers.0.W[2, 1]`."""
    found = []
    for path, leaf in jax.tree_util.tree_leaves_with_path(theta):
        called = key_path(path)
        for index in np.ndindex(np.shape(leaf)):
            found.append((called + f"[{', '.join(map(str, index))}]" if index else called) or "θ")
    return found


def _fast(f: Callable[[Any], Any], x: Any) -> Callable[[Any], float]:
    """f compiled, where it can be."""
    compiled = jax.jit(f)
    try:
        compiled(x)
    except (jax.errors.JAXTypeError, jax.errors.JAXIndexError):  # written with NumPy, or with `if`
        return lambda v: float(f(jnp.asarray(v)))
    return lambda v: float(compiled(v))


def _pattern(wrong: tuple[Component, ...]) -> str:
    """What the wrong components have in common: a sign, a factor."""
    ratios = np.asarray([c.got / c.expected for c in wrong if np.isfinite(c.got) and c.expected])
    if len(ratios) < len(wrong) or np.ptp(ratios) > 1e-4 * np.max(np.abs(ratios)):
        return ""
    if abs(ratios[0] + 1) < 1e-4:
        return ", each with the opposite sign"
    return f", each {ratios[0]:.6g} times what is expected"
