import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.models import Setup
from provisioning.options import OPTIONS
from provisioning.options.kaleyra.option import Kaleyra
from provisioning.runs.actions import start_setup
from provisioning.wizard.actions import begin_setup, save_step
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import Visitor


class Pigeons(Kaleyra):
    """An option of Kaleyra's shape."""

    key = "pigeons"
    title = "Carrier pigeons"


@pytest.fixture(autouse=True)
def _second_option(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another option, of Kaleyra's shape."""
    monkeypatch.setitem(OPTIONS, "pigeons", Pigeons())


def refused(actor: Actor, tenant: Tenant) -> bool:
    """Say whether the second option is refused, in words."""
    with pytest.raises(ValidationError, match=r"Acme is set up with Kaleyra\. One option is active in a tenant"):
        begin_setup(actor, tenant, "pigeons")
    return True


def test_a_running_one_keeps_others_out(queued: Setup, actor: Actor) -> None:
    assert refused(actor, queued.tenant)


def test_a_finished_one_keeps_others_out(queued: Setup, actor: Actor, sandbox: Control) -> None:
    kaleyra.run(queued)
    assert refused(actor, queued.tenant)


def test_a_failed_one_that_created_something_keeps_others_out(queued: Setup, actor: Actor, sandbox: Control) -> None:
    sandbox.fault("unauthorized", match={"path_contains": "mGageSMS"})
    kaleyra.run(queued)
    assert refused(actor, queued.tenant)


def test_a_failed_one_that_created_nothing_does_not(queued: Setup, actor: Actor, sandbox: Control) -> None:
    sandbox.fault("unauthorized")
    kaleyra.run(queued)
    assert begin_setup(actor, queued.tenant, "pigeons").state == "draft"


def test_of_two_drafts_the_first_to_start_wins(draft: Setup, actor: Actor) -> None:
    other = begin_setup(actor, draft.tenant, "pigeons")
    for key, values in kaleyra.answers(draft.tenant).items():
        other = save_step(actor, other, key, values, other.version)
    start_setup(actor, draft)
    with pytest.raises(ValidationError, match="set up with Kaleyra"):
        start_setup(actor, other)


def test_the_page_says_so(queued: Setup, onlooker: Visitor) -> None:
    page = onlooker.client.get(reverse("options", args=[queued.tenant_id])).content.decode()
    assert "Acme is set up with Kaleyra." in page
    begun = onlooker.client.post(reverse("setup_begin", args=[queued.tenant_id, "pigeons"]), follow=True)
    assert "One option is active" in begun.content.decode()
    assert Setup.objects.get() == queued
