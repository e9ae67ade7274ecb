import signal
import socket
from collections.abc import Callable, Iterator

import pytest
from django.urls import reverse

from portal.accounts.models import User
from portal.devtools.services import ports
from provisioning.models import Setup, SetupState
from tests.faults.house import House
from tests.support.children import wait_for

pytestmark = pytest.mark.faults

ROUNDS = [1, *(pytest.param(number, marks=pytest.mark.slow_faults) for number in range(2, 21))]


@pytest.fixture
def half_sent(house: House, user: User, drafts: Callable[[int], list[Setup]]) -> Iterator[tuple[socket.socket, bytes]]:
    """A click on Run that the server has in hand, for it asked for the form; and the form, which is not sent yet."""
    (draft,), visitor = drafts(1), house.visitor(user)
    form = visitor.form()
    with socket.create_connection((ports.LOOPBACK, house.web_port), timeout=20) as connection:
        head = [
            f"POST {reverse('setup_start', args=[draft.pk])} HTTP/1.1",
            f"Host: {ports.LOOPBACK}",
            f"Cookie: {visitor.cookie()}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(form)}",
            "Expect: 100-continue",
        ]
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 100 ")
        yield connection, form


@pytest.mark.parametrize("round_", ROUNDS)
def test_a_request_in_hand_is_answered_before_it_leaves(
    round_: int, house: House, half_sent: tuple[socket.socket, bytes]
) -> None:
    connection, form = half_sent
    house.web.send_signal(signal.SIGTERM)
    wait_for(lambda: "Handling signal: term" in house.web.output(), "the server to hear of it")
    connection.sendall(form)
    assert connection.recv(65_536).startswith(b"HTTP/1.1 302 ")
    assert house.web.exit_code(20) == 0
    assert Setup.objects.get().state != SetupState.DRAFT
