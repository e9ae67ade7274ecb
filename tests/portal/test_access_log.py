"""Links that let somebody in stand in no log, however they are asked for."""

import logging
from typing import Any

import pytest
from django.conf import settings

from portal.core.logging.access_log import LinkFilter, without_links

TOKEN = "s3cr3t-_x"


@pytest.mark.parametrize(
    ("line", "logged"),
    [
        (f"GET /accounts/invitation/{TOKEN}/?a=1 HTTP/1.1", "GET /accounts/invitation/*** HTTP/1.1"),
        (f"HEAD /accounts/invitation/{TOKEN} HTTP/1.1", "HEAD /accounts/invitation/*** HTTP/1.1"),
        (
            f"OPTIONS /accounts/password/reset/key/{TOKEN}/ HTTP/1.0",
            "OPTIONS /accounts/password/reset/key/*** HTTP/1.0",
        ),
        (f"GET /ACCOUNTS//Invitation//{TOKEN}/ HTTP/1.1", "GET /ACCOUNTS//Invitation//*** HTTP/1.1"),
        (f"GET /accounts/%69nvitation/{TOKEN}/ HTTP/1.1", "GET /accounts/invitation/*** HTTP/1.1"),
        (f"GET /accounts/invitation%2F{TOKEN} HTTP/1.1", "GET /accounts/invitation/*** HTTP/1.1"),
        (f"GET /accounts/%2569nvitation/{TOKEN} HTTP/1.1", "GET /accounts/invitation/*** HTTP/1.1"),
        (f"GET /accounts/%69nvitation/%20{TOKEN} HTTP/1.1", "GET /accounts/invitation/*** HTTP/1.1"),
        (f"GET /accounts/invitation/{TOKEN}/%0a/and/more HTTP/1.1", "GET /accounts/invitation/*** HTTP/1.1"),
        (f"GET /accounts/./invitation/./{TOKEN} HTTP/1.1", "GET /accounts/./invitation/./*** HTTP/1.1"),
        (f"GET /%{'25' * 9}69nvitation/{TOKEN} HTTP/1.1", "(an address that is encoded many times over)"),
        (
            f"https://portal.example.com/accounts/invitation/{TOKEN}/",
            "https://portal.example.com/accounts/invitation/***",
        ),
        (
            f"Method Not Allowed (PUT): /accounts/invitation/{TOKEN}/",
            "Method Not Allowed (PUT): /accounts/invitation/***",
        ),
        (f"Not Found: /accounts/password/reset/key/{TOKEN}/x", "Not Found: /accounts/password/reset/key/***"),
    ],
)
def test_the_secret_part_of_a_link_is_cut(line: str, logged: str) -> None:
    assert without_links(line) == logged


@pytest.mark.parametrize(
    "line",
    [
        "GET /accounts/invitation/ HTTP/1.1",
        "GET /accounts/invitation/?next=/ HTTP/1.1",
        "GET /accounts/password/reset/ HTTP/1.1",
        "GET /history/?q=50%25 HTTP/1.1",
        "sent an invitation to a person",
    ],
)
def test_other_lines_stay_as_they_are(line: str) -> None:
    assert without_links(line) == line


def test_a_long_line_of_layers_is_cut_at_once() -> None:
    assert without_links("%" + "25" * 4_000) == "(an address that is encoded many times over)"


def test_every_log_line_of_the_portal_passes_the_filter() -> None:
    logging_settings: Any = settings.LOGGING
    assert "links" in logging_settings["handlers"]["console"]["filters"]
    record = logging.LogRecord(
        "django.request", logging.WARNING, "", 0, "Not Found: %s", (f"/accounts/invitation/{TOKEN}/",), None
    )
    assert LinkFilter().filter(record)
    assert record.getMessage() == "Not Found: /accounts/invitation/***"
