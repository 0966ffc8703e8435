"""Getting Terminology in Order.

Artificial intelligence is what we call it, machine learning is that it comes from data, deep learning is that it comes from
layers of parameters. What is learned from decides the paradigm: labels, the data themselves, rewards. Here each system of
the library is typed by what its own code declares, called once, and compared with the declaration; the vocabulary is held to
the systems that it describes.
"""

from __future__ import annotations

from textwrap import indent
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Bool, Int

from gradiens.book.ch01_introduction.systems import PARADIGMS, System, after_fit, systems
from gradiens.calculus.tape_text import columns
from gradiens.core.module import Module, knob, named_leaves
from gradiens.report.figure import Figure, Series

Numbers = Array | np.ndarray
GLOSSARY = {
    "artificial intelligence": "machines doing what seems to need intelligence; every system here",
    "machine learning": "the part of it whose behaviour is found from data",
    "deep learning": "the part of that with several layers of parameters, one after the other",
    "statistical learning": "models of how data arise, fitted and judged by their likelihood or risk",
    "data science": "the whole way from data to decisions; here: what can be fitted to a table",
    "supervised learning": "from examples with labels",
    "unsupervised learning": "from examples without labels",
    "self-supervised learning": "from examples that are their own labels",
    "reinforcement learning": "from the rewards of one's own actions",
    "feature": "a number of the input",
    "label": "what is to be predicted, known in training",
    "parameter": "a number that training sets",
    "hyper-parameter": "a choice made before training",
    "training": "finding the parameters from data: fitting",
    "inference": "using the model on new inputs: predicting",
}


class Config(Module):
    """How the systems are fitted."""

    steps: int = knob(3, 1, 100, says="steps of gradient descent of a call to fit")


class Record(NamedTuple):
    """Of each system: whether its declaration agrees with a call, what it uses, and whether fitting changed it."""

    agrees: Bool[Numbers, " S"]
    parameters: Int[Numbers, " S"]
    paradigm: Int[Numbers, " S"]
    terms: Bool[Numbers, "S T"]
    undefined: Int[Numbers, ""]  # terms used that the glossary lacks
    module: Bool[Numbers, " S"]  # whether it can be fitted by gradient descent as it stands
    changed: Bool[Numbers, " S"]  # by that fit


def run(config: Config, key: Array) -> Record:
    """Type every system, call it, fit it."""
    found = systems()
    used = [terms(system) for system in found]
    return Record(
        agrees=np.array([system.agrees for system in found]),
        parameters=np.array([system.parameters for system in found]),
        paradigm=np.array([PARADIGMS.index(system.paradigm) for system in found]),
        terms=np.array([[term in words for term in GLOSSARY] for words in used]),
        undefined=np.array(len(set().union(*used) - set(GLOSSARY))),
        module=np.array([system.model is not None for system in found]),
        changed=np.array([_changed(system, config.steps) for system in found]),
    )


def terms(system: System) -> set[str]:
    """The words that describe a system, from what it is."""
    words = {"artificial intelligence", "feature", "inference"}
    if system.parameters:
        words |= {"machine learning", "parameter", "training"}
    if system.layers > 1:
        words |= {"deep learning"}
    if system.options:
        words |= {"hyper-parameter"}
    if system.model is None and system.paradigm != "reinforcement":
        words |= {"statistical learning", "data science"}
    if system.paradigm == "supervised":
        words |= {"label"}
    return words | ({f"{system.paradigm} learning"} if system.paradigm != "building block" else set())


def _changed(system: System, steps: int) -> bool:
    """Whether a fit changes any array of the module, or what it says."""
    if system.model is None:
        return True
    with jax.enable_x64(True):
        after = after_fit(system.model, system.input, steps)
    before, now = named_leaves(system.model), named_leaves(after)
    same = before.keys() == now.keys() and all(np.array_equal(before[name], now[name]) for name in before)
    return not (same and np.array_equal(system.model(system.input), after(system.input)))


def values(config: Config, record: Record) -> dict[str, float]:
    """How many systems there are, by paradigm, and how many learn."""
    counts = {f"{name}: systems": float(np.sum(record.paradigm == i)) for i, name in enumerate(PARADIGMS)}
    still = float(np.sum(record.parameters == 0))
    return {"systems": float(len(record.agrees)), **counts, "without trained parameters": still,
            "terms": float(len(GLOSSARY))}  # fmt: skip


def text(config: Config, record: Record) -> str:
    """The systems as a tree by paradigm, with their types, and the glossary."""
    head = ["system", "task", "from", "to", "numbers", "section", "loss"]
    parts = []
    for name in PARADIGMS:
        rows = [head]
        for s in systems():
            if s.paradigm == name:
                spaces = [f"({space.replace(' ', ', ')})" for space in s.spaces]
                loss = s.loss if len(s.loss) < 72 else s.loss[:70] + " …"
                rows.append([s.name, s.task, *spaces, str(s.parameters or "none"), ", ".join(s.sections), loss])
        parts.append(f"{name.capitalize()}.\n\n{indent(columns(rows), '    ')}")
    words = indent(columns([[term, means] for term, means in GLOSSARY.items()]), "    ")
    end = "Numbers are those trained in a small example. Letters name sizes; * stands for any number of axes."
    return "\n\n".join([*parts, "Glossary.", words, end])


def show(config: Config, record: Record) -> tuple[Figure, ...]:
    """Systems by paradigm, and the terms that describe them."""
    kinds = record.parameters > 0
    bars = [
        Series(
            "bars", list(PARADIGMS), [np.sum((record.paradigm == i) & which) for i in range(len(PARADIGMS))], label=name
        )
        for name, which in (("with trained parameters", kinds), ("without", ~kinds))
    ]
    used = np.sum(record.terms, axis=0)
    words = Series("bars", list(GLOSSARY), used, label="systems", text=[str(n) for n in used])
    return (
        Figure("Systems by learning paradigm", bars, "", "systems"),
        Figure("How many systems each word describes", [words], "", "systems"),
    )


def claim_declared_shapes_are_those_of_a_call(config: Config, record: Record) -> bool:
    """Claim 1: for every entry the declared input and output shapes agree with an actual forward call."""
    return bool(len(record.agrees) > 30 and np.all(record.agrees))


def claim_terms_are_used_and_defined(config: Config, record: Record) -> bool:
    """Claim 2: every glossary term is used by at least one entry, and every term used is defined."""
    return bool(np.all(np.any(record.terms, axis=0)) and record.undefined == 0)


def claim_nothing_to_train_nothing_changes(config: Config, record: Record) -> bool:
    """Claim 3: entries without trainable parameters are unchanged by a call to fit; the modules with some are changed."""
    modules = np.asarray(record.module)
    learns = record.parameters > 0
    return bool(not np.any(record.changed[modules & ~learns]) and np.all(record.changed[modules & learns]))
