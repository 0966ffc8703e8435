"""The leaves of a program's arguments and their names on paper: `layers.0.W` is W^{[1]}, `y_hat` is ŷ, `lr` is α."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import numpy as np

from gradiens.equations.program.primitives import kind_of
from gradiens.equations.text.letters import GREEK
from gradiens.equations.tree.expression import Role, Symbol, symbol

# Words of interfaces, and the letters that the book has for them.
_WORDS = {
    "lr": "α",
    "decay": "λ",
    "trace": "m",
    "count": "t",
    "weight": "W",
    "bias": "b",
    "kernel": "W",
    "memory": "ρ",
    "numbers": "x",
    "codes": "c",
    "mean": "μ",
    "var": "σ^{2}",
}


@dataclass(frozen=True)
class Leaves:
    """The arguments of a program as a flat list of symbols, and the way back."""

    symbols: tuple[Symbol, ...]
    values: tuple[Any, ...]
    rebuild: Callable[[Sequence[Any]], tuple[Any, ...]]


def spelled(word: str) -> str:
    """A word of an interface as a letter: `theta` → θ, `y_hat` → ŷ, `W_q` → W_q; a name with scripts stays as it is."""
    if set(word) & set("{^⟨"):
        return word
    word = word.strip("_") or word
    if word.endswith("_hat") and len(word) > 4:
        import unicodedata

        return unicodedata.normalize("NFC", spelled(word[:-4]) + "\u0302")
    if word in GREEK or word in _WORDS:
        return GREEK.get(word) or _WORDS[word]
    head, _, tail = word.partition("_")
    if tail and len(spelled(head)) == 1:
        return f"{spelled(head)}_{{{tail}}}"
    if re.fullmatch(r"[A-Z][a-z]", word):  # Wq
        return f"{word[0]}_{{{word[1]}}}"
    numbered = re.fullmatch(r"([A-Za-z]+?)(\d+)", word)
    if numbered and len(spelled(numbered[1])) == 1:
        return f"{spelled(numbered[1])}_{{{numbered[2]}}}"
    return word


def leaves(args: Sequence[Any], params: Sequence[str], names: dict[str, str] | None = None) -> Leaves:
    """The arrays and floats in `args`; `names` overrides what a parameter or a path is called."""
    moving, still = eqx.partition(tuple(args), _is_leaf)
    flat, shape = jax.tree_util.tree_flatten_with_path(moving)
    paths = [(str(params[path[0].idx]), jax.tree_util.keystr(path[1:], simple=True, separator=".")) for path, _ in flat]
    called = _unique(_shortened(paths))
    called = [_given(names or {}, *path) or name for path, name in zip(paths, called, strict=True)]
    values = tuple(leaf for _, leaf in flat)
    symbols = tuple(
        symbol(name, np.shape(value), _kind(value), _role(param, path, value))
        for name, (param, path), value in zip(called, paths, values, strict=True)
    )

    def rebuild(new: Sequence[Any]) -> tuple[Any, ...]:
        return eqx.combine(jax.tree_util.tree_unflatten(shape, list(new)), still)

    return Leaves(symbols, values, rebuild)


def parameters_of(f: Any, count: int) -> list[str]:
    """The names of the first `count` parameters of a callable."""
    try:
        found = [p for p in inspect.signature(f).parameters.values() if p.kind not in (p.VAR_KEYWORD, p.KEYWORD_ONLY)]
    except (TypeError, ValueError):
        found = []
    names: list[str] = []
    for place in range(count):
        param = found[min(place, len(found) - 1)] if found else None
        if param is None:
            names.append(f"x{place + 1}" if count > 1 else "x")
        else:
            names.append(f"{param.name}{place + 1}" if param.kind is param.VAR_POSITIONAL else param.name)
    return names


def _is_leaf(value: Any) -> bool:
    plain = isinstance(value, float) and math.isfinite(value)
    return plain or eqx.is_array(value) or isinstance(value, np.ndarray | np.generic)


def _kind(value: Any) -> Any:
    return "real" if isinstance(value, float) else kind_of(value.dtype)


def _role(param: str, path: str, value: Any) -> Role:
    if param in ("state", "rest"):
        return "knob" if isinstance(value, float) else "state"
    if isinstance(value, float) or (param == "self" and np.shape(value) == ()):
        return "knob"
    return "parameter" if path else "input"


def _shortened(paths: list[tuple[str, str]]) -> list[tuple[str, tuple[str, ...]]]:
    """The parameter and the words of each path, without the index of a list that holds one thing."""
    split = [(param, tuple(path.split(".")) if path else ()) for param, path in paths]
    result = []
    for param, words in split:
        kept = []
        for place, word in enumerate(words):
            others = {w[place] for p, w in split if p == param and len(w) > place and w[:place] == words[:place]}
            if not (word.isdigit() and others == {"0"} and place + 1 < len(words)):
                kept.append(word)
        result.append((param, tuple(kept)))
    return result


def _unique(paths: list[tuple[str, tuple[str, ...]]]) -> list[str]:
    """A name for each leaf; where two would be alike, the words that tell them apart are written below."""
    plain = [_named(param, words) for param, words in paths]
    result = []
    for place, (param, words) in enumerate(paths):
        twins = [paths[other][1] for other, name in enumerate(plain) if name == plain[place] and other != place]
        apart = tuple(word for word in words[:-1] if not word.isdigit() and any(word not in twin for twin in twins))
        name = _named(param, words, apart) if twins else plain[place]
        while name in result:
            name += "'"
        result.append(name)
    return result


def _given(names: dict[str, str], param: str, path: str) -> str | None:
    return names.get(f"{param}.{path}") or names.get(path or param)


def _named(param: str, words: tuple[str, ...], apart: tuple[str, ...] = ()) -> str:
    said = [word for word in words if not word.isdigit()]
    base = spelled(said[-1] if said else param)
    index = [str(int(word) + 1) for word in words if word.isdigit()]
    below = "" if not apart else f"_{{{' '.join(apart)}}}"
    if apart and "_" in base:
        below = ""
    if index and "^" in base:  # the layer's number stands where the square of σ² would
        base = "v"
    return base + below + (f"^{{[{','.join(index)}]}}" if index else "")
