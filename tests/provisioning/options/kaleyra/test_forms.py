"""A URL that is not Nexus' own is shown, kept, sent and exported as it was typed."""

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.bulk.exporter import export
from provisioning.bulk.validation import check
from provisioning.runs.actions import start_setup
from provisioning.wizard.drafts import answers_of
from tests.provisioning import kaleyra
from tests.provisioning.custom_gateway import gateway

URLS = [
    "http://directtext.mgage.com/nexus/v3/",
    "https://directtext.mgage.com/nexus",
    "https://api.kaleyra.example/v1/HX123/messages/",
    "https://API.Kaleyra.example:443/v1?region=eu&sid=%20x",
]


def sent(sandbox: Control) -> str:
    return json.dumps([line["body"] for line in sandbox.ledger()])


@pytest.mark.parametrize("url", URLS)
def test_kaleyras_url_arrives_as_it_was_typed(  # noqa: PLR0917 - the fixtures besides the case
    tenant_at_sandbox: Tenant,
    actor: Actor,
    sandbox: Control,
    administrator: User,
    client_of: Callable[[User], Client],
    url: str,
) -> None:
    draft = kaleyra.complete_draft(actor, tenant_at_sandbox)
    draft = gateway.save(actor, draft, "account", kaleyra.ACCOUNT | {"kaleyraURL": url})
    assert answers_of(draft)["kaleyraURL"] == url
    browser, shown = client_of(administrator), url.replace("&", "&amp;")
    step = browser.get(reverse("setup_step", args=[draft.pk, "account"])).content.decode()
    assert f'value="{shown}"' in step
    review = browser.get(reverse("setup_review", args=[draft.pk])).content.decode()
    assert shown in review
    kaleyra.run(start_setup(actor, draft))
    assert json.dumps(url) in sent(sandbox)
    exported = "".join(export(Tenant.objects.filter(pk=tenant_at_sandbox.pk)))
    assert f"url: {url}\n" in exported
    secrets = dict.fromkeys(("ACME_NEXUS_API_KEY", "ACME_KALEYRA_USERNAME", "ACME_KALEYRA_PASSWORD"), "s")
    [entry], _ = check(exported.encode(), secrets)
    assert entry.all_answers["kaleyraURL"] == url


@pytest.mark.parametrize("url", ["https://webhook.example/nexus/v3/", "https://Hook.example/sms?tenant=a&b=%2F"])
def test_a_webhooks_url_arrives_as_it_was_typed(
    tenant_at_sandbox: Tenant, actor: Actor, sandbox: Control, url: str
) -> None:
    draft = gateway.complete_draft(actor, tenant_at_sandbox, asyncWebhookURL=url)
    assert answers_of(draft)["asyncWebhookURL"] == url
    gateway.run(actor, draft)
    assert json.dumps(url) in sent(sandbox)
    assert f"webhook_url: {url}\n" in "".join(export(Tenant.objects.filter(pk=tenant_at_sandbox.pk)))
