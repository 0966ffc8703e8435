"""A module from settings that a person gave: names and values as text or as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradiens.core.check import Mistake, known
from gradiens.core.module import Module, knobs


def configured(kind: type[Module], overrides: Mapping[str, Any], of: str = "") -> Module:
    """The config with its knobs set; strings, as the command line gives them, are converted to each knob's type."""
    declared = knobs(kind)
    names = {name: name.replace("-", "_") for name in overrides}
    for name in names.values():
        known(f"knob of {of}" if of else "knob", name, declared)
    return kind(
        **{names[name]: convert(names[name], value, declared[names[name]].default) for name, value in overrides.items()}
    )


def convert(name: str, value: Any, default: Any) -> Any:
    """`value` as the type of `default`: text is read, a whole number serves as a real one; else a `Mistake`."""
    kind = type(default)
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    try:
        if kind is bool and isinstance(value, str):
            return words[value.strip().lower()]
        if kind is float and not isinstance(value, bool):
            return float(value)
        if kind is int and isinstance(value, str):
            return int(value)
    except (KeyError, ValueError, TypeError):
        pass
    else:
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
    article = {bool: "true or false", float: "a number", int: "a whole number"}.get(kind, "text")
    raise Mistake(f"{article} for knob {name}", repr(value), f"the default is {default}")
