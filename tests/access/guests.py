"""A browser for each kind of people, and one request that leaves nothing behind."""

from collections.abc import Iterator, Mapping
from http.cookies import SimpleCookie
from typing import Any

from django.test import Client

from tests.access.lines import ARGUMENTS, LINES, Line
from tests.access.people import Who
from tests.access.routes import path_of
from tests.access.walk import FIRST, undoing
from tests.access.world import World, sign_in

FORM = "application/x-www-form-urlencoded"


class Guest:
    """Somebody who may do what a line tells, in the world's own tenant."""

    def __init__(self, world: World, who: Who) -> None:
        self.world, self.client = world, Client(raise_request_exception=False)
        if user := world.people[who]:
            sign_in(self.client, user)
        self.cookies = self.client.cookies.output(header="", sep=";")

    def send(self, method: str, target: str, body: bytes | str = b"", kind: str = FORM) -> Any:
        """Send one request and undo what it did."""
        with undoing(method):
            answer: Any = self.client.generic(method, target, body, kind)
        if answer.cookies:
            self.client.cookies = SimpleCookie(self.cookies)
        return answer


def doors(world: World, method: str, extra: tuple[Who, ...] = ()) -> Iterator[tuple[Guest, Line, str]]:
    """Every line that knows the method, with somebody who may use it (and with `extra`), and its path."""
    guests: Mapping[Who, Guest] = {who: Guest(world, who) for who in (*extra, *FIRST)}
    for line in LINES:
        people = line.people(method) or frozenset()
        chosen = [who for who in extra if who in people] + [who for who in FIRST if who in people][:1]
        for who in chosen:
            yield guests[who], line, path_of(line.name, world.ours, line.path, ARGUMENTS)
