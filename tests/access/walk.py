"""One person walks every line: their own rows, the other tenant's, and rows that do not exist."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.cookies import SimpleCookie
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from tests.access import ledger
from tests.access.lines import ARGUMENTS, LINES, TOLD_BY_DESIGN, Line
from tests.access.people import MEMBERS, STRANGERS, Who
from tests.access.routes import arguments_of, path_of
from tests.access.world import DIGITS, Rows, World
from tests.support.headers import unsafe_headers

ALL_METHODS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
#: Who is asked first where several may.
FIRST = (Who.ADMINISTRATOR, Who.REPRESENTATIVE, Who.SITE)
REFUSED = frozenset({403, 404})
UNKNOWN = REFUSED | {405}
#: What differs from answer to answer, whoever asks: times, nonces, tokens, keys made on request with their
#: fingerprints or pictures, and every id; and the letter of it that the refusal of a number names.
_RESTLESS = re.compile(
    r'fingerprint \w+|nonce="?[^"\s]+|value="[A-Za-z0-9]{64}"|(?<![\w-])[\w-]{43}(?![\w-])|\d+ ms|\d\d:\d\d:\d\d|'
    rf"stands the letter .|\b[A-Z2-7]{{32}}\b|base64,[\w+/=]+|\b\d{{{DIGITS}}}\b|"
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
)


@dataclass(frozen=True)
class Parts:
    """Whose rows stand in the path, in the query and in the body; `field` is a single field of the body."""

    path: Rows
    query: Rows
    body: Rows
    field: tuple[str, str] | None = None


@dataclass
class Answer:
    """What came back, and what it did to the rows."""

    status: int
    location: str
    text: str
    changes: ledger.Changes
    error: str

    def same(self) -> tuple[int, str, str]:
        """What must be equal for a foreign and an absent id."""
        return self.status, _RESTLESS.sub("ID", self.location), _RESTLESS.sub("ID", self.text)


class Walker:
    """A person before every URL; `problems` says in words what went wrong."""

    def __init__(self, world: World, who: Who, client: Client) -> None:
        self.world, self.who, self.client = world, who, client
        self.client.raise_request_exception = False
        self.cookies = client.cookies.output(header="", sep=";")
        self.before = ledger.contents()
        self.problems: list[str] = []
        foreign = _foreign_to(world, who)
        # The rest of a form stays as a good one of ours: only ids are somebody else's.
        self.foreign = foreign and replace(foreign, words=world.ours.words)
        self.foreign_is_ours = foreign is world.ours
        self.absent = world.ours.absent()

    def walk(self) -> list[str]:
        """Try everything, and return the problems."""
        for line in LINES:
            for method in self.methods(line):
                own = self.try_own(line, method)
                if self.compares(line, method) and self.is_looked_at(own):
                    self.try_strange_path(line, method, own)
                    if self.who in MEMBERS:
                        self.try_strange_rest(line, method)
        return self.problems

    def methods(self, line: Line) -> tuple[str, ...]:
        """GET and POST; one kind of people tries the rest too, since a middleware or the GET answers it for everybody.

        It is the one who reads our tenant and must change nothing there, whatever it is.
        """
        first = next(each for each in LINES if each.name == line.name)
        return ALL_METHODS if self.who == Who.AUDITOR and line is first else ALL_METHODS[:2]

    def compares(self, line: Line, method: str) -> bool:
        """Whether the person tells foreign ids from absent ones: who has nothing here, and the first who may.

        Whoever else may gets the same answers from the same view, and whoever may not is refused whatever the id.
        """
        if method not in {"GET", "POST"}:
            return False
        return self.who in {Who.OUTSIDER, Who.REMOVED, first_of(line.people(method) or frozenset())}

    # --- what is tried --------------------------------------------------------------------------------------------

    def try_own(self, line: Line, method: str) -> Answer:
        """The ids of our tenant: whoever may gets an answer, and nobody else does."""
        ours = self.world.ours
        answer = self.ask(line, method, Parts(ours, ours, ours), "own ids")
        people = line.people(method)
        if people is None:
            expected = self.is_sent_away(line, answer) or answer.status in UNKNOWN
        elif method == "HEAD" and answer.status == 405:
            expected = True  # a view that takes GET alone leaves HEAD out; that tells nobody anything
        elif self.who in people:
            expected = self.is_served(line, answer)
        else:
            expected = self.is_sent_away(line, answer) or (answer.status in REFUSED and self.is_let_in(line))
        if not expected:
            self.complain(line, method, "own ids", f"answered {answer.status} {answer.location}")
        if method == "POST" and people and self.who in people - STRANGERS and line.changes and not answer.changes.all:
            self.complain(line, method, "own ids", "changed nothing, so its body in lines.py is not a good one")
        if method not in {"GET", "HEAD"} and self.who not in (people or ()) and answer.changes.all:
            tables = sorted({table for table, _ in answer.changes.all})
            self.complain(line, method, "own ids", f"changed {', '.join(tables)}")
        return answer

    def try_strange_path(self, line: Line, method: str, own: Answer) -> None:
        """A foreign id in the path answers like an absent one; whose ids of ours are foreign was answered already."""
        ours = self.world.ours
        if self.foreign and names_a_row(line):
            one = own if self.foreign_is_ours else self.ask(line, method, Parts(self.foreign, ours, ours), "path")
            self.compare(line, method, "path", one, Parts(self.absent, ours, ours))

    def try_strange_rest(self, line: Line, method: str) -> None:
        """The same for ids in the query, in query and body, and in one field of the form at a time."""
        assert self.foreign is not None
        ours = self.world.ours
        if method == "GET":
            self.compare_parts(
                line, method, "query", *(Parts(ours, rows, ours) for rows in (self.foreign, self.absent))
            )
            return
        pair = (self.foreign, self.absent)
        self.compare_parts(line, method, "query and body", *(Parts(ours, rows, rows) for rows in pair))
        for name, template in line.body.items() if self.who in (line.post or ()) else ():
            if (line.name, name) not in TOLD_BY_DESIGN and _may_hold_an_id(name, template, self.foreign):
                values = [(name, rows.ids.get(name, rows.ids["tenant"])) for rows in pair]
                self.compare_parts(line, method, f"field {name}", *(Parts(ours, ours, ours, value) for value in values))

    def compare_parts(self, line: Line, method: str, where: str, strange: Parts, absent: Parts) -> None:
        """Send both, and compare."""
        self.compare(line, method, where, self.ask(line, method, strange, where), absent)

    def compare(self, line: Line, method: str, where: str, one: Answer, absent: Parts) -> None:
        """Complain if what a foreign id was answered can be told from what an absent one is."""
        other = self.ask(line, method, absent, where)
        if one.same() != other.same():
            self.complain(line, method, where, f"a foreign id answers {one.status}, an absent one {other.status}")
            self.problems += islice(_difference(one.same(), other.same()), 3)

    # --- asking ---------------------------------------------------------------------------------------------------

    def ask(self, line: Line, method: str, parts: Parts, where: str) -> Answer:
        """Send one request, undo what it did, and look at what holds for every answer."""
        counted = ledger.statements()
        with undoing(method):
            answer = self.send(line, method, parts)
            changes = self.changes_since(counted)
        if answer.cookies:
            self.client.cookies = SimpleCookie(self.cookies)
        error = repr(answer.exc_info[1]) if answer.exc_info else ""
        told = Answer(answer.status_code, answer.headers.get("Location", ""), _text(answer), changes, error)
        self.look(line, method, where, told, parts)
        for words in unsafe_headers(answer, signed_in=self.who not in STRANGERS):
            self.complain(line, method, where, words)
        return told

    def send(self, line: Line, method: str, parts: Parts) -> Any:
        """Send it; a body goes with whatever may carry one."""
        path, query = path_of(line.name, parts.path, line.path, ARGUMENTS), filled(line.query, parts.query)
        if parts.query is not self.world.ours:
            query = _stuffing(parts.query) | query
        body = self.body(line, parts.body)
        if parts.field:
            body[parts.field[0]] = parts.field[1]
        target = f"{path}?{urlencode(query)}" if query else path
        if method in {"GET", "HEAD", "TRACE"}:
            return self.client.generic(method, target)
        return self.client.generic(method, target, urlencode(body), "application/x-www-form-urlencoded")

    def body(self, line: Line, rows: Rows) -> dict[str, str]:
        """The good form, with the ids of somebody else in it where that is asked for."""
        ours = filled(line.body, self.world.ours)
        if rows is self.world.ours:
            return ours
        kept = {name: value for name, value in ours.items() if (line.name, name) in TOLD_BY_DESIGN}
        return _stuffing(rows) | filled(line.body, rows) | kept

    def changes_since(self, counted: int) -> ledger.Changes:
        """What was changed; the tables are read only if SQLite says that something was."""
        if ledger.statements() == counted:
            return ledger.NONE
        now = ledger.contents()
        return ledger.Changes(self.before - now, now - self.before)

    def look(self, line: Line, method: str, where: str, answer: Answer, parts: Parts) -> None:
        """No error, no word of the other tenant, no row of theirs changed, whatever was asked."""
        if answer.status >= 500 and answer.status not in line.statuses:
            self.complain(line, method, where, f"answered {answer.status} {answer.error}")
        if self.foreign is None:
            return
        said = f"{answer.text} {answer.location}".lower()
        sent = {value for rows in (parts.path, parts.query, parts.body) for value in rows.ids.values()}
        sent |= {parts.field[1]} if parts.field else set()
        if self.foreign.marker in said:
            self.complain(line, method, where, f"tells {self.foreign.marker}")
        if leaked := [kind for kind, value in self.foreign.ids.items() if value in said and value not in sent]:
            self.complain(line, method, where, f"tells the other tenant's id of {', '.join(leaked)}")
        theirs = ledger.about([self.foreign.marker, *self.foreign.ids.values()])
        if touched := answer.changes.touching(theirs, new_ones=parts.field is None):
            self.complain(line, method, where, f"changed rows of the other tenant in {', '.join(touched)}")

    # --- what is right --------------------------------------------------------------------------------------------

    def is_served(self, line: Line, answer: Answer) -> bool:
        """Whether whoever may got an answer, or a redirect to another page of ours."""
        within = not answer.location or (answer.location.startswith("/") and answer.location[1:2] not in {"/", "\\"})
        return (answer.status < 400 and within and not _asks_to_sign_in(answer)) or answer.status in line.statuses

    def is_sent_away(self, line: Line, answer: Answer) -> bool:
        """Whether a stranger was sent to the sign-in."""
        return self.who in STRANGERS and not line.open and _asks_to_sign_in(answer)

    def is_looked_at(self, answer: Answer) -> bool:
        """Whether ids can matter: an unknown method and a stranger are sent away before any is looked at."""
        return answer.status != 405 and not (self.who in STRANGERS and _asks_to_sign_in(answer))

    def is_let_in(self, line: Line) -> bool:
        """Whether the person comes as far as the view itself."""
        return self.who not in STRANGERS or line.open

    def complain(self, line: Line, method: str, where: str, words: str) -> None:
        """Keep a problem, once."""
        sentence = f"{self.who}, {method} {line.name} {dict(line.path) or ''}, {where}: {words}"
        if sentence not in self.problems:
            self.problems.append(sentence)


@contextmanager
def undoing(method: str) -> Iterator[None]:
    """Undo what is written and counted inside; for what must be the outermost transaction, this one does not count."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # noqa: SLF001 - what Django's own TestCase does
    with block:
        yield
        transaction.set_rollback(True)
    if method == "POST":
        cache.clear()  # else the wrong passwords of one form would close the next


