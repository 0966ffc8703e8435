"""Flags from the declaration of a spec: each field of a Pydantic model is a flag, its description the help text."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable
from typing import Annotated, Any, Literal

import typer
from pydantic import BaseModel

from gradiens.core.check import Mistake


def spec_flags(model: type[BaseModel], skip: tuple[str, ...]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command, in the place of its `**given`, a flag for every field of `model` that is not in `skip`."""

    def give(command: Callable[..., Any]) -> Callable[..., Any]:
        own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.kind is not p.VAR_KEYWORD]
        flags = [_flag(name, field) for name, field in model.model_fields.items() if name not in skip]
        ordered = sorted([*own, *flags], key=lambda p: p.default is not inspect.Parameter.empty)
        command.__signature__ = inspect.Signature(ordered)  # pyright: ignore[reportFunctionMemberAccess]
        command.__annotations__ = {p.name: p.annotation for p in ordered}
        return command

    return give


def _flag(name: str, field: Any) -> inspect.Parameter:
    kind, default = field.annotation, field.default
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        kind = next(arg for arg in typing.get_args(kind) if arg is not type(None))
    origin, flag = typing.get_origin(kind), f"--{name.replace('_', '-')}"
    says = field.description or ""
    if origin is Literal:
        kind, says = str, f"{says}: {', '.join(typing.get_args(kind))}"
    elif origin is tuple:
        kind, default = str, ",".join(map(str, default))
        says += " (A,B,…; none: no one)" if name == "hidden" else " (A,B,…)"
    elif origin is dict:
        kind, default, flag = list[str], [], "--set"
    names = (flag,) if kind is not bool else (f"{flag}/--no-{flag[2:]}",)
    option = typer.Option(*names, help=says, show_default=default not in ("", None, []))
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])


def spec_values(model: type[BaseModel], given: dict[str, Any]) -> dict[str, Any]:
    """The values of the flags as the fields of `model` take them."""
    values = {}
    for name, value in given.items():
        origin = typing.get_origin(model.model_fields[name].annotation)
        if origin is tuple and isinstance(value, str):
            value = tuple(part.strip() for part in value.split(",") if part.strip() not in ("", "none"))
        elif origin is dict:
            value = assignments(value)
        values[name] = value
    return values


def assignments(given: list[str]) -> dict[str, str]:
    """`["beta=0.5", …]` as a dict."""
    pairs = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise Mistake("NAME=VALUE", repr(text), "for example beta=0.95")
        pairs[name.strip().replace("-", "_")] = value.strip()
    return pairs
