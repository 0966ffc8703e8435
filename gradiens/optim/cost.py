"""The cost as a method for whole vectors sees it: a function C of one vector θ ∈ ℝᵈ, with its derivatives.

    C(θ),  g = ∇C(θ),  H = ∇²C(θ),  H p without H:  d/dε ∇C(θ + ε p) at ε = 0

The caller's function may take any tree of arrays; `Layout` lays the tree out as the vector. What else the function needs
(`args`) is data of the program: other data of the same shapes recompile nothing.

Book: 4.1, 4.5.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradiens.core.check import Mistake
from gradiens.core.module import Module, named_leaves


class Point(NamedTuple):
    """θ, C(θ), ∇C(θ)."""

    theta: Float[Array, "d"]
    value: Float[Array, ""]
    g: Float[Array, "d"]


@dataclasses.dataclass(frozen=True)
class Layout:
    """How a tree of arrays lies in one vector: leaf after leaf, each in row-major order."""

    tree: Any
    shapes: tuple[tuple[int, ...], ...]
    dtypes: tuple[Any, ...]

    @classmethod
    def of(cls, theta: Any) -> Layout:
        """The layout of `theta`. A `Mistake` when it holds no numbers, or whole ones."""
        leaves, tree = jax.tree.flatten(theta)
        arrays = [np.asarray(leaf) if not hasattr(leaf, "dtype") else leaf for leaf in leaves]
        if not arrays or not sum(np.size(a) for a in arrays):
            raise Mistake("at least one parameter to start from", repr(theta))
        for name, leaf in (named_leaves(theta) or {"": arrays[0]}).items():
            if not jnp.issubdtype(leaf.dtype, jnp.floating):
                what = f"{leaf.dtype}" + (f" in {name}" if name else "")
                raise Mistake("real parameters", what, "start from floats, such as 1.0")
        return cls(tree, tuple(np.shape(a) for a in arrays), tuple(np.dtype(a.dtype) for a in arrays))

    def ravel(self, theta: Any) -> Float[Array, "d"]:
        """The tree as one vector, in the widest of its precisions."""
        with jax.numpy_dtype_promotion("standard"):
            wide = jnp.result_type(*self.dtypes)
        return jnp.concatenate([jnp.ravel(jnp.asarray(leaf, wide)) for leaf in jax.tree.leaves(theta)])

    def unravel(self, vector: Float[Array, "d"]) -> Any:
        """The vector as the tree."""
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])[:-1]
        parts = jnp.split(vector, ends.tolist())
        leaves = [p.reshape(shape).astype(dtype) for p, shape, dtype in zip(parts, self.shapes, self.dtypes)]
        return self.tree.unflatten(leaves)

    def name(self, place: int) -> str:
        """What the entry `place` of the vector is called in the tree: `W[2, 0]`."""
        names = list(named_leaves(self.tree.unflatten([np.empty(shape) for shape in self.shapes])))
        for name, shape in zip(names, self.shapes):
            size = int(np.prod(shape))
            if place < size:
                index = ", ".join(str(i) for i in np.unravel_index(place, shape))
                return (name or "θ") + (f"[{index}]" if index else "")
            place -= size
        raise IndexError(place)


class Cost(Module):
    """C(θ) = f(tree of θ, *args). `gradient` and `hessian`, of the same arguments, replace the derivatives by JAX where
    a better formula is known; the Hessian is that of the raveled parameters, d × d.
    """

    f: Callable[..., Any] = eqx.field(static=True)
    layout: Layout = eqx.field(static=True)
    args: tuple[Any, ...] = ()
    gradient: Callable[..., Any] | None = eqx.field(default=None, static=True)
    hessian_by: Callable[..., Any] | None = eqx.field(default=None, static=True)

    def __call__(self, theta: Float[Array, "d"]) -> Float[Array, ""]:
        """C(θ)."""
        return self.f(self.layout.unravel(theta), *self.args)

    def grad(self, theta: Float[Array, "d"]) -> Float[Array, "d"]:
        """∇C(θ)."""
        if self.gradient is None:
            return jax.grad(self)(theta)
        return self.layout.ravel(self.gradient(self.layout.unravel(theta), *self.args))

    def at(self, theta: Float[Array, "d"]) -> Point:
        """C and its gradient at θ."""
        if self.gradient is None:
            return Point(theta, *jax.value_and_grad(self)(theta))
        return Point(theta, self(theta), self.grad(theta))

    def product(self, theta: Float[Array, "d"], p: Float[Array, "d"]) -> Float[Array, "d"]:
        """H p, forward over reverse: about the price of two gradients."""
        if self.hessian_by is not None:
            return self.hessian(theta) @ p
        return jax.jvp(self.grad, (theta,), (p,))[1]

    def hessian(self, theta: Float[Array, "d"]) -> Float[Array, "d d"]:
        """H, symmetric: d products H eᵢ at once."""
        if self.hessian_by is not None:
            return self.hessian_by(self.layout.unravel(theta), *self.args)
        h = jax.vmap(lambda e: self.product(theta, e))(jnp.eye(theta.size, dtype=theta.dtype))
        return (h + h.T) / 2

    def curvature(self, theta: Float[Array, "d"]) -> Float[Array, "d d"]:
        """What stands for the Hessian in a Gauss-Newton method: here H itself; of a `Composite` cost, its outputs' part."""
        return self.hessian(theta)


