"""Oversized and malformed requests at every URL: never a 500, and whatever is refused says so in a sentence."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.access.guests import FORM, Guest, doors
from tests.access.lines import Line
from tests.access.walk import filled
from tests.access.world import World

pytestmark = pytest.mark.sweep

Fields = Mapping[str, str]
Door = tuple[Guest, Line, str]
MULTIPART = "multipart/form-data; boundary=x"
LARGE = b"a=" + b"b" * 10_000_000
MANY = "&".join(f"a{number}=b" for number in range(5_000)).encode()
PARTS = b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nb\r\n' % n for n in range(5_000)) + b"--x--"
NESTED = b"[" * 100_000


def each(value: str) -> Callable[[Fields], bytes]:
    """The good form with this, as it is written in a form's bytes, at the end of each field."""
    return lambda fields: "&".join(f"{name}={quote(text)}{value}" for name, text in fields.items()).encode()


def instead(value: str) -> Callable[[Fields], bytes]:
    """The good form with this in each field."""
    return lambda fields: "&".join(f"{name}={value}" for name in fields).encode()


def always(data: bytes) -> Callable[[Fields], bytes]:
    """These bytes, whatever the form is."""
    return lambda _: data


def parts(head: bytes, end: bytes = b"--x--") -> Callable[[Fields], bytes]:
    """A multipart form whose every part has this below its name."""
    return lambda fields: (
        b"".join(b'--x\r\nContent-Disposition: form-data; name="%s"\r\n%s' % (name.encode(), head) for name in fields)
        + end
    )


BODIES: dict[str, tuple[Callable[[Fields], bytes], str]] = {
    "10 MB": (always(LARGE), FORM),
    "5,000 fields": (always(MANY), FORM),
    "5,000 parts": (always(PARTS), MULTIPART),
    "no boundary": (always(PARTS[:200]), "multipart/form-data"),
    "bad boundary": (always(PARTS[:200]), "multipart/form-data; boundary=\xe4"),
    "no end": (parts(b"\r\nb", b""), MULTIPART),
    "no disposition": (always(b"--x\r\n\r\nb\r\n--x--"), MULTIPART),
    "bad base64": (parts(b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n"), MULTIPART),
    "a file where text belongs": (
        always(b'--x\r\nContent-Disposition: form-data; name="rows"; filename="a"\r\n\r\n\xff\x00\r\n--x--'),
        MULTIPART,
    ),
    "a binary file": (
        always(b'--x\r\nContent-Disposition: form-data; name="file"; filename="\x00/../a"\r\n\r\n\xff\x00\r\n--x--'),
        MULTIPART,
    ),
    "NUL": (each("%00"), FORM),
    "NUL alone": (instead("%00"), FORM),
    "bytes that are no UTF-8": (instead("%ff%fe%c3%28"), FORM),
    "a lone surrogate": (each("%ed%a0%80"), FORM),
    "another charset": (each(""), f"{FORM}; charset=utf-16"),
    "a charset that is none": (each(""), f"{FORM}; charset=nonsense"),
    "a huge number": (instead("9" * 5_000), FORM),
    "a negative number": (instead("-1"), FORM),
    "a long text": (instead("x" * 50_000), FORM),
    "everything thrice": (lambda fields: "&".join([urlencode(fields)] * 3).encode(), FORM),
    "names as lists": (lambda fields: urlencode({f"{name}[][a]": "b" for name in fields}).encode(), FORM),
    "nothing at all": (always(b""), FORM),
    "deep nesting": (always(NESTED), "application/json"),
    "a form in JSON": (lambda fields: json.dumps(dict(fields)).encode(), "application/json"),
    "no kind": (each(""), ""),
}
#: Where all of these are sent: Django reads them before a view looks at a field, and so the same everywhere.
SOME = {"account_login", "tenants:edit", "senders:bulk", "setup_step", "people:invite"}
#: What is sent elsewhere: what reaches a field as text, and so its form and whatever is done with it.
TEXTS = {"NUL alone", "a lone surrogate", "a huge number", "a negative number", "nothing at all"}
#: What is sent where a line names no field.
FEW = {"NUL", "nothing at all"}
#: Each of the names gets something malformed in each of these.
QUERIES = [
    f"older={'9' * 5_000}&newer=%ff&tenant={'9' * 5_000}&next=%00&kind=%00&count={'9' * 5_000}",
    "older=a:b:c&older=W10:1:x&newer=%ed%a0%80&tenant=%00&next=%ff&kind=%ff&count=%00&%ff%00=&&&;&=",
]
PATHS = [
    "/%ff/",
    "/tenants/%00/",
    "/tenants/%ed%a0%80/edit/",
    "/tenants/../../etc/passwd",
    "/" + "a" * 20_000,
    "//evil/",
]


def once_each(found: Iterable[Door]) -> Iterator[Door]:
    """Leave out further lines of one URL: its view reads the same malformed request, unless a step has its own form."""
    seen: set[str] = set()
    for guest, line, path in found:
        where = line.name + line.path.get("step_key", "")
        if where not in seen:
            seen.add(where)
            yield guest, line, path


def wrong_with(answer: Any) -> str:
    """What is wrong with an answer, in words."""
    if answer.status_code >= 500 and answer.status_code != 503:
        return f"{answer.status_code} {answer.exc_info and answer.exc_info[1]!r}"
    return f"{answer.status_code} without a word" if answer.status_code >= 400 and not answer.content.strip() else ""


def test_a_malformed_form_is_never_an_error_of_ours(world: World) -> None:
    problems, statuses = [], set()
    for guest, line, path in once_each(doors(world, "POST")):
        for name in BODIES if line.name in SOME else sorted(TEXTS if line.body else FEW):
            make, kind = BODIES[name]
            answer = guest.send("POST", path, make(filled(line.body, world.ours) or {"reason": "x"}), kind)
            statuses.add((name, answer.status_code))
            if wrong := wrong_with(answer):
                problems.append(f"{line.name}, {name}: {wrong}")
    assert not problems, "\n".join(problems[:40])
    assert {("10 MB", 400), ("5,000 fields", 400), ("5,000 parts", 400)} <= statuses


def test_a_malformed_address_is_never_an_error_of_ours(world: World) -> None:
    found = {
        f"{line.name}, {target[:90]}": wrong_with(guest.send("GET", target))
        for guest, line, path in once_each(doors(world, "GET"))
        for target in (*(f"{path}?{query}" for query in QUERIES), *(PATHS if line.name == "tenants:list" else ()))
    }
    assert not {where: wrong for where, wrong in found.items() if wrong}
