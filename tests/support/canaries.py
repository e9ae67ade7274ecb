"""Canaries: secrets that can be told from everything else, and the search that finds them however they are written.

Both halves of a canary are letters that no escaping changes, with everything awkward between them; so the search, which
shares no code with the masking, needs no list of escapes, and finds half a secret too. What hides letters is undone:
base64, zlib and gzip in any depth, hexadecimal, UTF-16 and backslash-u.
"""

import base64
import re
import subprocess
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from django.db import connection
from redis import Redis

from portal.accounts.models import Session

#: What may stand in a header.
ASCII = "\"'\\ %41&<$`"
AWKWARD = f"{ASCII}ü€"
_ID_HEAD, _ID_TAIL = "ca9a7e57-", "57ea9a"
_DEEPEST = 4
_LARGEST = 8 * 1024 * 1024
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_ZIPPED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
#: A place, and what stands there.
Evidence = tuple[str, bytes]


@dataclass(frozen=True)
class Canary:
    """A secret made to be found."""

    name: str
    head: str
    middle: str
    tail: str

    @property
    def value(self) -> str:
        """What is typed into the form."""
        return self.head + self.middle + self.tail


def canary(name: str, middle: str = AWKWARD) -> Canary:
    """A canary of this name, unlike any other."""
    one, other = uuid.uuid4().hex[:16], uuid.uuid4().hex[:16]
    return Canary(name, f"CNRY-{one}", middle, f"{other}-YRNC")


def id_canary(name: str) -> Canary:
    """A canary where a form takes nothing but a UUID."""
    random = uuid.uuid4().hex
    return Canary(name, f"{_ID_HEAD}{random[:4]}-4{random[4:7]}", f"-8{random[7:10]}-", f"{random[10:16]}{_ID_TAIL}")


def known(value: str) -> Canary:
    """A secret that somebody else chose, to be found like a canary."""
    return Canary(value, value, "", value)


def hits(evidence: Iterable[Evidence], canaries: Iterable[Canary]) -> list[str]:
    """Where which canary stands, in words; no two lines are equal."""
    search = Search(canaries)
    return sorted({f"{name} in {place}" for place, data in evidence for name in search.names_in(data)})


class Search:
    """Looks for some canaries; made once, since it is used on everything that there is."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        birds = list(canaries)
        self._names = {
            spelling: each.name for each in birds for half in (each.head, each.tail) for spelling in _spellings(half)
        }
        self._all_sing = all(_sings(half.encode()) for each in birds for half in (each.head, each.tail))

    def names_in(self, data: bytes | str) -> set[str]:
        """The names of the canaries that stand in the data."""
        raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        return {name for layer in _layers(raw) for name in self._of(layer)}

    def _of(self, layer: bytes) -> set[str]:
        if self._all_sing and not _sings(layer):
            return set()
        return {name for spelling, name in self._names.items() if spelling in layer}


def _sings(layer: bytes) -> bool:
    """Say whether any canary at all can stand there: much is looked through, and hardly ever is there one."""
    return any(song in layer for song in _SONGS)


def _spellings(half: str) -> set[bytes]:
    data = half.encode()
    units = "".join(f"\\u{ord(letter):04x}" for letter in half)
    return {
        *(data, half.encode("utf-16-le"), half.encode("utf-16-be")),
        *(
            data.hex().encode(),
            data.hex().upper().encode(),
            units.encode(),
            units.upper().replace("\\U", "\\u").encode(),
        ),
        *(_core(data, shift) for shift in range(3)),
    }


def _core(data: bytes, shift: int) -> bytes:
    """The letters of its base64 that do not depend on the neighbours, behind so many other bytes."""
    coded = base64.b64encode(b"\0" * shift + data)
    return coded[-(-shift * 4 // 3) : (shift + len(data)) * 4 // 3]


_SONGS = set[bytes]().union(*map(_spellings, ("CNRY-", "-YRNC", _ID_HEAD, _ID_TAIL)))


def _layers(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """The data, and what comes out when base64 and compression in it are undone."""
    yield data
    if depth < _DEEPEST:
        for inner in (*_unzipped(data), *_decoded(data)):
            yield from _layers(inner, depth + 1)


def _unzipped(data: bytes) -> Iterator[bytes]:
    for found in _ZIPPED.finditer(data):
        stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # either header
        try:
            if text := stream.decompress(data[found.start() : found.start() + _LARGEST], _LARGEST):
                yield text
        except zlib.error:
            continue


def _decoded(data: bytes) -> Iterator[bytes]:
    """What base64 hides from the spellings of the canaries themselves: something packed, or coded once more."""
    for found in _BASE64.finditer(data):
        run = found.group().translate(_STANDARD)
        for start in range(4):  # letters before it may have joined the run
            inner = base64.b64decode(run[start : start + (len(run) - start) // 4 * 4])
            if _ZIPPED.match(inner) or (start == 0 and _BASE64.search(inner)):
                yield inner


# The places


def tables() -> Iterator[Evidence]:
    """Every value of every table, column by column, and the sessions' contents."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - a table of our own
            columns = [column.name if hasattr(column, "name") else column[0] for column in cursor.description]
            for row in cursor.fetchall():
                yield from ((f"{table}.{name}", _bytes(value)) for name, value in zip(columns, row, strict=True))
    for session in Session.objects.all():
        yield "a session", repr(session.get_decoded()).encode()


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode("utf-8", "surrogatepass")


_DUMPS: dict[object, Callable[[Any, Any], Any]] = {
    b"string": lambda redis, key: redis.get(key),
    b"list": lambda redis, key: redis.lrange(key, 0, -1),
    b"hash": lambda redis, key: redis.hgetall(key),
    b"set": lambda redis, key: redis.smembers(key),
    b"zset": lambda redis, key: redis.zrange(key, 0, -1),
    b"stream": lambda redis, key: redis.xrange(key),
}


def redis_keys(redis: Redis) -> Iterator[Evidence]:
    """Every key of Redis with what lies there."""
    for key in redis.scan_iter():
        for piece in _flat(_DUMPS[cast("bytes", redis.type(key))](redis, key)):
            yield f"Redis: {key.decode(errors='replace')}", key + b"\n" + piece


def _flat(value: Any) -> Iterator[bytes]:
    if isinstance(value, Mapping):
        value = [*value.items()]
    if isinstance(value, list | tuple | set):
        for each in value:
            yield from _flat(each)
    else:
        yield _bytes(value)


def files(folder: Path, *, but: Iterable[str] = (), since: Mapping[Path, int] | None = None) -> Iterator[Evidence]:
    """The bytes of every file below the folder; `but` names files to leave out, `since` where older bytes end."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in set(but):
            yield str(path.relative_to(folder)), _read(path)[(since or {}).get(path, 0) :]


def sizes(folder: Path, *suffixes: str) -> dict[Path, int]:
    """How long the files are that only grow, to look later at what has come since."""
    return {path: path.stat().st_size for path in folder.rglob("*") if path.suffix in suffixes}


def sqlite_bytes() -> Iterator[Evidence]:
    """The raw bytes of SQLite's files: freed pages and the log hold what rows held once."""
    database = Path(str(connection.settings_dict["NAME"]))
    for path in sorted(database.parent.glob(f"{database.name}*")):
        yield path.name, _read(path)


def _read(path: Path) -> bytes:
    """The bytes of a file, read by another process if it is SQLite's.

    Whoever closes a file loses all the locks that their process has on it, and SQLite would not notice.
    """
    if ".sqlite3" not in path.name:
        return path.read_bytes()
    return subprocess.run(["cat", path], stdout=subprocess.PIPE, check=True).stdout
