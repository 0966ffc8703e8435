"""A test set under seal: it can be read once.

Whoever looks at test examples twice chooses by them, and what they say then is no estimate any more. Settings are chosen on
validation examples; the seal is broken when nothing is left to choose.

Book: 6.9.
"""

from __future__ import annotations

from typing import Any

from gradiens.core.check import Mistake


class Sealed:
    """Data that is given out once: `open()` returns it, a second time it is a `Mistake`; `reads` tells how often it was.

    Book: 6.9.
    """

    def __init__(self, data: Any):
        self._data, self.reads = data, 0

    def open(self) -> Any:
        """The data, once."""
        if self.reads:
            raise Mistake(
                "a test set that nobody has read", "one that was read before", "choose on validation examples"
            )
        self.reads += 1
        return self._data