def first_of(people: frozenset[Who]) -> Who | None:
    """Return the one of these people who is asked first."""
    return next((who for who in FIRST if who in people), None)


def names_a_row(line: Line) -> bool:
    """Whether an id stands in the line's path, which a word like an option's name is not."""
    return any("{" in {**ARGUMENTS, **line.path}[name] for name in arguments_of(line.name))


def _may_hold_an_id(name: str, template: str, rows: Rows) -> bool:
    """Whether a form's field takes an id by its name, by what stands there, or because it leads to a page."""
    return "{" in template or name in rows.ids or bool(_RESTLESS.search(template))


def _asks_to_sign_in(answer: Answer) -> bool:
    return answer.status == 302 and answer.location.startswith(f"{reverse(settings.LOGIN_URL)}?next=")


def _foreign_to(world: World, who: Who) -> Rows | None:
    """Whose rows the person must not see: for whoever has no role in ours, ours; nobody's for who reads all tenants."""
    if who in {Who.SITE, Who.SITE_AUDITOR}:
        return None
    return world.theirs if who in MEMBERS else world.ours


def filled(templates: Mapping[str, str], rows: Rows) -> dict[str, str]:
    """Return a form or a query with these rows in it."""
    return {name: rows.fill(template) for name, template in templates.items()}


