"""The settings of a process: compile cache, allocator, and what machine this is.

JAX is imported inside the functions: the allocator has to be set before.
"""

from __future__ import annotations

import ctypes
import os
import platform
from pathlib import Path
from typing import Any


def cache_folder() -> Path:
    """Where downloads and compiled programs are kept: GRADIENS_CACHE, else the user's cache folder."""
    from platformdirs import user_cache_dir

    return Path(os.environ.get("GRADIENS_CACHE") or user_cache_dir("gradiens"))


def use_compile_cache() -> Path | None:
    """Keep compiled programs on disk for the next start; None, and no cache, when the folder cannot be written.

    A folder that JAX has been given already (`JAX_COMPILATION_CACHE_DIR`) stays.
    """
    import jax

    given = jax.config.jax_compilation_cache_dir  # pyright: ignore[reportAttributeAccessIssue] - made at import
    if given:
        return Path(given)
    folder = cache_folder() / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return folder


def keep_freed_memory() -> bool:
    """Ask glibc to keep freed buffers instead of unmapping them at every step: faster steps, more memory held.

    Acts on the whole process and only before JAX is imported; False where there is no glibc.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    trim_threshold, top_pad, mmap_max, arena_max = -1, -2, -4, -8
    libc = ctypes.CDLL(None)
    for option, value in ((arena_max, 1), (mmap_max, 0), (trim_threshold, 2**31 - 1), (top_pad, 256 * 2**20)):
        libc.mallopt(option, value)
    return True


def environment() -> dict[str, Any]:
    """Versions, device and machine, as a run records them."""
    import jax
    import jaxlib.version
    import numpy as np

    from gradiens import __version__

    device = jax.devices()[0]
    return {
        "gradiens": __version__,
        "jax": jax.__version__,
        "jaxlib": jaxlib.version.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "device": f"{device.platform}: {device.device_kind}" if device.platform != "cpu" else "cpu",
        "cores": os.cpu_count(),
        "precision": str(jax.dtypes.canonicalize_dtype(float)),
    }
