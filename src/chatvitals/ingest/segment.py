"""One file of the spool: framed records, each written whole and checked by CRC-32.

A segment is what one insert brings to the events store, and its name is that insert's de-duplication token.
"""

import os
import secrets
import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import msgspec

from chatvitals.ingest.outcomes import OutcomeCounts, OutcomeKey

SUFFIX = ".spool"
_MAGIC = b"CVSPOOL1"
_FRAME = struct.Struct("<III")  # length of the head, length of the block, CRC-32 of both


class RecordHead(msgspec.Struct, array_like=True, gc=False):
    """What a record holds besides its rows: the hours that they fall in (Unix milliseconds), (batch id, fingerprint)
    pairs, and outcomes to be counted.
    """

    rows: int
    hours: list[int]
    batches: list[tuple[bytes, int]]
    outcomes: list[tuple[OutcomeKey, int]]


class Record(msgspec.Struct, gc=False):
    """A record as read back; `block` is in Native format, empty where `head.rows` is 0."""

    head: RecordHead
    block: bytes

    def outcomes(self) -> OutcomeCounts:
        """The outcomes of the record's events."""
        return Counter(dict(self.head.outcomes))


_encode_head = msgspec.msgpack.Encoder().encode
_decode_head = msgspec.msgpack.Decoder(RecordHead).decode


class Segment:
    """A segment that is being written. Used by one thread."""

    def __init__(self, directory: Path, now_ms: int) -> None:
        """Make the file, and make its name durable. Raises OSError, and then there is no file."""
        self.path = directory / f"{now_ms:014d}-{secrets.token_hex(6)}{SUFFIX}"
        self._file = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.size = 0
        try:
            self._write(_MAGIC)
            self._sync_directory(directory)
        except OSError:
            self.close()
            self.path.unlink()
            raise

    def append(self, head: RecordHead, block: bytes) -> None:
        """Write a record and flush it to the disk. Raises OSError, and then the record isn't there."""
        raw_head = _encode_head(head)
        checksum = crc32(block, crc32(raw_head))
        self._write(_FRAME.pack(len(raw_head), len(block), checksum), raw_head, block)

    def _write(self, *pieces: bytes) -> None:
        total = sum(map(len, pieces))
        try:
            if os.writev(self._file, pieces) != total:
                raise OSError("the disk took only a part of a record")
            os.fdatasync(self._file)
        except OSError:
            os.ftruncate(self._file, self.size)
            raise
        self.size += total

    @staticmethod
    def _sync_directory(directory: Path) -> None:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def close(self) -> None:
        """Write no more."""
        os.close(self._file)


def token_of(path: Path) -> str:
    """The de-duplication token of a segment's rows."""
    return path.name.removesuffix(SUFFIX)


def begun_ms(path: Path) -> int:
    """When a segment got its first record, Unix milliseconds."""
    return int(path.name.partition("-")[0])


def read_segment(path: Path) -> Iterator[Record]:
    """The whole records of a segment, in order; a torn tail (never acknowledged) ends it. Raises OSError."""
    content = memoryview(path.read_bytes())
    if content[: len(_MAGIC)] != _MAGIC:
        return
    at = len(_MAGIC)
    while at + _FRAME.size <= len(content):
        head_size, block_size, checksum = _FRAME.unpack_from(content, at)
        body = content[at + _FRAME.size : at + _FRAME.size + head_size + block_size]
        if (
            not head_size
        ):  # zeros, which a lost machine may leave at a file's end, are no record though their sum is right
            return
        if len(body) != head_size + block_size or crc32(body) != checksum:
            return
        yield Record(_decode_head(body[:head_size]), bytes(body[head_size:]))
        at += _FRAME.size + len(body)
