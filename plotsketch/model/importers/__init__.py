"""Public sketch-rnn weights read into our checkpoint: sketch-rnn-js JSON and Magenta's TensorFlow checkpoints."""

from __future__ import annotations

from pathlib import Path

from plotsketch.errors import UserError
from plotsketch.model.checkpoint import Checkpoint

from . import magenta, sketch_rnn_js

__all__ = ["import_model"]


def import_model(
    path: Path | str, *, scale_factor: float | None = None, pixel_factor: float | None = None, name: str | None = None
) -> Checkpoint:
    """Reads foreign weights; the format is told by what the file is.

    ``scale_factor``: data units per model unit, when the file does not hold it (TensorFlow) or is to be overruled.
    ``pixel_factor``: what the scale factor of a sketch-rnn-js file is divided by to give that of its training data
    (2 for the public models). Save the result with ``half=False``: half precision would change what it draws.
    Raises UserError for anything that cannot be read whole.
    """
    path = Path(path)
    if scale_factor is not None and not 0 < scale_factor < float("inf"):
        raise UserError(f"the scale factor is {scale_factor}; it must be a number above 0")
    if prefix := magenta.find_prefix(path):
        if pixel_factor is not None:
            raise UserError(f"{path}: a TensorFlow checkpoint has no pixel factor; give the scale factor alone")
        return magenta.read(prefix, scale_factor, name)
    return sketch_rnn_js.read(path, scale_factor, pixel_factor, name)
