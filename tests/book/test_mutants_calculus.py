"""Claims of the calculus turn false when the calculus is broken: otherwise they would assert nothing."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from gradiens.book.appendix_a_calculus import s01_vectors, s02_derivatives, s03_chain_rule, s04_taylor
from gradiens.book.ch04_optimization import s06_automatic_differentiation as s06
from gradiens.book.runner import run_section
from gradiens.calculus import dual, finite_differences, matrix_chain, norms, series, taylor
from gradiens.calculus.elementary import ELEMENTARY, Partial
from gradiens.calculus.tape import Tape, Visit

SMALL = {
    "A.1": {"vectors": 50, "matrices": 10},
    "A.2": {"points": 1},
    "A.3": {"points": 2, "chains": 10},
    "A.4": {"pairs": 50},
}


def failing(name, **overrides):
    found = run_section(name, {**SMALL.get(name, {}), **overrides}).claims
    return {int(claim.says.split(":")[0].removeprefix("Claim ")) for claim in found if not claim.ok}


@pytest.fixture
def quick(monkeypatch):
    """Section 4.6 without the part that is timed, which no claim reads."""
    monkeypatch.setattr(s06, "SIZES", (4,))
    monkeypatch.setattr(s06, "seconds", lambda n: (1.0, 1.0))


@pytest.fixture
def few(monkeypatch):
    """Section A.2 with the rules that claims 1 and 2 name, and one surface."""
    named = s02_derivatives.FIRST + s02_derivatives.MATRICES
    monkeypatch.setattr(s02_derivatives, "RULES", {name: s02_derivatives.RULES[name] for name in named})
    monkeypatch.setattr(s02_derivatives, "SMOOTH", dict([*s02_derivatives.SMOOTH.items()][:2]))


def put_rule(monkeypatch, function, partials):
    monkeypatch.setitem(ELEMENTARY, function, ELEMENTARY[function]._replace(partials=partials))


def test_differentiation_with_a_wrong_sign(monkeypatch, quick):
    put_rule(monkeypatch, np.sin, (Partial(lambda z, x: -np.cos(x), 1),))
    assert failing("4.6") >= {1, 2, 3, 4}


def test_an_adjoint_that_forgets_all_children_but_one(monkeypatch, quick):
    def backward(self):
        adjoints = [np.zeros(node.shape) for node in self.nodes]
        adjoints[-1] = np.ones(())
        for node in reversed(self.nodes):
            carried = tuple((edge, edge.pull(adjoints[node.index])) for edge in node.edges)
            for edge, part in carried:
                adjoints[edge.parent.index] = part
            yield Visit(node, adjoints[node.index], carried)

    monkeypatch.setattr(Tape, "backward", backward)
    assert failing("4.6") >= {1, 2, 3}


def test_a_forward_mode_that_counts_no_pass_and_a_costly_reverse_pass(monkeypatch, quick):
    seen = s06.forward_gradient
    monkeypatch.setattr(s06, "forward_gradient", lambda f, *x: (seen(f, *x), seen(f, *x))[0])
    costly = tuple(Partial(p.of, 9) for p in ELEMENTARY[np.multiply].partials)
    put_rule(monkeypatch, np.multiply, costly)
    assert failing("4.6") == {3, 5}


def test_second_order_without_the_tangent(monkeypatch, quick):
    monkeypatch.setattr(s06, "reverse_hessian_vector", lambda f, x, v: dual.forward_gradient(f, *x).gradient)
    assert failing("4.6") == {4}


def test_norms_that_are_none(monkeypatch):
    """(Σ |x|ᵖ)^(1/(p+1)) and the Frobenius norm as a sum of absolute values."""
    s01_vectors._norms.clear_cache()
    s01_vectors._of_matrices.clear_cache()
    monkeypatch.setattr(
        s01_vectors, "p_norm", lambda x, p=2.0: jnp.sum(jnp.abs(x)) ** 0.5 if p == 1 else norms.p_norm(x, p)
    )
    monkeypatch.setattr(s01_vectors, "frobenius_norm", lambda A: jnp.sum(jnp.abs(A)))
    found = failing("A.1")
    s01_vectors._norms.clear_cache()
    s01_vectors._of_matrices.clear_cache()
    assert found >= {1, 2, 5} and 4 not in found


def test_an_ellipse_with_eigenvalues_for_half_lengths(monkeypatch):
    right = s01_vectors.gaussian_ellipse
    monkeypatch.setattr(s01_vectors, "gaussian_ellipse", lambda *a: right(*a)._replace(half_lengths=right(*a)[0] ** 2))
    monkeypatch.setattr(s01_vectors, "counterexample", lambda x, y: x * y**2 / (x**2 + y**2))
    monkeypatch.setattr(s01_vectors, "project_line", lambda x, v: (v @ x) * v)
    assert failing("A.1") == {3, 4, 6}


def test_a_central_difference_that_is_one_sided_and_a_rule_without_its_transpose(monkeypatch, few):
    def one_sided(f, x, d, h, scheme="central"):
        return finite_differences.difference(f, x, d, h, "forward" if scheme == "central" else scheme)

    monkeypatch.setattr(s02_derivatives, "difference", one_sided)
    rules = s02_derivatives.RULES
    monkeypatch.setitem(rules, "quadratic", rules["quadratic"]._replace(derivative=lambda x, A: 2 * A @ x))
    monkeypatch.setitem(
        rules, "log determinant", rules["log determinant"]._replace(derivative=lambda X: jnp.linalg.inv(X))
    )
    assert failing("A.2") == {1, 2, 5, 6}


def test_a_gradient_and_a_hessian_that_are_wrong(monkeypatch, few):
    gradient, hessian = s02_derivatives.gradient, s02_derivatives.hessian
    monkeypatch.setattr(s02_derivatives, "gradient", lambda f, x: gradient(f, x)[::-1])
    monkeypatch.setattr(s02_derivatives, "hessian", lambda f, x: jnp.triu(hessian(f, x)))
    assert failing("A.2") >= {3, 4, 7}


def test_a_chain_rule_in_the_wrong_order(monkeypatch):
    jacobians = s03_chain_rule._jacobians
    monkeypatch.setattr(
        s03_chain_rule, "_jacobians", lambda maps, x: [2 * J if i == 1 else J for i, J in enumerate(jacobians(maps, x))]
    )
    monkeypatch.setattr(s03_chain_rule, "cheapest", lambda sizes: matrix_chain.Plan(0, 899))
    monkeypatch.setattr(
        s03_chain_rule, "multiplications", lambda sizes, b: matrix_chain.multiplications(sizes[::-1], b)
    )
    assert failing("A.3") == {1, 3, 4}


def test_a_quadratic_model_without_its_half(monkeypatch):
    def __call__(self, y):
        d = y - self.x
        return self.c + self.g @ d + d @ self.H @ d

    monkeypatch.setattr(taylor.TaylorModel, "__call__", __call__)
    assert failing("A.4") == {1, 2}


def test_jets_and_remainders_that_are_wrong(monkeypatch):
    monkeypatch.setitem(series.RECURRENCES, np.exp, lambda u: series.exp_(u) * np.arange(1.0, 1 + len(u)))
    right = s04_taylor.remainder
    monkeypatch.setattr(s04_taylor, "remainder", lambda f, x, d, order: 10 * right(f, x, d, order))
    assert failing("A.4") == {3, 4, 5}


def test_the_claims_themselves_hold_on_the_small_settings():
    assert failing("A.3") == failing("A.4") == set()
