"""On which device a run trains, and in which type its recurrent products run."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from plotsketch.errors import UserError

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def choose_device(wish: str) -> torch.device:
    """``auto``: CUDA where there is one (each process of torchrun its own), else the CPU. Raises UserError."""
    if wish == "cpu" or (wish == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise UserError(f"--device {wish}: this machine has no CUDA device that torch can use; leave the option out")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())


def choose_products(wish: str, device: torch.device) -> str:
    """``auto``: bfloat16 where the hardware multiplies it faster than float32, else float32."""
    if wish != "auto":
        return wish
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    return "bfloat16" if _processor_has_bfloat16() else "float32"


def _processor_has_bfloat16() -> bool:
    """x86 with AVX512-BF16 or AMX, Arm with BF16: elsewhere torch emulates the type, slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text().split()
    except OSError:
        return False
    return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(flags)
