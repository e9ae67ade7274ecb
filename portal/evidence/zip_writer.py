"""ZIP writer for evidence packs: streams files in the exact form that the verifier accepts."""

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from portal.audit.verifier.verify import DEFLATED, LARGEST, STORED, Member, directory


class TooLarge(RuntimeError):
    """A ZIP file of this form is limited to 4 GB."""

    def __init__(self) -> None:
        super().__init__("The pack would be larger than 4 GB. Choose fewer tenants, or a shorter period.")


class Entry:
    """A file that is being written."""

    def __init__(self, out: BinaryIO, method: int) -> None:
        self._out = out
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS) if method == DEFLATED else None
        self._digest = hashlib.sha256()
        self.crc = self.size = self.packed = 0

    def write(self, data: bytes) -> None:
        """Append data; raises TooLarge."""
        self.crc = zlib.crc32(data, self.crc)
        self.size += len(data)
        self._digest.update(data)
        self._put(self._deflate.compress(data) if self._deflate else data)

    def close(self) -> None:
        """Flush the compressor; raises TooLarge."""
        if self._deflate:
            self._put(self._deflate.flush())

    def _put(self, packed: bytes) -> None:
        self.packed += len(packed)
        if self.size > LARGEST or self.packed > LARGEST:
            raise TooLarge
        self._out.write(packed)

    @property
    def sha256(self) -> str:
        """Return the hash of the content."""
        return self._digest.hexdigest()


class ZipWriter:
    """Writes the files one after another into a new file, which must be readable and seekable."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.members: list[Member] = []
        self.hashes: dict[str, tuple[str, int]] = {}

    @contextmanager
    def entry(self, name: str, method: int = DEFLATED) -> Iterator[Entry]:
        """Write the next file; its header is rewritten once its size is known."""
        offset = self._out.tell()
        self._out.write(Member(name, method, 0, 0, 0, offset).local_header())
        entry = Entry(self._out, method)
        yield entry
        entry.close()
        member = Member(name, method, entry.crc, entry.packed, entry.size, offset)
        if member.end > LARGEST:
            raise TooLarge
        self._out.seek(offset)
        self._out.write(member.local_header())
        self._out.seek(member.end)
        self.members.append(member)
        self.hashes[name] = (entry.sha256, entry.size)

    def add(self, name: str, content: bytes, method: int = DEFLATED) -> None:
        """Write a small file."""
        with self.entry(name, method) as entry:
            entry.write(content)

    def copy(self, name: str, source: BinaryIO) -> None:
        """Write a file from its start."""
        source.seek(0)
        with self.entry(name) as entry:
            while chunk := source.read(1 << 16):
                entry.write(chunk)

    def hash_so_far(self) -> tuple[str, int]:
        """Return the hash and the length of everything written so far."""
        length = self._out.tell()
        self._out.seek(0)
        digest = hashlib.sha256()
        while chunk := self._out.read(1 << 20):
            digest.update(chunk)
        self._out.seek(length)
        return digest.hexdigest(), length

    def close(self) -> None:
        """Write the central directory."""
        self._out.write(directory(self.members))


__all__ = ["DEFLATED", "STORED", "Entry", "TooLarge", "ZipWriter"]
