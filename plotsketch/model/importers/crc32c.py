"""CRC-32C (Castagnoli; RFC 3720, appendix B.4) of long byte strings in numpy.

A CRC is linear over GF(2), so a string can be cut into lanes that are run side by side, byte by byte, and the lanes
joined: the CRC of A then B is that of A carried on over len(B) zero bytes, xor that of B alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

POLYNOMIAL = 0x82F63B78  # bits reversed
MASK_DELTA = 0xA282EAD8
ALL = 0xFFFFFFFF


def crc32c(data: bytes) -> int:
    lane = max(1, int(len(data) ** 0.5))  # bytes a lane: as many steps as lanes
    body = len(data) - len(data) % lane
    columns = np.frombuffer(data, np.uint8, body).reshape(-1, lane).T if body else np.zeros((0, 0), np.uint8)
    lanes = np.zeros(columns.shape[1], np.uint32)
    for column in columns:
        lanes = _TABLE[(lanes ^ column) & 0xFF] ^ (lanes >> np.uint32(8))
    crc = ALL
    carry = _carry_over(lane) if len(lanes) else []
    for own in lanes.tolist():
        crc = carry[0][crc & 0xFF] ^ carry[1][crc >> 8 & 0xFF] ^ carry[2][crc >> 16 & 0xFF] ^ carry[3][crc >> 24] ^ own
    for byte in data[body:]:
        crc = int(_TABLE[(crc ^ byte) & 0xFF]) ^ crc >> 8
    return crc ^ ALL


def unmask(stored: int) -> int:
    """LevelDB and TensorFlow store CRCs rotated and shifted, so that a CRC over CRCs stays sound."""
    rotated = (stored - MASK_DELTA) & ALL
    return (rotated >> 17 | rotated << 15) & ALL


def _byte_table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, table >> np.uint32(1) ^ np.uint32(POLYNOMIAL), table >> np.uint32(1))
    return table


def _carry_over(count: int) -> list[list[int]]:
    """For each of a CRC's four bytes and each value of it, what becomes of it after ``count`` zero bytes."""
    values = np.arange(256, dtype=np.uint32)
    states = np.stack([values << np.uint32(shift) for shift in (0, 8, 16, 24)])
    for _ in range(count):
        states = _TABLE[states & 0xFF] ^ (states >> np.uint32(8))
    return [[int(value) for value in row] for row in states]


_TABLE = _byte_table()
