"""Presence against precipitation."""

from __future__ import annotations

from gradiens.data.bundled import from_file
from gradiens.data.files import Remote
from gradiens.data.table import Table


def precipitation_presence() -> Table:
    """Presence, likely at a middling precipitation and unlikely at a low or a high one: 38 rows, 1 number, target
    `presence`, 19 of each.

    The companion repository yoninazarathy/MathematicalEngineeringDeepLearning, MIT licence; put the file there.

    Book: 3.4.
    """
    remote = Remote(
        "book", "precipitation_presence.csv", "6b60bf89609a0265b813c59634a8fcd9c9f5df6accec2dedc5bef033c951094f"
    )
    return from_file("precipitation_presence", remote, "presence")
