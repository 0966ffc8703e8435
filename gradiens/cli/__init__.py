"""Layer 6, the command line: `gradiens COMMAND`. Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """The entry point: run the command, and turn every error into one line and an exit code."""
    try:
        if os.environ.get("GRADIENS_ALLOCATOR", "keep") != "system":
            from gradiens.core.session import keep_freed_memory

            keep_freed_memory()  # before JAX is imported
        from gradiens.cli.app import run
    except KeyboardInterrupt:  # while the libraries are loaded
        print("gradiens: interrupted", file=sys.stderr)
        sys.exit(130)

    sys.exit(run(sys.argv[1:]))
