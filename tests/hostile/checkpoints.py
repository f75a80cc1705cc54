"""V1 checkpoints, taken apart and put together as they should be, or as they shouldn't.

A table like LevelDB's: blocks of entries, an index of the blocks, a footer.
"""

import functools
import struct
from collections.abc import Iterable

from tensorflow.core.util import saved_tensor_slice_pb2

Entry = tuple[bytes, bytes]

_MAGIC = 0xDB4775248B80FB57
_FOOTER = 48


def entries(table: bytes) -> list[Entry]:
    """Returns the keys and values; the first value describes the tensors."""
    footer, at = table[-_FOOTER:], 0
    handles = []
    for _ in range(4):
        number, at = _varint(footer, at)
        handles.append(number)
    return [entry for _, handle in _block_entries(_block(table, *handles[2:]))
            for entry in _block_entries(_block(table, *_pair(handle)))]


def table(content: Iterable[Entry], compression: int = 0, overlap: bool = False) -> bytes:
    """Returns a table with a block for each entry.

    Args:
        content: the entries.
        compression: what the blocks say of it.
        overlap: whether the index takes the first block for all of them.
    """
    out, index = bytearray(), []
    for key, value in content:
        handle = _write_block(out, _packed([(key, value)]), compression)
        index.append((key, index[0][1] if overlap and index else handle))
    second_index = _write_block(out, _packed([]))
    first_index = _write_block(out, _packed(index))
    footer = second_index + first_index
    return bytes(out + footer.ljust(_FOOTER - 8, b"\0") + struct.pack("<Q", _MAGIC))


def values(entry: Entry) -> saved_tensor_slice_pb2.SavedTensorSlices:
    """Returns what an entry holds of a tensor."""
    return saved_tensor_slice_pb2.SavedTensorSlices.FromString(entry[1])


def description(content: list[Entry]) -> saved_tensor_slice_pb2.SavedTensorSlices:
    """Returns what the first entry says of the tensors."""
    return saved_tensor_slice_pb2.SavedTensorSlices.FromString(content[0][1])


def described(content: list[Entry], slices: saved_tensor_slice_pb2.SavedTensorSlices
              ) -> list[Entry]:
    """Returns the entries with another description."""
    return [(content[0][0], slices.SerializeToString()), *content[1:]]


def _block(data: bytes, offset: int, size: int) -> bytes:
    return data[offset:offset + size]


def _block_entries(block: bytes) -> list[Entry]:
    num_restarts, = struct.unpack("<I", block[-4:])
    end, at, key, found = len(block) - 4 - 4 * num_restarts, 0, b"", []
    while at < end:
        shared, at = _varint(block, at)
        added, at = _varint(block, at)
        size, at = _varint(block, at)
        key = key[:shared] + block[at:at + added]
        at += added
        found.append((key, block[at:at + size]))
        at += size
    return found


def _packed(content: list[Entry]) -> bytes:
    """Returns a block in which no key shares anything with the one before."""
    block, restarts = bytearray(), []
    for key, value in content:
        restarts.append(len(block))
        block += b"\0" + _as_varint(len(key)) + _as_varint(len(value)) + key + value
    restarts = restarts or [0]
    return bytes(block) + struct.pack(f"<{len(restarts) + 1}I", *restarts, len(restarts))


def _write_block(out: bytearray, block: bytes, compression: int = 0) -> bytes:
    """Appends a block and its trailer; returns its handle."""
    handle = _as_varint(len(out)) + _as_varint(len(block))
    data = block + bytes([compression])
    out += data + struct.pack("<I", _masked(_crc32c(data)))
    return handle


def _pair(handle: bytes) -> tuple[int, int]:
    offset, at = _varint(handle, 0)
    return offset, _varint(handle, at)[0]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at


def _as_varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


@functools.cache
def _crc_table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


def _crc32c(data: bytes) -> int:
    crc, table = 0xFFFFFFFF, _crc_table()
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def _masked(crc: int) -> int:
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
