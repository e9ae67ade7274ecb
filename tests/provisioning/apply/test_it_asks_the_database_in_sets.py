from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from provisioning.bulk.importer import PORTION
from tests.provisioning.apply.conftest import ACME, Apply, file_of


def many(count: int) -> str:
    """A file of so many tenants."""
    ccid = "45acae06-6b7c-4f97-9c76-471cb5c21bf7"
    return file_of(*(ACME.replace(ccid, str(UUID(int=number + 1))) for number in range(count)))


def queries(apply: Apply, text: str, *arguments: str) -> int:
    """How many statements a run takes."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        apply(text, *arguments)
    return len(captured)


@pytest.mark.databases
def test_a_portion_that_stands_already_takes_no_more_queries_than_one_tenant(apply: Apply) -> None:
    apply(many(PORTION))
    one, all_of_them = queries(apply, many(1)), queries(apply, many(PORTION))
    assert all_of_them == one


def test_adding_a_portion_takes_no_more_queries_than_adding_one(apply: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.core.tasks.publish._relay_put", lambda _: None)
    one = queries(apply, many(1), "--wait", "0")
    all_of_them = queries(apply, many(PORTION), "--wait", "0")
    assert all_of_them <= one + 12  # long statements are broken up
