"""Celery transport for Redis: kombu's, hardened against a Redis that is not trusted and may return errors.

Each message is validated (`queue_messages`), and a queue's key of another type is deleted. Messages go directly to
their queue: there are no bindings that an attacker could change, and workers receive no remote control, gossip or
events. If Redis answers with an error (read-only, unable to save), the worker asks again after a second; kombu would
let the error stop the worker.
"""

import functools
import logging
import time
from queue import Empty
from typing import Any

from celery import current_app
from kombu.transport import redis as kombu_redis
from redis.exceptions import ResponseError

from portal.core.redis.messages import NotOurs, read

log = logging.getLogger(__name__)

#: Pause after an error from Redis. The worker's event loop waits; running tasks continue.
PAUSE_SECONDS = 1.0
_QUEUE_TYPES = {b"list", b"none"}


class GuardedClient(kombu_redis.PrefixedStrictRedis):
    """Redis client that returns only valid messages from BRPOP, the command by which workers wait."""

    def parse_response(self, connection: Any, command_name: str, **options: Any) -> Any:
        """Return the response of Redis; None means to kombu that the wait ended without a message."""
        found = super().parse_response(connection, command_name, **options)
        return self._ours(*found) if command_name == "BRPOP" and found else found

    @staticmethod
    def _ours(key: bytes | str, raw: bytes) -> tuple[bytes | str, bytes] | None:
        queue = key.decode() if isinstance(key, bytes) else key
        try:
            return key, read(current_app, queue, raw)
        except NotOurs as why:
            log.warning("a message in the queue %s was dropped: %s", queue, why)
            return None


class Channel(kombu_redis.Channel):
    """A channel that survives errors from Redis and uses queues only, without bindings."""

    def _get_client(self) -> Any:
        return functools.partial(GuardedClient, global_keyprefix=self.global_keyprefix)

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]  # the stubs leave it out
        except ResponseError as error:
            self._recover(str(error))
            raise Empty from None

    def _recover(self, error: str) -> None:
        """Delete a key that is not a queue, or wait for a Redis that cannot deliver messages."""
        if not error.startswith("WRONGTYPE"):
            log.warning("Redis hands out no messages, and is asked again: %s", ascii(error))
            self.client.connection.disconnect()  # the address may lead to another server by now
            time.sleep(PAUSE_SECONDS)
            return
        with self.conn_or_acquire() as client:
            for queue in self.active_queues:
                if client.type(f"{self.global_keyprefix}{queue}") not in _QUEUE_TYPES:
                    log.warning("the key of the queue %s was no queue, and is deleted", queue)
                    client.delete(queue)

    def _queue_bind(self, *_: Any) -> None:
        """Do not store bindings."""

    def get_table(self, _exchange: str) -> list[Any]:
        """Return no bindings."""
        return []

    def _size(self, _queue: str) -> int:
        """Return 0 when a queue is declared, without asking: its key may not be a list."""
        return 0


class Transport(kombu_redis.Transport):
    """The transport for the URL schemes `redis` and `rediss`."""

    Channel = Channel
