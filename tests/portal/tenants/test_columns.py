from typing import Any

import pytest
from django.test import Client

from portal.tenants import columns
from portal.tenants.columns import Cell, Column
from portal.tenants.models import Tenant


def fail(_: Any) -> Any:
    raise ZeroDivisionError


def test_a_column_that_fails_says_so_and_the_others_are_read(
    tenant: Tenant, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "_columns", [])
    columns.register(Column("Broken", fail))
    columns.register(Column("Whole", lambda ids: dict.fromkeys(ids, Cell("all is well", "good", "/tenants/"))))
    page = client.get("/tenants/")
    assert page.status_code == 200
    assert "could not be read" in page.text
    assert "all is well" in page.text
