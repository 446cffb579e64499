"""Inner loops in machine code: numba compiles a function when it is first called and keeps the result on disk.

Importing numba takes a few tenths of a second: whoever needs such a loop imports the loop's module inside a function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """The function in machine code, kept beside its file or, where that cannot be written, in the user's cache."""
    try:
        return cast(F, numba.njit(cache=True, error_model="numpy", nogil=True)(function))
    except RuntimeError:  # no folder at all that could hold it: it is compiled anew in every process
        return cast(F, numba.njit(error_model="numpy", nogil=True)(function))
