from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from portal.accounts.models import User
from portal.operations import gauges
from portal.operations.models import Heartbeat

pytestmark = pytest.mark.usefixtures("first_gauge_fails")


def test_a_gauge_that_fails_leaves_the_others_their_numbers() -> None:
    assert [(each.gauge.name, each.value, each.failed) for each in gauges.readings()] == [
        ("broken", None, True),
        ("whole", 7.0, False),
    ]


def test_the_page_names_the_one_and_shows_the_other(
    site_administrator: User, client_of: Callable[[User], Client]
) -> None:
    page = client_of(site_administrator).get("/operations/").text
    assert "could not be read; the portal&#x27;s log says why" in page or "could not be read; the portal's log" in page
    assert "7" in page[page.index("Whole ones") :][:200]


@pytest.mark.django_db
def test_the_metrics_leave_the_one_out_and_hold_the_other(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "scraper"
    Heartbeat.objects.all().delete()  # of workers that earlier tests left running
    text = client.get("/metrics", headers={"Authorization": "Bearer scraper"}).text
    assert "portal_whole 7\n" in text
    assert "portal_broken" not in text
    assert "portal_workers 0\n" in text
