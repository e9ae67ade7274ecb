"""Each page of the sender IDs answers, and says what was done."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.tenants.models import Tenant
from senders.csv_import import mark
from senders.models import SenderId, SenderState

pytestmark = pytest.mark.django_db

FACTS = {
    "number": "+1 650 466 1149",
    "section": "chat.SMS_Main_Corporate",
    "endpoint": "MainRouting",
    "provider": "mGage",
    "agents_answer": "on",
}


def test_add_paste_compare_and_tick_off(
    client_of: Callable[[User], Client], administrator: User, tenant: Tenant
) -> None:
    client = client_of(administrator)
    page = client.post(reverse("senders:add", args=[tenant.pk]), FACTS, follow=True)
    sender = SenderId.objects.get()
    assert (sender.number, sender.section, sender.state) == ("16504661149", "SMS_Main_Corporate", SenderState.READY)
    block = client.get(reverse("senders:block", args=[sender.pk])).content.decode()
    assert "[chat.SMS_Main_Corporate]\nchannelId = 16504661149\nchannelType = sms\n" in block
    assert block.splitlines()[0] in page.content.decode()
    wrong = block.replace("endpoint = chat.", "endpoint = ")
    compared = client.post(reverse("senders:page", args=[sender.pk]), {"block": wrong})
    assert "Another value" in client.get(compared["Location"]).content.decode()
    sender.refresh_from_db()
    assert sender.state == SenderState.DIFFERS
    assert "does not begin with chat." in client.get(reverse("senders:list", args=[tenant.pk])).content.decode()
    client.post(reverse("senders:page", args=[sender.pk]), {"block": block})
    client.post(reverse("senders:tick", args=[sender.pk]))
    sender.refresh_from_db()
    assert (sender.state, sender.done_by_label) == (SenderState.DONE, administrator.email)


def test_many_at_once_are_checked_before_anything_is_written(
    client_of: Callable[[User], Client], administrator: User, tenant: Tenant
) -> None:
    client = client_of(administrator)
    url = reverse("senders:bulk", args=[tenant.pk])
    rows = "number,section,endpoint,cxcOnly\n12345,Support,Main,false\n999,No Good,,maybe\n12345,Other,Main,"
    page = client.post(url, {"rows": rows}).content.decode()
    assert SenderId.objects.count() == 0
    assert "stands in line 2 already" in page
    assert "cxcOnly is true or false." in page
    client.post(url, {"rows": rows, "save": mark(rows)})
    assert [sender.number for sender in SenderId.objects.all()] == ["12345"]
