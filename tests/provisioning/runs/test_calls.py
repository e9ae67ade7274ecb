"""All requests of a step have a page, to which the run page leads when it shows the newest alone."""

from typing import Any
from uuid import uuid4

from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.http_client.models import Call
from portal.http_client.presenters import LONGEST_TEXT, MOST_SHOWN
from provisioning.models import SetupStep
from tests.provisioning.kaleyra import Visitor
from tests.support.pages import pages


def sent(step: SetupStep, how_many: int, **fields: object) -> list[Call]:
    facts: dict[str, Any] = {
        "destination": "nexus",
        "purpose": "create SMS",
        "method": "POST",
        "url": "http://127.0.0.1:9/",
    }
    facts |= {"sent_at": timezone.now(), "subject_id": step.pk, "tenant_id": step.setup.tenant_id, "status": 500}
    return Call.objects.bulk_create([Call(**(facts | fields)) for _ in range(how_many)])


def opened(client: Client, url: str) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def test_the_run_page_shows_the_newest_and_leads_to_all(onlooker: Visitor) -> None:
    step = onlooker.setup.steps.all()[0]
    calls = sent(step, 2 * MOST_SHOWN + 3)
    page = opened(onlooker.client, reverse("setup", args=[onlooker.setup.pk]))
    assert [part["id"] for part in page.select("details.fold")] == [f"call-{call.pk}" for call in calls[-MOST_SHOWN:]]
    assert f"Attempt {MOST_SHOWN + 4}" in page.get_text()
    [link] = [link for link in page.select("main a") if "earlier request" in link.get_text()]
    assert link.get_text() == f"{MOST_SHOWN + 3} earlier requests"
    shown = [part["id"] for page in pages(onlooker.client, str(link["href"])) for part in page.select("details.fold")]
    assert shown == [f"call-{call.pk}" for call in reversed(calls)]


def test_a_long_answer_is_whole_on_the_page_of_its_request(onlooker: Visitor) -> None:
    step = onlooker.setup.steps.all()[0]
    sent(step, 1, answer_body="x" * LONGEST_TEXT + "the end")
    page = opened(onlooker.client, reverse("setup", args=[onlooker.setup.pk]))
    assert "the end" not in page.get_text()
    [link] = [link for link in page.select("main a") if "See all of this request" in link.get_text()]
    assert "the end" in opened(onlooker.client, str(link["href"])).get_text()


def test_what_is_not_there_is_not_found(onlooker: Visitor) -> None:
    step = onlooker.setup.steps.all()[0]
    sent(step, 1)
    url = reverse("calls", args=[onlooker.setup.tenant_id, step.pk])
    assert onlooker.client.get(reverse("calls", args=[onlooker.setup.tenant_id, uuid4()])).status_code == 404
    for nonsense in ("x", "-1", "9" * 40, "\N{ARABIC-INDIC DIGIT ONE}"):
        assert onlooker.client.get(url, {"call": nonsense}).status_code == 404
