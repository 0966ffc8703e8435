"""What XLA is told when it compiles a step that holds a convolution."""

from __future__ import annotations

import functools
from typing import Any

import jax

CONVOLUTIONS = "conv_general_dilated"

# jaxlib's convolutions in single precision run on one core unless they are fused one by one
_ON_CPU = {"xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT"}


def options(jaxpr: Any) -> dict[str, str] | None:
    """The compiler's options for this program: some for convolutions on a CPU, elsewhere None."""
    return _known() if CONVOLUTIONS in str(jaxpr) else None


@functools.cache
def _known() -> dict[str, str] | None:
    """The options, where this device has use for them and this jaxlib knows them."""
    if jax.default_backend() != "cpu":
        return None
    try:
        jax.jit(lambda: 0, compiler_options=_ON_CPU).lower().compile()
    except Exception:  # the name is experimental: another jaxlib may refuse it, in an error of its own
        return None
    return _ON_CPU


class Compiled:
    """`jax.jit(function)` with the options that its program wants, which are known when it is first called."""

    def __init__(self, function: Any):
        self.function, self.program = function, None

    def __call__(self, *arguments: Any) -> Any:
        """The compiled function."""
        if self.program is None:
            chosen = options(jax.make_jaxpr(self.function)(*arguments))
            self.program = jax.jit(self.function, compiler_options=chosen)
        return self.program(*arguments)
