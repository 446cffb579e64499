"""TensorFlow's V2 checkpoint ("tensor bundle") read without TensorFlow.

``PREFIX.index`` is a LevelDB table (leveldb's doc/table_format.md): blocks of entries whose keys share prefixes, an
index block, and a footer of 48 bytes. Keys are tensor names; values are BundleEntryProto messages (TensorFlow's
core/protobuf/tensor_bundle.proto) that say where in ``PREFIX.data-0000k-of-0000n`` the tensor's bytes lie. The empty
key holds the BundleHeaderProto.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plotsketch.errors import UserError

from .crc32c import crc32c, unmask

FOOTER = 48
MAGIC = 0xDB4775248B80FB57
LARGEST_INDEX = 1 << 26
DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 19: "<f2"}  # DataType of types.proto


class BundleError(ValueError):
    """The bytes are not what the format says."""


@dataclass(frozen=True)
class Entry:
    """Where one tensor lies: ``size`` bytes at ``offset`` of data file ``shard``."""

    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    checksum: int
    sliced: bool


class Bundle:
    """The tensors under one prefix; the index is read at once, tensors when asked for."""

    def __init__(self, prefix: Path) -> None:
        """Raises UserError when the index is missing or damaged."""
        self.prefix = prefix
        path = prefix.with_name(prefix.name + ".index")
        try:
            with path.open("rb") as stream:
                data = stream.read(LARGEST_INDEX + 1)
            table = dict(read_table(data))
            self.shards = _shards(table.pop(b"", b""))
            self.entries = {key.decode(): _entry(value) for key, value in table.items()}
        except OSError as error:
            raise UserError(f"cannot read {path}: {error.strerror or error}") from error
        except ValueError as error:  # BundleError, and a name that is not UTF-8
            raise UserError(f"{path} is not a TensorFlow checkpoint's index, or a damaged one: {error}") from error

    def read(self, name: str) -> NDArray[np.generic]:
        """The tensor of that name. Raises KeyError when there is none, UserError when its bytes are damaged."""
        entry = self.entries[name]
        path = self.prefix.with_name(f"{self.prefix.name}.data-{entry.shard:05d}-of-{self.shards:05d}")
        try:
            return _tensor(entry, self.shards, path)
        except OSError as error:
            raise UserError(f"cannot read {path}: {error.strerror or error}") from error
        except ValueError as error:
            raise UserError(f"tensor '{name}' in {path} cannot be read: {error}") from error


def read_table(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a LevelDB table. Raises BundleError."""
    if len(data) < FOOTER or len(data) > LARGEST_INDEX:
        raise BundleError(f"a size of {len(data):,} bytes")
    (magic,) = struct.unpack("<Q", data[-8:])
    if magic != MAGIC:
        raise BundleError("its last 8 bytes are not LevelDB's mark")
    place = len(data) - FOOTER
    for _ in range(2):  # the handle of the metaindex block, which we do not need, then that of the index block
        offset, place = _varint(data, place)
        size, place = _varint(data, place)
    for _, handle in _block_entries(_block(data, offset, size)):
        offset, after = _varint(handle, 0)
        size, _ = _varint(handle, after)
        yield from _block_entries(_block(data, offset, size))


def _block(data: bytes, offset: int, size: int) -> bytes:
    """A block's content. One byte of compression and four of checksum follow it in the file."""
    end = offset + size
    if end + 5 > len(data) - FOOTER:
        raise BundleError("a block lies outside the file")
    if data[end] != 0:
        raise BundleError("its blocks are compressed, which TensorFlow does not do")
    (stored,) = struct.unpack_from("<I", data, end + 1)
    if unmask(stored) != crc32c(data[offset : end + 1]):
        raise BundleError("a block's checksum is wrong")
    return data[offset:end]


def _block_entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each entry: length shared with the last key, length of the rest, length of the value, rest of key, value. At
    the end of the block stand restart offsets and, as uint32, how many."""
    if len(block) < 4:
        raise BundleError("a block is cut short")
    (restarts,) = struct.unpack_from("<I", block, len(block) - 4)
    end = len(block) - 4 - 4 * restarts
    key, place = b"", 0
    while place < end:
        shared, place = _varint(block, place)
        fresh, place = _varint(block, place)
        length, place = _varint(block, place)
        if shared > len(key) or place + fresh + length > end:
            raise BundleError("an entry lies outside its block")
        key = key[:shared] + block[place : place + fresh]
        place += fresh
        yield key, block[place : place + length]
        place += length


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A number of 7 bits a byte, low bits first, at most 64 bits; and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            raise BundleError("a number is cut short")
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise BundleError("a number is too long")


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers and contents of a protobuf message's fields."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        kind = tag & 7
        value: int | bytes
        if kind == 0:
            value, place = _varint(message, place)
        elif kind in (1, 2, 5):
            length, place = _varint(message, place) if kind == 2 else ({1: 8, 5: 4}[kind], place)
            if place + length > len(message):
                raise BundleError("a message is cut short")
            value = message[place : place + length]
            place += length
        else:
            raise BundleError(f"a field of unknown kind {kind}")
        yield tag >> 3, value


def _shards(message: bytes) -> int:
    """Number of data files, from the BundleHeaderProto."""
    fields = dict(_fields(message))
    if fields.get(2, 0) != 0:
        raise BundleError("it is big-endian")
    shards = fields.get(1)
    if not isinstance(shards, int) or not 0 < shards < 100_000:
        raise BundleError("its header is missing")
    return shards


def _entry(message: bytes) -> Entry:
    fields = dict(_fields(message))
    shape = fields.get(2, b"")
    dtype, shard, offset, size = (fields.get(number, 0) for number in (1, 3, 4, 5))
    checksum = fields.get(6, b"\0\0\0\0")
    if not (isinstance(dtype, int) and isinstance(shard, int) and isinstance(offset, int) and isinstance(size, int)):
        raise BundleError("an entry's field is of the wrong kind")
    if not isinstance(shape, bytes) or not isinstance(checksum, bytes) or len(checksum) != 4:
        raise BundleError("an entry's field is of the wrong kind")
    return Entry(dtype, _shape(shape), shard, offset, size, int.from_bytes(checksum, "little"), 7 in fields)


def _shape(message: bytes) -> tuple[int, ...]:
    """Sizes in a TensorShapeProto."""
    sizes = []
    for number, dimension in _fields(message):
        if number == 2 and isinstance(dimension, bytes):
            size = dict(_fields(dimension)).get(1, 0)
            sizes.append(size if isinstance(size, int) else -1)
    return tuple(sizes)


def _tensor(entry: Entry, shards: int, path: Path) -> NDArray[np.generic]:
    if entry.sliced or entry.dtype not in DTYPES or entry.shard >= shards:
        raise BundleError("it is cut in slices, of an unknown type or in an unknown file")
    dtype = np.dtype(DTYPES[entry.dtype])
    if entry.size != math.prod(entry.shape) * dtype.itemsize:
        raise BundleError(f"its {entry.size:,} bytes do not fit its shape {entry.shape}")
    with path.open("rb") as stream:
        if entry.offset + entry.size > stream.seek(0, 2):
            raise BundleError("the data file is cut short")
        stream.seek(entry.offset)
        data = stream.read(entry.size)
    if crc32c(data) != unmask(entry.checksum):
        raise BundleError("its checksum is wrong")
    return np.frombuffer(data, dtype).reshape(entry.shape)
