"""Whatever somebody else writes into Redis under a key of the cache, the portal goes on as if nothing were there."""

import json
import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core import signing
from django.core.cache import cache
from django.core.cache.backends.redis import RedisSerializer
from django.test import Client
from pytest_django import Settings
from redis import Redis

from portal.accounts.models import User
from portal.identity.second_factors import factors_of
from tests.support.cast import PASSWORD

pytestmark = pytest.mark.usefixtures("redis")
KEY = "some-key"


class Runs:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self.path),)


def poisons(path: Path) -> dict[str, Callable[[Redis, bytes], object]]:
    """Ways to put something else where a value should be."""
    texts = {
        "a pickle that runs": pickle.dumps(Runs(path)),
        "Django's own form": RedisSerializer().dumps(["right", "type"]),
        "a number": b"7",
        "half a JSON": b'["a", ',
        "JSON of another type": b'{"a": [1, "x"]}',
        "JSON of the right type": json.dumps([time.time() + 1e9] * 1000).encode(),
        "nothing": b"",
        "bytes": b"\xff\xfe\x00\x80",
        "megabytes": b"x" * 20_000_000,
        "megabytes of brackets": b"[" * 20_000_000,
        "a signature of nobody": b"W10:1abcde:" + b"A" * 43,
        "signed by the portal for something else": signing.dumps([None, ["a"]], salt="sign-up").encode(),
        "signed by the portal for another key": signing.dumps(
            [None, ["a"]], salt="portal.core.redis.signed_cache::1:x"
        ).encode(),
    }
    return {what: lambda redis, key, text=text: redis.set(key, text) for what, text in texts.items()} | {
        "a list": lambda redis, key: redis.lpush(key, "x"),
        "a hash": lambda redis, key: redis.hset(key, "x", "x"),
        "a set": lambda redis, key: redis.sadd(key, "x"),
        "a stream": lambda redis, key: redis.xadd(key, {"x": "x"}),
    }


WAYS = list(poisons(Path()))


@pytest.fixture
def poison(redis: Redis, tmp_path: Path) -> Callable[[str], Callable[[bytes], None]]:
    """Poison a key in one of the ways."""

    def in_this_way(what: str) -> Callable[[bytes], None]:
        def poison_key(key: bytes) -> None:
            redis.delete(key)
            poisons(tmp_path / "it ran")[what](redis, key)

        return poison_key

    return in_this_way


@pytest.mark.parametrize("what", WAYS)
def test_what_others_wrote_counts_as_absent_and_makes_way(
    what: str, poison: Callable[[str], Callable[[bytes], None]], tmp_path: Path
) -> None:
    poison_key, key = poison(what), cache.make_key(KEY).encode()
    poison_key(key)
    assert cache.get(KEY, "absent") == "absent"
    assert not cache.has_key(KEY)
    assert cache.get_many([KEY]) == {}
    assert cache.touch(KEY, 10) is False
    assert cache.add(KEY, ["new"], 10) is True
    assert cache.get(KEY) == ["new"]
    assert cache.add(KEY, ["newer"], 10) is False
    poison_key(key)
    cache.set(KEY, ["set"], 10)
    assert cache.get(KEY) == ["set"]
    assert not (tmp_path / "it ran").exists()


@pytest.mark.parametrize("what", WAYS)
def test_every_page_of_a_sign_in_goes_on_with_each_key_poisoned(
    what: str,
    poison: Callable[[str], Callable[[bytes], None]],
    redis: Redis,
    administrator: User,
    tmp_path: Path,
) -> None:
    def sign_in(password: str = PASSWORD) -> int:
        return Client().post("/accounts/login/", {"login": administrator.email, "password": password}).status_code

    def keys() -> set[bytes]:
        return {key for key in redis.scan_iter() if b"rl:" in key or b"locked" in key}

    for _ in range(11):
        sign_in("wrong")
    Client().post("/accounts/password/reset/", {"email": administrator.email})
    known = keys() | {key + b":lock" for key in keys()}
    assert len(known) >= 8
    for key in known:
        poison(what)(key)
    assert Client().post("/accounts/password/reset/", {"email": administrator.email}).status_code == 302
    assert sign_in("wrong") == 200
    for key in known:
        poison(what)(key)
    assert sign_in() == 302
    assert not (tmp_path / "it ran").exists()


@pytest.mark.parametrize("what", WAYS)
def test_a_code_of_the_app_is_used_once_also_where_its_mark_was_poisoned(
    what: str, poison: Callable[[str], Callable[[bytes], None]], administrator: User, redis: Redis
) -> None:
    with factors_of(administrator):
        totp = TOTP.activate(administrator, "JBSWY3DPEHPK3PXP")
    assert totp._mark_code_used("123456") is True  # noqa: SLF001 - allauth's own door
    [key] = cast("list[bytes]", redis.keys("*totp*"))
    poison(what)(key)
    assert totp._mark_code_used("123456") is True  # noqa: SLF001 - the same
    assert totp._mark_code_used("123456") is False  # noqa: SLF001 - the same


def test_values_keep_their_types_and_end_when_they_should() -> None:
    for value in (None, True, 0, 7, 1.5, "a", [1, 2.5, "x"], {"a": [None]}, ""):
        cache.set(KEY, value, 10)
        assert cache.get(KEY, "absent") == value
        assert type(cache.get(KEY)) is type(value)
    cache.set(KEY, 1, None)
    assert cache.get(KEY) == 1
    assert cache.incr(KEY) == 2
    cache.set(KEY, 1, 0)
    assert cache.get(KEY) is None
    assert cache.add(KEY, 1, 0) is True
    assert cache.touch(KEY, 100) is False


def test_an_old_value_that_somebody_puts_back_does_not_hold_any_more(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.set(KEY, "old", 10)
    key = cache.make_key(KEY)
    redis.set(key, cast("bytes", redis.get(key)))  # without an end
    assert cache.get(KEY) == "old"
    later = time.time() + 11
    monkeypatch.setattr("portal.core.redis.signed_cache.time.time", lambda: later)
    assert cache.get(KEY) is None
    assert cache.add(KEY, "new", 10) is True


def test_values_of_an_earlier_key_are_read(settings: Settings) -> None:
    cache.set(KEY, "kept", 10)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret of the tests, which is long enough too"
    assert cache.get(KEY) == "kept"
    settings.SECRET_KEY_FALLBACKS = []
    assert cache.get(KEY) is None


def test_portals_that_share_a_redis_count_apart(settings: Settings) -> None:
    cache.set(KEY, "mine", 10)
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": "other-portal:"}}
    assert cache.get(KEY) is None
