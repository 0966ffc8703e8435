"""The calculus: derivatives, and three ways to compute them that are here to be studied.

`gradient`, `jacobian`, `hessian` and their products with vectors differentiate with JAX; `check_gradient` and `estimate`
compare with finite differences. `Dual` (forward mode), `record` and `Tape` (reverse mode) and `Jet` (higher orders)
are small enough to be read, and tests hold them to JAX.
"""

from gradiens.calculus.derivatives import (
    directional,
    gauss_newton_vector,
    gradient,
    hessian,
    hessian_vector,
    jacobian,
    vector_jacobian,
)
from gradiens.calculus.dual import Dual, forward_gradient
from gradiens.calculus.finite_differences import difference, estimate, numerical_jacobian
from gradiens.calculus.gradient_check import GradientCheck, check_gradient
from gradiens.calculus.jets import Jet, jet_along
from gradiens.calculus.reverse import record, reverse_gradient, reverse_hessian_vector
from gradiens.calculus.tape import Tape
from gradiens.calculus.taylor import TaylorModel, expansion, remainder, taylor_model

KIND = "calculus"

__all__ = [
    "Dual",
    "GradientCheck",
    "Jet",
    "Tape",
    "TaylorModel",
    "check_gradient",
    "difference",
    "directional",
    "estimate",
    "expansion",
    "forward_gradient",
    "gauss_newton_vector",
    "gradient",
    "hessian",
    "hessian_vector",
    "jacobian",
    "jet_along",
    "numerical_jacobian",
    "record",
    "remainder",
    "reverse_gradient",
    "reverse_hessian_vector",
    "taylor_model",
    "vector_jacobian",
]
