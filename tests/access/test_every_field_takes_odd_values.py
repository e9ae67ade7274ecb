"""One odd value at a time in each field of each good form: no column, constraint or encoding makes an error of ours.

The other fields stay good, so that the value comes as far as the row that it is for. PostgreSQL is stricter than
SQLite: it counts characters, knows no NUL, and its numbers have an end.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from bs4 import BeautifulSoup

from tests.access.guests import Guest, doors
from tests.access.walk import filled
from tests.access.world import World

pytestmark = [pytest.mark.sweep, pytest.mark.databases]

LONG_DOMAIN = ".".join(["a" * 60] * 4) + ".com"
#: What is put at the end of the good value, as it is written in a form's bytes.
ADDED = {
    "NUL at the end": "%00",
    "300 more letters": "x" * 300,
    "300 more digits": "9" * 300,
    "5,000 more letters": "x" * 5_000,
    "200 letters of four bytes": quote("😀" * 200),
    "a lone surrogate at the end": "%ed%a0%80",
    "characters that change the direction": quote("\u202e\u2066"),
}
#: What takes its place.
PUT = {
    "a long address": f"{'b' * 60}%40{LONG_DOMAIN}",
    "an address of 255 letters": f"{'b' * 60}%40{('a' * 60 + '.') * 3}{'c' * 7}.com",
    "a long URL": f"https://{LONG_DOMAIN}/{'p' * 2_000}",
    "a number beyond 64 bits": "9223372036854775808",
    "a number beyond 32 bits": "2147483648",
    "a number below 0": "-2147483649",
    "a number with an exponent": "1e400",
    "no number": "NaN",
    "a fraction": "0.0000001",
    "a date beyond the calendar": "9999-12-31",
    "a date before the calendar": "0001-01-01",
    "an id of zeros": "00000000-0000-0000-0000-000000000000",
}


def values_for(good: str) -> Iterator[tuple[str, str]]:
    """Every odd value by its name, as it is written in a form's bytes."""
    yield from ((name, quote(good) + end) for name, end in ADDED.items())
    yield from PUT.items()


def wrong_with(answer: Any) -> str:
    """What is wrong with the answer, in words; 503 is the word for a queue that is away."""
    failed = answer.status_code >= 500 and answer.status_code != 503
    return f"{answer.status_code} {answer.exc_info and answer.exc_info[1]!r}" if failed else ""


def _entered(guest: Guest, path: str) -> dict[str, str]:
    """What stands in the fields of the page's form to this address, before anybody changes it."""
    page = BeautifulSoup(guest.send("GET", path).content, "html.parser")
    forms = [form for form in page.find_all("form") if form.get("action") in {None, "", path}]
    fields = [field for form in forms for field in form.find_all(["input", "textarea", "select"])]
    texts = [field for field in fields if field.get("type") not in {"hidden", "checkbox", "radio", "submit", "file"}]
    return {str(field["name"]): str(field.get("value") or field.text.strip()) for field in texts if field.get("name")}


def test_one_odd_value_in_a_good_form_is_never_an_error_of_ours(world: World) -> None:
    problems, tried = [], set[tuple[str, str, str]]()
    for guest, line, path in doors(world, "POST"):
        good = _entered(guest, path) | filled(line.body, world.ours)
        for field in good:
            where = (line.name, line.path.get("step_key", ""), field)
            if where in tried:
                continue
            tried.add(where)
            rest = urlencode({name: text for name, text in good.items() if name != field})
            for name, value in values_for(good[field]):
                answer = guest.send("POST", path, f"{rest}&{field}={value}")
                if wrong := wrong_with(answer):
                    problems.append(f"{' '.join(where)}, {name}: {wrong}")
    assert len(tried) >= 100
    assert not problems, "\n".join(problems[:60])
