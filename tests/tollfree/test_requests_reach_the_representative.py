from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor, command_line
from portal.audit.event_lookup import fields
from portal.audit.models import Event
from portal.notifications.pending import counts
from portal.tenants.actions import archive_tenant
from portal.tenants.models import Tenant
from tests.provisioning.kaleyra import verbs
from tollfree.requests.actions import answer_request, send_request, withdraw_request
from tollfree.requests.models import NumberRequest, RequestKind, RequestState

SignIn = Callable[[User], Client]
ANSWER = "Organisation 47d8329d-1c28-4c86-9374-559cf8bd2a1d, eu-west-1."


def open_count(user: User) -> int:
    """What the badge tells this person."""
    return counts(user)["request"]


@pytest.fixture
def asked(actor: Actor, tenant: Tenant) -> NumberRequest:
    """An open request for an organisation."""
    return send_request(actor, tenant, kind=RequestKind.ORGANISATION, note="For the Dublin site.")


def told(asked: NumberRequest) -> list[str]:
    """What the history says of requests."""
    return [verb for verb in verbs(asked.tenant) if verb.startswith("request.")]


def test_from_the_form_to_the_inbox_to_the_answer(
    tenant: Tenant, administrator: User, representative: User, client_of: SignIn
) -> None:
    admin, rep = client_of(administrator), client_of(representative)
    form = reverse("tollfree:ask", args=[tenant.pk])
    assert '<option value="text_enabling" selected>' in admin.get(f"{form}?kind=text_enabling").content.decode()
    sent = admin.post(form, {"kind": "text_enabling", "number": "+1 (844) 555-1212", "note": "Our hotline."})
    page = sent["Location"]
    inbox = rep.get(reverse("tollfree:requests")).content.decode()
    assert page in inbox
    assert "+1 844 555 1212" in inbox
    assert "Our hotline." in rep.get(page).content.decode()
    assert rep.post(page, {"state": "done", "answer": "Text-enabled."}).status_code == 302
    kept = admin.get(page).content.decode()
    assert "Text-enabled." in kept
    assert "representative@example.com" in kept
    assert page not in rep.get(reverse("tollfree:requests")).content.decode()
    assert page in rep.get(reverse("tollfree:requests") + "?settled=1").content.decode()


def test_the_history_tells_each_turn(asked: NumberRequest, actor: Actor, representative: User) -> None:
    answer_request(person(representative), asked, state=RequestState.ANSWERED, answer="Which site?")
    answer_request(person(representative), asked, state=RequestState.DONE, answer=ANSWER)
    assert told(asked) == ["request.sent", "request.answered", "request.answered"]
    last = fields(Event.objects.filter(chain=str(asked.tenant_id)).latest("seq"))
    assert last["changes"] == {"state": ["answered", "done"], "answer": ["Which site?", ANSWER]}


def test_the_badge_counts_the_open_ones_of_the_persons_own_tenants(
    asked: NumberRequest, representative: User, administrator: User, outsider: User, site_administrator: User
) -> None:
    assert [open_count(user) for user in (representative, administrator, outsider, site_administrator)] == [1, 0, 0, 0]


def test_the_badge_stands_in_the_sidebar(asked: NumberRequest, representative: User, client_of: SignIn) -> None:
    page = client_of(representative).get(reverse("tenants:list")).content.decode()
    entry = page[page.index(f'href="{reverse("tollfree:requests")}"') :]
    assert ">1<" in entry[: entry.index("</a>")]


def test_an_answered_one_leaves_the_badge_and_stays_in_the_inbox(
    asked: NumberRequest, representative: User, client_of: SignIn
) -> None:
    answer_request(person(representative), asked, state=RequestState.ANSWERED, answer="Which site?")
    assert open_count(representative) == 0
    assert str(asked.pk) in client_of(representative).get(reverse("tollfree:requests")).content.decode()


def test_an_answer_that_is_not_done_says_why(asked: NumberRequest, representative: User, client_of: SignIn) -> None:
    url = reverse("tollfree:request", args=[asked.pk])
    page = client_of(representative).post(url, {"state": "declined", "answer": " "})
    assert "Say what is still needed, or why not." in page.content.decode()
    asked.refresh_from_db()
    assert asked.state == "open"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": "existing_number", "number": ""}, "Enter the number that this is about."),
        ({"kind": "text_enabling", "number": "hello"}, "Enter a short code"),
        ({"kind": "text_enabling", "number": "+65 6234 5678"}, "only numbers of North America (+1) are taken"),
        ({"kind": "existing_number", "number": "67890.0"}, "a spreadsheet changed it"),
        ({"kind": "existing_number", "number": "6504661149, 6504661150, 6504661151"}, "More than one number"),
        ({"kind": "organisation", "number": "12345"}, "An organisation has no number: leave this empty."),
        ({"kind": "short_code", "number": "12345"}, "A new short code has no number yet"),
        ({"kind": "a horse", "number": ""}, "Select a valid choice."),
        ({"kind": "short_code", "note": "x" * 4001}, "at most 4000 characters"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(
    tenant: Tenant, administrator: User, client_of: SignIn, values: dict[str, str], sentence: str
) -> None:
    page = client_of(administrator).post(reverse("tollfree:ask", args=[tenant.pk]), values)
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert not NumberRequest.objects.exists()


def test_the_same_is_not_asked_twice_while_it_is_open(asked: NumberRequest, actor: Actor) -> None:
    with pytest.raises(ValidationError, match="The same request is open already"):
        send_request(actor, asked.tenant, kind=RequestKind.ORGANISATION)
    withdraw_request(actor, asked)
    assert send_request(actor, asked.tenant, kind=RequestKind.ORGANISATION).state == "open"


def test_a_withdrawn_one_is_answered_no_more(asked: NumberRequest, actor: Actor, representative: User) -> None:
    withdraw_request(actor, asked)
    withdraw_request(actor, asked)
    with pytest.raises(ValidationError, match="This request is withdrawn already"):
        answer_request(person(representative), asked, state=RequestState.DONE, answer="")
    assert told(asked) == ["request.sent", "request.withdrawn"]


def test_the_button_withdraws(asked: NumberRequest, administrator: User, client_of: SignIn) -> None:
    client_of(administrator).post(reverse("tollfree:withdraw", args=[asked.pk]))
    asked.refresh_from_db()
    assert asked.state == "withdrawn"


def test_an_archived_tenant_asks_no_more(tenant: Tenant, actor: Actor) -> None:
    archive_tenant(command_line(), tenant)
    with pytest.raises(ValidationError, match="was archived"):
        send_request(actor, tenant, kind=RequestKind.SHORT_CODE)


def test_a_note_is_text_and_no_html(actor: Actor, tenant: Tenant, administrator: User, client_of: SignIn) -> None:
    asked = send_request(actor, tenant, kind=RequestKind.SHORT_CODE, note="<script>alert(1)</script>\nline two")
    page = client_of(administrator).get(reverse("tollfree:request", args=[asked.pk])).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>line two" in page


def test_the_tenants_page_shows_them_and_leads_to_a_new_one(
    asked: NumberRequest, administrator: User, auditor: User, client_of: SignIn
) -> None:
    tenant, ask = reverse("tenant", args=[asked.tenant_id]), reverse("tollfree:ask", args=[asked.tenant_id])
    own = client_of(administrator).get(tenant).content.decode()
    assert reverse("tollfree:request", args=[asked.pk]) in own
    assert ask in own
    assert ask not in client_of(auditor).get(tenant).content.decode()
