"""A request reaches somebody, and a question of the representative comes back to who asked."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from portal.accounts.models import Membership, User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import Actor
from portal.audit.event_lookup import fields
from portal.audit.models import Event
from portal.notifications.mailing import tell
from portal.notifications.models import OutboxMessage
from portal.notifications.pending import counts
from portal.tenants.models import Tenant
from tests.provisioning.kaleyra import verbs
from tests.support.cast import new_member
from tests.support.wake_ups import heard
from tollfree.requests.actions import answer_request, reply_to_request, send_request
from tollfree.requests.models import NumberRequest, RequestKind, RequestState

SignIn = Callable[[User], Client]
NOBODY = "Nobody has this request yet"
WAITS = "/waits/"


@pytest.fixture(autouse=True)
def _heard(monkeypatch: pytest.MonkeyPatch) -> None:
    heard(monkeypatch)


@pytest.fixture
def asked(actor: Actor, tenant: Tenant) -> NumberRequest:
    """An open request for a toll-free number."""
    return send_request(actor, tenant, kind=RequestKind.TOLL_FREE, note="A hotline for Dublin.")


@pytest.fixture
def question(asked: NumberRequest, representative: User) -> NumberRequest:
    """Of which the representative still needs something."""
    return answer_request(person(representative), asked, state=RequestState.ANSWERED, answer="Which site?")


def written_to() -> list[str]:
    """Whom the e-mails go to that are due now."""
    sent: list[EmailMessage] = mail.outbox
    before = len(sent)
    for pk in OutboxMessage.objects.filter(over_at=None).order_by("pk").values_list("pk", flat=True):
        tell(pk)
    return sorted(address for each in sent[before:] for address in each.to)


def page_of(asked: NumberRequest, client: Client) -> str:
    return client.get(reverse("tollfree:request", args=[asked.pk])).text


def test_a_tenant_without_a_representative_is_told_so_and_offered_to_add_one(
    tenant: Tenant, administrator: User, site_administrator: User, client_of: SignIn
) -> None:
    admin, site = client_of(administrator), client_of(site_administrator)
    form = reverse("tollfree:ask", args=[tenant.pk])
    assert NOBODY in admin.get(form).text
    sent = admin.post(form, {"kind": "toll_free", "note": "A hotline."}, follow=True).text
    assert "The request is kept, but nobody has it yet: this tenant has no representative." in sent
    assert "The request is in the representative" not in sent
    asked = NumberRequest.objects.get()
    assert NOBODY in page_of(asked, admin)
    assert "Ask an administrator of the site to add one" in page_of(asked, admin)
    assert reverse("people:invite") not in page_of(asked, admin)
    assert reverse("people:invite") in page_of(asked, site)
    assert written_to() == []


def test_it_waits_for_who_may_add_a_representative_until_there_is_one(
    asked: NumberRequest, tenant: Tenant, administrator: User, site_administrator: User, client_of: SignIn
) -> None:
    assert [counts(user)["unheard_request"] for user in (administrator, site_administrator)] == [0, 1]
    assert "the tenant has no Genesys representative" in client_of(site_administrator).get(WAITS).text
    representative = new_member("rep", tenant, Role.REPRESENTATIVE)
    assert counts(site_administrator)["unheard_request"] == 0
    assert counts(representative)["request"] == 1
    assert NOBODY not in page_of(asked, client_of(administrator))


@pytest.mark.parametrize("how", ["disabled", "elsewhere", "withdrawn"])
def test_a_representative_who_cannot_come_is_none(
    how: str, asked: NumberRequest, representative: User, administrator: User, client_of: SignIn
) -> None:
    assert NOBODY not in page_of(asked, client_of(administrator))
    if how == "disabled":
        User.objects.filter(pk=representative.pk).update(is_active=False)
    elif how == "withdrawn":
        Membership.objects.filter(user=representative).delete()
    else:
        other = Tenant.objects.create(name="Other", ccid="00000000-0000-4000-8000-00000000000a", nexus_url="http://x.y")
        Membership.objects.filter(user=representative).update(tenant=other)
    assert NOBODY in page_of(asked, client_of(administrator))


def test_a_question_comes_back_to_the_administrators_and_the_reply_to_the_representative(
    question: NumberRequest, administrator: User, representative: User, outsider: User, client_of: SignIn
) -> None:
    admin, rep = client_of(administrator), client_of(representative)
    assert [counts(user)["question"] for user in (administrator, representative, outsider)] == [1, 0, 0]
    assert counts(representative)["request"] == 0
    assert written_to() == [administrator.email]
    assert "still needs something" in admin.get(WAITS).text
    listed = admin.get(reverse("tollfree:requests")).text
    entry = listed[listed.index(f'href="{reverse("tollfree:requests")}"') :]
    assert ">1<" in entry[: entry.index("</a>")]

    url = reverse("tollfree:reply", args=[question.pk])
    assert url in page_of(question, admin)
    assert "optional" not in page_of(question, admin)  # there is nothing to send without a reply
    assert url not in page_of(question, rep)
    assert "Write what the representative asked for." in admin.post(url, {"reply": "  "}).text
    sent = admin.post(url, {"reply": "The one in Dublin."}, follow=True)
    assert "The reply is in the representative&#x27;s inbox." in sent.text
    question.refresh_from_db()
    assert question.state == "open"
    assert [counts(user)["question"] for user in (administrator, representative)] == [0, 0]
    assert counts(representative)["request"] == 1
    assert written_to() == [representative.email]
    assert "The one in Dublin." in page_of(question, rep)
    assert "Which site?" in page_of(question, rep)
    assert [verb for verb in verbs(question.tenant) if verb.startswith("request.")] == [
        "request.sent", "request.answered", "request.replied",
    ]  # fmt: skip
    last = fields(Event.objects.filter(chain=str(question.tenant_id)).latest("seq"))
    assert last["changes"] == {"state": ["answered", "open"], "reply": [None, "The one in Dublin."]}


def test_a_reply_that_nobody_has_is_told_so(
    question: NumberRequest, administrator: User, representative: User, client_of: SignIn
) -> None:
    Membership.objects.filter(user=representative).delete()
    url = reverse("tollfree:reply", args=[question.pk])
    sent = client_of(administrator).post(url, {"reply": "The one in Dublin."}, follow=True).text
    assert "The reply is kept, but nobody has it yet: this tenant has no representative." in sent
    assert "The reply is in the representative" not in sent


def test_a_second_question_and_reply_take_the_place_of_the_first(
    question: NumberRequest, actor: Actor, representative: User
) -> None:
    replied = reply_to_request(actor, question, reply="Dublin.")
    again = answer_request(person(representative), replied, state=RequestState.ANSWERED, answer="Which street?")
    assert reply_to_request(actor, again, reply="Dame Street.").reply == "Dame Street."
    last = fields(Event.objects.filter(chain=str(question.tenant_id)).latest("seq"))
    assert last["changes"]["reply"] == ["Dublin.", "Dame Street."]


def test_only_a_question_is_replied_to_and_only_by_who_asks(
    asked: NumberRequest, actor: Actor, representative: User, administrator: User, client_of: SignIn
) -> None:
    with pytest.raises(ValidationError, match="not answered it yet"):
        reply_to_request(actor, asked, reply="Dublin.")
    page = client_of(administrator).post(reverse("tollfree:reply", args=[asked.pk]), {"reply": "Dublin."}, follow=True)
    assert "It does not wait for a reply." in page.text
    answer_request(person(representative), asked, state=RequestState.ANSWERED, answer="Which site?")
    with pytest.raises(PermissionDenied):
        reply_to_request(person(representative), asked, reply="Dublin.")
    answer_request(person(representative), asked, state=RequestState.DONE, answer="Here it is.")
    with pytest.raises(ValidationError, match="done already"):
        reply_to_request(actor, asked, reply="Dublin.")


def test_a_reply_while_the_same_is_open_anew_is_a_sentence(
    question: NumberRequest, actor: Actor, tenant: Tenant
) -> None:
    send_request(actor, tenant, kind=RequestKind.TOLL_FREE, note="Again.")
    with pytest.raises(ValidationError, match="asked anew meanwhile"):
        reply_to_request(actor, question, reply="Dublin.")
    question.refresh_from_db()
    assert (question.state, question.reply) == ("answered", "")


@pytest.mark.parametrize(("typed", "kept"), [("", ""), ("(844) 555-1212", "18445551212")])
def test_a_toll_free_number_may_be_asked_for_with_or_without_the_one_wished_for(  # noqa: PLR0917 - the parts
    typed: str, kept: str, tenant: Tenant, administrator: User, representative: User, client_of: SignIn
) -> None:
    admin = client_of(administrator)
    form = reverse("tollfree:ask", args=[tenant.pk])
    assert f"{form}?kind=toll_free" in admin.get(reverse("numbers:list", args=[tenant.pk])).text
    assert '<option value="toll_free" selected>' in admin.get(f"{form}?kind=toll_free").text
    sent = admin.post(form, {"kind": "toll_free", "number": typed, "note": "A hotline."}, follow=True)
    assert "The request is in the representative&#x27;s inbox." in sent.text
    assert NumberRequest.objects.get().number == kept
    assert reverse("numbers:list", args=[tenant.pk]) in page_of(NumberRequest.objects.get(), client_of(representative))


@pytest.mark.parametrize("typed", ["67890", "650 466 1140"])
def test_a_wish_that_is_not_toll_free_is_told_at_its_field(actor: Actor, tenant: Tenant, typed: str) -> None:
    with pytest.raises(ValidationError, match="no toll-free number"):
        send_request(actor, tenant, kind=RequestKind.TOLL_FREE, number=typed)
