"""Flat arrays in one .npz file, read as if a stranger had made it: nothing in it is ever run or expanded.

The members are one-dimensional .npy arrays stored without compression, so `numpy.load` reads them too; one
more, `sha256`, is a digest of the names, types and bytes of all others.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
from collections.abc import Mapping
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[np.generic]]

LARGEST = (1 << 31) - 1
MOST_MEMBERS = 64
LARGEST_DIRECTORY = 1 << 16

DIGEST = "sha256"
_MEMBER = re.compile(r"([a-z][a-z0-9_]*)\.npy")
_TYPES = {"<f8": np.float64, "<f4": np.float32, "<i8": np.int64, "|u1": np.uint8}
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(?P<length>..)"
    rb"\{'descr': '(?P<type><f8|<f4|<i8|\|u1)', 'fortran_order': False, 'shape': \((?P<count>\d{1,10}),\), \}"
    rb" *\n",
    re.DOTALL,
)
_LONGEST_HEADER = 256

# The end-of-central-directory record of a zip archive (PKWARE's APPNOTE.TXT, 4.3.16).
_END = struct.Struct("<4s4H2LH")

# What `zipfile` raises for archives that are none.
_NO_ARCHIVE = (
    zipfile.BadZipFile,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
)


class InvalidModel(Exception):
    """What is wrong with a file: the rest of a sentence that begins with its name."""


def digest(arrays: Arrays) -> str:
    """The SHA-256 of the arrays' names, types, lengths and little-endian bytes, in hexadecimal."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        values = _little_endian(arrays[name])
        total.update(f"{name} {values.dtype.str} {len(values)}\n".encode())
        total.update(values.data)
    return total.hexdigest()


def write_arrays(file: BinaryIO, arrays: Arrays) -> None:
    """Write one-dimensional arrays and their digest; equal arrays give equal bytes.

    Numbers are float64, float32, int64 or uint8. Raises Unfit when they are more than can be read again.
    """
    if sum(values.nbytes for values in arrays.values()) > LARGEST - LARGEST_DIRECTORY:
        raise InvalidModel("would be larger than 2 GB")
    own = np.frombuffer(bytes.fromhex(digest(arrays)), np.uint8)
    with zipfile.ZipFile(file, "w") as archive:
        for name, values in {**arrays, DIGEST: own}.items():
            entry = zipfile.ZipInfo(f"{name}.npy")  # dated 1980, so that the clock changes no byte
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            with archive.open(entry, "w") as member:
                np.lib.format.write_array(member, _little_endian(values), (1, 0), allow_pickle=False)


def read_arrays(file: BinaryIO) -> dict[str, NDArray[np.generic]]:
    """The arrays of a file, read-only, once their digest is found right.

    The directory is judged before any member is read, and each member's header before its numbers. Raises
    Unfit for whatever `write_arrays` did not write, OSError when the disk fails.
    """
    size = file.seek(0, 2)
    _look_at_the_end(file, size)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = _directory(archive, size)
            raw = {name: archive.read(entry) for name, entry in entries.items()}
    except _NO_ARCHIVE:
        raise InvalidModel("is damaged: a checksum or an entry of its directory is wrong") from None
    arrays = {name: _array(name, content) for name, content in raw.items()}
    own = arrays.pop(DIGEST, None)
    if own is None:
        raise InvalidModel("is an .npz file, but none that Epochal wrote")
    if own.tobytes().hex() != digest(arrays):
        raise InvalidModel("is damaged: its content does not fit its checksum")
    return arrays


def _look_at_the_end(file: BinaryIO, size: int) -> None:
    """Judge an archive by its last record, before `zipfile` believes what that claims."""
    file.seek(0)
    start = file.read(64)
    if start[:2] != b"PK":
        raise InvalidModel(_other_kind(start, size))
    if size > LARGEST:
        raise InvalidModel("is larger than 2 GB")
    file.seek(max(size - _END.size, 0))
    tail = file.read(_END.size)
    if len(tail) < _END.size or not tail.startswith(b"PK\5\6"):
        raise InvalidModel("is cut off or damaged: the directory at its end is missing")
    _, disk, first_disk, here, members, length, offset, comment = _END.unpack(tail)
    if disk or first_disk or comment or here != members or offset + length + _END.size != size:
        raise InvalidModel("is damaged: the directory at its end is wrong")
    if members > MOST_MEMBERS or length > LARGEST_DIRECTORY:
        raise InvalidModel(f"is an archive of {members:,} entries, none that Epochal wrote")


def _other_kind(start: bytes, size: int) -> str:
    if not size:
        return "is empty"
    if start.startswith(b"\x80"):
        return "is a Python pickle, which could run any program when opened, so it was not"
    if start.startswith(b"\x93NUMPY"):
        return "is a single NumPy array"
    if all(byte >= 32 or byte in b"\t\r\n" for byte in start):
        return "is text, such as a table"
    return "is a file of another kind"


def _directory(archive: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        found = _MEMBER.fullmatch(entry.filename)
        if not found or found[1] in entries:
            raise InvalidModel(
                f"is an archive with an entry {entry.filename[:40]!r}, none that Epochal wrote"
            )
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
            raise InvalidModel("is compressed or encrypted, as Epochal's never are, so it was not expanded")
        entries[found[1]] = entry
    if any(one.file_size != one.compress_size for one in entries.values()) or size < sum(
        one.file_size for one in entries.values()
    ):
        raise InvalidModel("claims to hold more than its own size, so it was not read")
    return entries


def _array(name: str, content: bytes) -> NDArray[np.generic]:
    found = _HEADER.match(content[:_LONGEST_HEADER])
    if not found:
        if re.search(rb"'descr': '[|<>=]?O", content[:_LONGEST_HEADER]):
            raise InvalidModel(
                f"holds Python objects as {name}, which could run any program, so they were not read"
            )
        raise InvalidModel(f"holds {name} in a form that Epochal does not write")
    if int.from_bytes(found["length"], "little") != found.end() - 10:
        raise InvalidModel(f"is damaged: the header of {name} is not as long as it says")
    kind = np.dtype(found["type"].decode())
    count, held = int(found["count"]), len(content) - found.end()
    if count * kind.itemsize != held:
        raise InvalidModel(f"claims {count:,} numbers as {name}, but holds {held // kind.itemsize:,}")
    values = np.frombuffer(content, kind, offset=found.end()).astype(_TYPES[kind.str])
    values.flags.writeable = False
    return values


def _little_endian(values: NDArray[np.generic]) -> NDArray[np.generic]:
    flat = np.ascontiguousarray(values)
    kind = flat.dtype.newbyteorder("<")
    if flat.ndim != 1 or kind.str not in _TYPES:
        raise ValueError(f"Arrays to write are one-dimensional numbers, not {flat.ndim} x {flat.dtype}.")
    return flat.astype(kind, copy=False)
