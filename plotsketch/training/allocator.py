"""glibc's allocator, told to keep what it has.

Training frees and asks for the same few large arrays at every step. By default glibc returns each of them to the
kernel and has it zeroed anew: 58 % of the time of a plain nn.LSTM step on two cores. Elsewhere this does nothing.
"""

from __future__ import annotations

import ctypes
import ctypes.util

# malloc.h
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4


def keep_freed_memory() -> bool:
    """Returns whether the allocator took the settings (glibc only)."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return False
    never = 2**31 - 1
    return all([mallopt(M_MMAP_MAX, 0), mallopt(M_TRIM_THRESHOLD, never), mallopt(M_TOP_PAD, 64 << 20)])
