"""The queue's transport: kombu's for Redis, for a Redis that is not trusted and may refuse.

What comes out of a queue is a wake-up of ours or nothing (`queue_messages`), and a key that is no queue is deleted.
Messages go straight to their queue: there are no bindings, which others could bend, and so nothing reaches a worker by
remote control, gossip or events. A Redis that answers with an error (read-only, unable to save) is asked again after a
second; kombu would let such an answer end the worker.
"""

import functools
import logging
import time
from queue import Empty
from typing import Any

from kombu.transport import redis as kombu_redis
from redis.exceptions import ResponseError

from portal.celery import app
from portal.queue_messages import NotOurs, read

log = logging.getLogger(__name__)

#: After an error of Redis. The worker's loop rests meanwhile; what it began goes on.
PAUSE_SECONDS = 1.0
_QUEUE_TYPES = {b"list", b"none"}


class GuardedClient(kombu_redis.PrefixedStrictRedis):
    """A client whose BRPOP, which is how workers wait, answers with messages of ours only."""

    def parse_response(self, connection: Any, command_name: str, **options: Any) -> Any:
        """Return what Redis answers; None is what kombu takes for a wait that ended with nothing."""
        found = super().parse_response(connection, command_name, **options)
        return self._ours(*found) if command_name == "BRPOP" and found else found

    @staticmethod
    def _ours(key: bytes | str, raw: bytes) -> tuple[bytes | str, bytes] | None:
        queue = key.decode() if isinstance(key, bytes) else key
        try:
            return key, read(app, queue, raw)
        except NotOurs as why:
            log.warning("a message in the queue %s was dropped: %s", queue, why)
            return None


class Channel(kombu_redis.Channel):
    """A channel that survives errors of Redis, and knows queues only."""

    def _get_client(self) -> Any:
        return functools.partial(GuardedClient, global_keyprefix=self.global_keyprefix)

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]  # the stubs leave it out
        except ResponseError as error:
            self._recover(str(error))
            raise Empty from None

    def _recover(self, error: str) -> None:
        """Make room for a queue, or wait for a Redis that hands nothing out."""
        if not error.startswith("WRONGTYPE"):
            log.warning("Redis hands out no messages, and is asked again: %s", ascii(error))
            self.client.connection.disconnect()  # another server may stand there by now
            time.sleep(PAUSE_SECONDS)
            return
        with self.conn_or_acquire() as client:
            for queue in self.active_queues:
                if client.type(f"{self.global_keyprefix}{queue}") not in _QUEUE_TYPES:
                    log.warning("the key of the queue %s was no queue, and is deleted", queue)
                    client.delete(queue)

    def _queue_bind(self, *_: Any) -> None:
        """Keep no bindings."""

    def get_table(self, _exchange: str) -> list[Any]:
        """Return that nothing is bound."""
        return []

    def _size(self, _queue: str) -> int:
        """Say nothing of a queue's size when it is declared: its key need not be a queue."""
        return 0


class Transport(kombu_redis.Transport):
    """What the schemes `redis` and `rediss` stand for here."""

    Channel = Channel
