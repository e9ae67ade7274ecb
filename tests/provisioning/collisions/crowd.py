"""People who act at the very same moment."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.test import Client

Deed = Callable[[], Any]


def at_once(deeds: Sequence[Deed]) -> list[Any]:
    """Do all of it at the same moment, each in a thread of its own; what came of each, or the first error."""
    gate, results, errors = threading.Barrier(len(deeds)), [None] * len(deeds), list[Exception]()

    def do(number: int) -> None:
        gate.wait(30)
        try:
            results[number] = deeds[number]()
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread of the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]
    return results


def second_tab(client: Client) -> Client:
    """Another tab of the same browser, which may be used in another thread."""
    tab = Client()
    tab.cookies = client.cookies.copy()  # type: ignore[assignment]  # the stubs do not know that it stays what it is
    return tab
