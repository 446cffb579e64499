"""Reading a pickled object array of numeric arrays without running anything that the file asks for.

A pickle may name any function and have it called. Here the few names that numpy's own array pickles use lead
to inert stand-ins that only keep what they are given; every other name is refused. numpy arrays are then made
from the kept bytes by us. Not even numpy's own ``dtype.__setstate__`` gets to see the file's data.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

MEMO_WRITERS = ("PUT", "BINPUT", "LONG_BINPUT")
NUMERIC = re.compile(r"[iu][1248]|f[248]")


class ForeignPickle(Exception):
    """The pickle is damaged, or holds something that is no array of numeric arrays."""


def load_array_of_arrays(data: bytes) -> list[NDArray[Any]]:
    """The numeric arrays in the pickled object array ``data``, flat.

    Python 2's, 3's and every numpy's pickles are read. Raises ForeignPickle for everything else.
    """
    try:
        _check_sizes(data)
        outer = _Unpickler(io.BytesIO(data), encoding="latin1").load()
        elements = outer.elements()
        return [element.array() for element in elements]
    except ForeignPickle:
        raise
    except Exception as error:  # a crafted stream can make the unpickler and the stand-ins raise just about anything
        raise ForeignPickle("the pickled array is damaged or cut short") from error


def _check_sizes(data: bytes) -> None:
    """Raises ForeignPickle or ValueError for a stream that would make the unpickler ask for memory beyond all measure.

    A memo's place may be any number of 32 bits and is taken from a table that grows to it: a few bytes for 64 GB.
    Lengths of texts and bytes are compared with what there is by ``genops`` itself.
    """
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name in MEMO_WRITERS and int(argument or 0) > len(data):
            raise ForeignPickle("the pickled array is damaged: it remembers more than it holds")


class _Dtype:
    """What a pickle says of a dtype: ``numpy.dtype('i2', False, True)``, then a state with the byte order."""

    def __init__(self, name: Any, *_flags: Any) -> None:
        self.name = name
        self.order = "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = state[1]

    def numeric(self) -> np.dtype[Any]:
        name = self.name.decode("latin1") if isinstance(self.name, bytes) else self.name
        if not isinstance(name, str) or not NUMERIC.fullmatch(name) or self.order not in ("<", ">", "=", "|"):
            raise ForeignPickle(f"an array of {name!r} where numbers should be")
        return np.dtype(self.order + name)


class _Array:
    """What a pickle says of an array: its state (version, shape, dtype, is Fortran order, bytes or list)."""

    def __init__(self, *_arguments: Any) -> None:
        self.state: tuple[Any, ...] = ()

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.state = state

    def elements(self) -> list[_Array]:
        """What an object array holds; ForeignPickle when that is not arrays alone."""
        values = self.state[4]
        if not isinstance(values, list):
            raise ForeignPickle("not an array of arrays")
        for value in values:
            if not isinstance(value, _Array):
                raise ForeignPickle(f"a {type(value).__name__} where an array of points should be")
        return values

    def array(self) -> NDArray[Any]:
        _version, shape, dtype, fortran, data = self.state
        raw = data.encode("latin1") if isinstance(data, str) else data  # Python 2 pickled bytes as str
        values = np.frombuffer(raw, dtype=dtype.numeric())
        if values.size != math.prod(shape):
            raise ForeignPickle("an array with more or fewer numbers than its shape says")
        return values.reshape(shape, order="F" if fortran else "C")


def _reconstruct(*_arguments: Any) -> _Array:
    return _Array()


def _from_buffer(data: Any, dtype: Any, shape: Any, order: Any) -> _Array:
    """Stands in for numpy's way to make an array in protocol 5 pickles."""
    array = _Array()
    array.state = (1, shape, dtype, order == "F", data)
    return array


def _encode(text: str, codec: str) -> bytes:
    """Stands in for ``_codecs.encode``, with which protocol 2 pickles of Python 3 write bytes."""
    if codec != "latin1":
        raise ForeignPickle(f"bytes in {codec!r}")
    return text.encode("latin1")


STAND_INS: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _encode,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _reconstruct for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _from_buffer for core in ("core", "_core")},
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return STAND_INS[module, name]
        except KeyError:
            raise ForeignPickle(f"it asks for {module}.{name}, which has no place in a file of drawings") from None

    def persistent_load(self, pid: Any) -> Any:
        raise ForeignPickle("it points to something outside the file")