def half_squares(r: Array) -> Float[Array, ""]:
    """½ ‖r‖², the loss of residuals."""
    return jnp.sum(r**2) / 2


class Composite(Cost):
    """C(θ) = loss(z), z = outputs(tree of θ, *args): residuals and half their squares, or logits and a log-likelihood.

    `f` is the function that gives the outputs, `loss` the convex function of all of them.
    """

    loss: Callable[[Any], Any] = eqx.field(default=half_squares, static=True)

    def outputs(self, theta: Float[Array, "d"]) -> Array:
        """z(θ)."""
        return self.f(self.layout.unravel(theta), *self.args)

    def __call__(self, theta: Float[Array, "d"]) -> Float[Array, ""]:
        """C(θ)."""
        return self.loss(self.outputs(theta))

    def jacobian(self, theta: Float[Array, "d"]) -> Float[Array, "*n d"]:
        """J = ∂z/∂θ, forward when there are fewer parameters than outputs."""
        few = theta.size <= jax.eval_shape(self.outputs, theta).size
        return (jax.jacfwd if few else jax.jacrev)(self.outputs)(theta)

    def gauss_newton_product(self, theta: Float[Array, "d"], p: Float[Array, "d"]) -> Float[Array, "d"]:
        """G p = Jᵀ ∇²loss(z) J p; for residuals JᵀJ p, for the negative log-likelihood of logits the Fisher product."""
        z, pull = jax.vjp(self.outputs, theta)
        dz = jax.jvp(self.outputs, (theta,), (p,))[1]
        return pull(jax.jvp(jax.grad(self.loss), (z,), (dz,))[1])[0]

    def curvature(self, theta: Float[Array, "d"]) -> Float[Array, "d d"]:
        """G, positive semidefinite when the loss is convex."""
        eye = jnp.eye(theta.size, dtype=theta.dtype)
        return jax.vmap(lambda e: self.gauss_newton_product(theta, e))(eye)


def cost_of(
    f: Callable[..., Any],
    theta0: Any,
    args: tuple[Any, ...] = (),
    gradient: Callable[..., Any] | None = None,
    hessian: Callable[..., Any] | None = None,
    loss: Callable[[Any], Any] | None = None,
) -> Cost:
    """The cost f(θ, *args) over the tree of `theta0`; with `loss`, f gives the outputs (residuals) that it takes.

    Raises `Mistake` when `theta0` holds no real numbers or f does not give one real number (a vector, of residuals).
    """
    if isinstance(f, eqx.Module):  # its arrays and knobs are data of the program, not parts of its text
        f, args = _call, (f, *args)
    layout = Layout.of(theta0)
    spec = jax.eval_shape(lambda: layout.ravel(theta0))
    if loss is None:
        made: Cost = Cost(f, layout, args, gradient, hessian)
    else:
        made = Composite(f, layout, args, gradient, hessian, loss)
    given = _shape(made.outputs if isinstance(made, Composite) else made, spec)
    if not isinstance(made, Composite) and (not hasattr(given, "shape") or given.shape != ()):
        advice = "sum or average it, or give loss='squares' when these are residuals"
        raise Mistake("a cost that is one number", f"shape {getattr(given, 'shape', given)}", advice)
    if not jnp.issubdtype(given.dtype, jnp.floating):
        raise Mistake("a real cost", f"{given.dtype}")
    return made


def _call(theta: Any, function: Callable[..., Any], *args: Any) -> Any:
    return function(theta, *args)


def _shape(f: Callable[..., Any], theta: Any) -> Any:
    try:
        return jax.eval_shape(f, theta)
    except jax.errors.ConcretizationTypeError as why:
        raise Mistake(
            "a cost that JAX can trace", str(why).split("\n")[0], "use jnp and jnp.where in place of if and float()"
        ) from None
    except jax.errors.TracerArrayConversionError:
        raise Mistake("a cost made of jax.numpy", "one that calls numpy", "import jax.numpy as jnp") from None
    except (TypeError, ValueError, IndexError, KeyError, AttributeError) as why:
        told = f"{type(why).__name__}: {str(why).strip().splitlines()[0]}"
        raise Mistake(
            "a cost that can be evaluated at the start", told, "compare the shapes of the start and the data"
        ) from why
