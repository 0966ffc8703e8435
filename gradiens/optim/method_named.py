"""A method from its name and its options: `method_named("lbfgs", {"memory": 20})`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradiens.core.catalogue import members
from gradiens.core.check import Mistake, known
from gradiens.core.module import knobs
from gradiens.optim.directional import Directional
from gradiens.optim.line_search.line import LineSearch
from gradiens.optim.minimiser import Minimiser, as_minimiser
from gradiens.optim.optax_bridge import optax_named


def method_named(method: Any, options: Mapping[str, Any] | None = None) -> Minimiser:
    """The method of that name (of kind minimiser or optimizer, or `optax.NAME`) with its knobs set; an instance as it is.

    `search`, for a method with a line search, is a search or its name; a search's knobs are options too (`c2=0.1`).
    Raises `Mistake` for an unknown name or option.
    """
    options = dict(options or {})
    if not isinstance(method, str):
        if options:
            raise Mistake("no options beside a method that is made already", ", ".join(options), "set its fields")
        return as_minimiser(method() if isinstance(method, type) else method)
    if method.startswith("optax."):
        return as_minimiser(optax_named(method.removeprefix("optax."), **options))
    kinds = {**members("optimizer"), **members("minimiser")}
    kind = kinds[known("method", method.replace("-", "_"), kinds)].what
    if issubclass(kind, Directional):
        options |= _search(kind, options)
    fields = [*knobs(kind), *(["search"] if issubclass(kind, Directional) else [])]
    for option in options:
        known(f"option of {method}", option, fields)
    return as_minimiser(kind(**options))


def _search(kind: type[Directional], options: dict[str, Any]) -> dict[str, Any]:
    """The search that the options ask for, its own knobs taken out of them; nothing where they ask for none."""
    given = options.pop("search", None)
    if isinstance(given, LineSearch):
        return {"search": given}
    searches = {name: entry.what for name, entry in members("line search").items()}
    default = kind.__dataclass_fields__["search"].default
    made = searches[known("line search", given.replace("-", "_"), searches)] if given else type(default)
    own = [name for name in options if name in knobs(made) and name not in knobs(kind)]
    if not given and not own:
        return {}
    base = {name: getattr(default, name) for name in knobs(made)} if made is type(default) else {}
    return {"search": made(**{**base, **{name: options.pop(name) for name in own}})}
