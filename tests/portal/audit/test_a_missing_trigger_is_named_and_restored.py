from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import SystemCheckError, call_command
from django.db import connection

from portal.audit import triggers

pytestmark = pytest.mark.databases

A_TRIGGER = "audit_event_no_change" if "postgres" in __import__("os").environ.get("TEST_DATABASE", "") else "audit_event_no_update"


def check() -> str:
    try:
        call_command("check", databases=["default"], stdout=StringIO(), stderr=StringIO())
    except SystemCheckError as error:
        return str(error)
    return ""


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)


def on_table() -> str:
    return "" if connection.vendor == "sqlite" else " ON audit_event"


def test_the_check_is_silent_while_all_triggers_stand(db: None) -> None:
    assert check() == ""
