import pytest
from django.urls import reverse

from portal.devtools.sandbox.control import Control
from provisioning.models import Setup
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import Visitor


def page_of(visitor: Visitor) -> str:
    """The tenant's page."""
    return visitor.client.get(reverse("tenant", args=[visitor.setup.tenant_id])).content.decode()


def test_an_untouched_tenant_offers_a_set_up(visitor: Visitor) -> None:
    Setup.objects.update(state="discarded")
    page = page_of(visitor)
    assert "Set up SMS" in page
    assert "Set up SMS again" not in page


def test_a_draft_offers_to_go_on(visitor: Visitor) -> None:
    assert "Go on with the set-up" in page_of(visitor)


@pytest.mark.parametrize("state", ["queued", "running", "failed"])
def test_an_unfinished_run_offers_no_second_one(onlooker: Visitor, state: str) -> None:
    Setup.objects.update(state=state)
    page = page_of(onlooker)
    assert "Set up SMS" not in page
    assert reverse("setup", args=[onlooker.setup.pk]) in page


def test_a_finished_one_shows_its_services_and_offers_another(onlooker: Visitor, sandbox: Control) -> None:
    kaleyra.run(onlooker.setup)
    page = page_of(onlooker)
    assert "mGageSMS" in page
    assert "+1 650 466 1140" in page
    assert "Set up SMS again" in page
