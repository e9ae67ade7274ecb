import socket
from collections.abc import Iterator

import pytest

from portal.devtools.services import ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((ports.LOOPBACK, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_free_port_can_be_listened_on() -> None:
    assert ports.is_free(ports.free_port())


def test_a_port_that_somebody_listens_on_is_taken(taken: int) -> None:
    assert not ports.is_free(taken)
    assert ports.accepts(taken)


def test_a_taken_port_is_replaced_by_a_free_one(taken: int) -> None:
    assert ports.wanted_or_free(taken) not in {taken, 0}


def test_a_free_wanted_port_is_kept() -> None:
    wanted = ports.free_port()
    assert ports.wanted_or_free(wanted) == wanted


@pytest.mark.parametrize("wanted", [0, None])
def test_no_wish_gives_any_free_port(wanted: int | None) -> None:
    assert ports.wanted_or_free(wanted) > 0


def test_nobody_answers_on_a_free_port() -> None:
    port = ports.free_port()
    assert not ports.accepts(port)
    assert ports.http_status(port) is None
