"""Layer 2: equations. A program is read as a tree, folded into the notation of the book, printed, and checked.

    print(of_model(model, x, "classes"))
    a^[1] = relu(W^[1] x + b^[1])
        ŷ = softmax(W^[2] a^[1] + b^[2])

`of` reads any JAX function; `of_model`, `of_loss`, `of_gradient`, `of_update`, `of_function` know what the parts are
called. `Equations.check()` evaluates exactly what is printed and compares it with the program.

Begin with `read`, `equations` and `check`. Below them, each package imports only those before it: `boxes`, `tree`,
`text`, `meaning`, `program`, `folding`, `printing`.
"""

from __future__ import annotations

from gradiens.equations.check import Check
from gradiens.equations.equations import Equations
from gradiens.equations.methods import of_method
from gradiens.equations.printing.naming import Line
from gradiens.equations.read import Task, of, of_function, of_gradient, of_loss, of_model, of_update

__all__ = [
    "Check", "Equations", "Line", "Task", "of", "of_function", "of_gradient", "of_loss", "of_method", "of_model", "of_update",
]  # fmt: skip
