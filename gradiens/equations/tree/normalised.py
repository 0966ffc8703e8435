"""Normalised vectors: layer_norm_ε(x) = (x - μ) / √(σ² + ε) with the mean and variance of x, rms_norm_ε(x) = x / √(x̄² + ε)
with the mean of its squares; `layer_norm_rows` does so to each row of a matrix.

Source: Ba, Kiros & Hinton 2016 (layer norm); Zhang & Sennrich 2019 (RMS norm).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradiens.equations.tree.drawing import with_parameter
from gradiens.equations.tree.expression import Expr, Kind, Shape
from gradiens.equations.tree.operations import enter


def _normalised(centred: bool, rows: bool) -> Callable[..., Any]:
    def run(xp: Any, x: Any, eps: Any) -> Any:
        axis = -1 if rows else None
        x = x - xp.mean(x, axis=axis, keepdims=True) if centred else x
        return x / xp.sqrt(xp.mean(x * x, axis=axis, keepdims=True) + eps)

    return run


def _same(args: Sequence[Expr], params: dict[str, Any]) -> tuple[Shape, Kind]:
    return args[0].shape, "real"


for _name, _centred in (("layer_norm", True), ("rms_norm", False)):
    enter(_name, _normalised(_centred, False), _same, with_parameter(_name))
    enter(f"{_name}_rows", _normalised(_centred, True), _same, with_parameter(f"{_name}_rows"))