def _stuffing(rows: Rows) -> dict[str, str]:
    """Every kind of id under every name that a view might look for, asked for or not."""
    return {name: value for kind, value in rows.ids.items() for name in (kind, f"{kind}_id")}


def _text(answer: HttpResponseBase) -> str:
    body = b"".join(answer) if answer.streaming else bytes(getattr(answer, "content", b""))
    return "\n".join([body.decode(errors="replace"), *_headers(answer), *_messages(answer)])


def _headers(answer: HttpResponseBase) -> Iterator[str]:
    """The headers that a view may have written; the policy holds a nonce, and the length that of ids."""
    own = {"Content-Security-Policy", "X-Request-ID", "Location", "Content-Length"}
    yield from (f"{name}: {value}" for name, value in answer.headers.items() if name not in own)


def _messages(answer: Any) -> Iterator[str]:
    """What the next page would say."""
    if found := answer.cookies.get("messages"):
        reader: Any = CookieStorage(answer.wsgi_request)
        stored = reader._decode(found.value)  # noqa: SLF001 - Django has no public one
        yield from (str(message) for message in stored or ())


def _difference(one: tuple[int, str, str], other: tuple[int, str, str]) -> Iterator[str]:
    """The first lines in which two answers differ."""
    pairs = zip(f"{one}".split("\\n"), f"{other}".split("\\n"), strict=False)
    yield from (f"    {quote(mine, safe=' <>=/')[:160]} | {theirs[:160]}" for mine, theirs in pairs if mine != theirs)
