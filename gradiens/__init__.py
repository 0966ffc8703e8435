"""Gradiens: deep learning stated, trained, read back and checked in equations and algorithms.

The public face. Names are loaded when they are first used, so that `import gradiens` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from gradiens.core.check import Failure, Mistake
    from gradiens.core.iterate import Outcome, iterate
    from gradiens.core.module import Module, knob
    from gradiens.data.load import load
    from gradiens.optim.minimize import minimize
    from gradiens.optim.minimum import Minimum
    from gradiens.report.run_page import write_report
    from gradiens.train.fit import fit, resume
    from gradiens.train.fitted import Fitted, load_model
    from gradiens.train.statement import Statement, model

_HOME = {
    "Failure": "core.check",
    "Fitted": "train.fitted",
    "Minimum": "optim.minimum",
    "Mistake": "core.check",
    "Module": "core.module",
    "Outcome": "core.iterate",
    "Statement": "train.statement",
    "fit": "train.fit",
    "iterate": "core.iterate",
    "knob": "core.module",
    "load": "data.load",
    "load_model": "train.fitted",
    "minimize": "optim.minimize",
    "model": "train.statement",
    "resume": "train.fit",
    "write_report": "report.run_page",
}

__all__ = [
    "Failure", "Fitted", "Minimum", "Mistake", "Module", "Outcome", "Statement", "__version__",
    "fit", "iterate", "knob", "load", "load_model", "minimize", "model", "resume", "write_report",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'gradiens' has no attribute {name!r}")
    return getattr(importlib.import_module(f"gradiens.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
