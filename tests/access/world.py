"""Two tenants with one row of everything, all made alike; each of the other tenant's texts holds a word to be found."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from genesys_cloud.models import AccessToken, ConnectionTest
from portal.accounts.actions import (
    add_person,
    disable_person,
    grant_role,
    make_site_administrator,
    make_site_auditor,
    withdraw_role,
)
from portal.accounts.models import Membership, Session, User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import Actor, command_line
from portal.audit.checkpoints import signing
from portal.evidence.models import Anchoring, Pack, PackState, Verification
from portal.http_client.models import Call
from portal.identity.models import LockoutMail, PasswordResetMail
from portal.people.actions import invite
from portal.tenants.actions import add_tenant
from portal.tenants.models import Tenant
from portal.vault.actions import adopt_draft, store_credential
from portal.vault.encryption import decrypt, encrypt
from portal.vault.kinds import Kind
from provisioning.models import (
    KeyRequest,
    KeyState,
    Rehearsal,
    RehearsalState,
    Service,
    ServiceState,
    Setup,
    SetupState,
    SetupStep,
    StepState,
    Tick,
)
from provisioning.runs.actions import start_setup
from provisioning.wizard.actions import begin_setup, save_step
from senders.actions import SenderFacts, add_senders
from senders.models import SenderId
from tests.access.buying import Buyer, set_rate
from tests.access.factors import give_factors
from tests.access.people import Who
from tests.support.cast import PASSWORD, new_member, new_person
from tollfree.requests.actions import answer_request, send_request
from tollfree.requests.models import NumberRequest, RequestKind, RequestState

__all__ = ["PASSWORD", "Rows", "World", "build"]

#: Ids that are numbers have as many digits, so that one can be told from any other number on a page.
DIGITS = 15

NOWHERE = "http://127.0.0.1:9"
ORG = "47d8329d-1c28-4c86-9374-559cf8bd2a1d"
CLIENT = "4da40a9d-b113-4024-8ba9-c9dd89c91f67"


@dataclass(frozen=True)
class Rows:
    """One tenant's rows by kind: `ids` are replaced by absent ones, `words` (a version, an address) stay."""

    marker: str
    ids: Mapping[str, str]
    words: Mapping[str, str]

    def fill(self, template: str) -> str:
        """Put the rows into a text."""
        return template.format(**self.ids, **self.words)

    def absent(self) -> "Rows":
        """The same kinds, with ids that do not exist."""
        return Rows("", {kind: _like(value) for kind, value in self.ids.items()}, self.words)


@dataclass(frozen=True)
class World:
    """Ours, theirs, and the people before the door."""

    ours: Rows
    theirs: Rows
    people: Mapping[Who, User | None]


def build() -> World:
    """Make both tenants and everybody."""
    set_rate()
    ours, theirs = _Maker("mrkours", "18445550"), _Maker("mrktheirs", "18335550")
    roles = {Who.REPRESENTATIVE: Role.REPRESENTATIVE, Who.AUDITOR: Role.AUDITOR}
    ended = {Who.DISABLED: Role.ADMINISTRATOR, Who.REMOVED: Role.ADMINISTRATOR}
    people: dict[Who, User | None] = {
        Who.ANONYMOUS: None,
        Who.ADMINISTRATOR: ours.administrator,
        Who.OUTSIDER: theirs.administrator,
        Who.SITE: new_person("site", site_administrator=True),
        Who.SITE_AUDITOR: make_site_auditor(command_line(), new_person("siteauditor"), reason="audits the site"),
        **{who: ours.member(who.name.lower(), role) for who, role in (roles | ended).items()},
    }
    _end_some(people)
    world = World(ours.rows(), theirs.rows(), people)
    _prove()
    return world


def _prove() -> None:
    """Sign the history as it stands now, in the checkpoint 1, as if it had been verified and brought outside too."""
    signing.make()
    now = timezone.now()
    Verification.objects.create(started_at=now, finished_at=now, events=1)
    Anchoring.objects.create(at=now)


def _like(value: str) -> str:
    """An id of the same kind that nothing has."""
    return _number() if value.isdigit() else str(uuid.uuid4())


def _number() -> str:
    return str(10 ** (DIGITS - 1) + secrets.randbelow(9 * 10 ** (DIGITS - 1)))


def sign_in(client: Client, user: User) -> None:
    """Sign in, and prove once more who it is, as the pages of second factors ask for."""
    client.force_login(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def _end_some(people: Mapping[Who, User | None]) -> None:
    """Disable the disabled and remove the removed."""
    disabled, removed = people[Who.DISABLED], people[Who.REMOVED]
    assert disabled is not None
    assert removed is not None
    disable_person(command_line(), disabled, reason="left")
    for membership in removed.memberships.all():
        withdraw_role(command_line(), membership, reason="moved")


def _renumbered(row: Authenticator | Call | Membership) -> str:
    """Give a row whose id counts from one an id that no other number on a page is."""
    number = _number()
    type(row).objects.filter(pk=row.pk).update(id=number)
    return number


class _Maker:
    """Makes one tenant's rows; each text holds the marker, each toll-free number begins with `prefix`."""

    def __init__(self, marker: str, prefix: str) -> None:
        self.marker = marker
        self.tenant, self.branch = self._tenant("centre"), self._tenant("branch")
        self.buyer = Buyer(self.tenant, marker, prefix)
        self.administrator = self.member(f"{marker}-ada", Role.ADMINISTRATOR)
        self.actor: Actor = person(self.administrator)

    def member(self, name: str, role: Role) -> User:
        """Somebody with this role in both of the maker's tenants."""
        user = new_member(name, self.tenant, role)
        grant_role(command_line(), user=user, tenant_id=self.branch.pk, role=role)
        return user

    def rows(self) -> Rows:
        """Make one row of everything."""
        gateway, cloud = self._gateway_draft(), self._cloud_draft()
        done, failed = self._done(self.tenant), self._failed()
        Setup.objects.filter(tenant=self.tenant, state=SetupState.DRAFT).update(replaces_active_option=True)
        live = self._cloud_done(cloud)
        self._bystanders(gateway)
        passkey = give_factors(self.administrator, self.marker)
        membership = Membership.objects.get(user=self.administrator, tenant=self.tenant)
        invitation, token = invite(
            command_line(), email=f"{self.marker}-guest@example.com", tenant=self.tenant, role=Role.AUDITOR
        )
        made = {
            "tenant": self.tenant,
            "branch": self.branch,
            "draft": gateway,
            "cloud": cloud,
            "done": done,
            "failed": failed,
            "service": self._service(live),
            "step": done.steps.all()[0],
            "sender": self._sender(),
            "request": self._request(),
            "question": self._question(),
            "person": self.administrator,
            "left": self._left(),
            "invitation": invitation,
            "pack": self._pack(),
            **self.buyer.rows(),
        }
        ids = {kind: str(row.pk) for kind, row in made.items()}
        ids |= {"call": _renumbered(Call.objects.filter(subject_id=ids["step"]).get())}
        ids |= {"passkey": _renumbered(passkey), "membership": _renumbered(membership)}
        ids |= {"ccid": str(self.tenant.ccid), "session": str(self._session().handle)}
        words = {
            "token": token,
            "owned_number": self.buyer.number,
            "free_number": self.buyer.free,
            "checkpoint": "1",
            "url": self.tenant.nexus_url,
            "version": str(Setup.objects.get(pk=gateway.pk).version),
            "version_cloud": str(Setup.objects.get(pk=cloud.pk).version),
        }
        return Rows(self.marker, ids, words)

    def _left(self) -> User:
        """A site administrator who was disabled."""
        user = add_person(command_line(), email=f"{self.marker}-left@example.com", password=PASSWORD)
        disable_person(command_line(), user, reason="left")
        make_site_auditor(command_line(), user, reason="once was")
        return make_site_administrator(command_line(), user, reason="once was")

    def _session(self) -> Session:
        """One of the administrator's, in another browser; made last, since a new role ends all."""
        return Session.objects.create(
            session_key=f"{self.marker}session",
            user=self.administrator,
            expire_date=timezone.now() + timedelta(hours=1),
            address="192.0.2.7",
            user_agent=f"Firefox/{self.marker}",
        )

    def _tenant(self, kind: str) -> Tenant:
        return add_tenant(
            command_line(),
            name=f"{self.marker} {kind}",
            ccid=uuid.uuid4(),
            nexus_url=f"{NOWHERE}/{self.marker}",
            nexus_api_key=f"{self.marker}-api-key",
        )

    def _facts(self, tenant: Tenant) -> dict[str, str]:
        return {"ccid": str(tenant.ccid), "nexusURL": tenant.nexus_url, "apiKey": ""}

    def _save(self, setup: Setup, answers: Mapping[str, Mapping[str, str]]) -> Setup:
        for key, values in answers.items():
            setup = save_step(self.actor, setup, key, values, setup.version)
        return setup

    def _gateway_draft(self) -> Setup:
        gateway = {
            "asyncPhoneNumber": "16504661150",
            "asyncWebhookURL": f"{NOWHERE}/{self.marker}",
            "asyncAPISignatureKey": f"{self.marker}-signs",
            "asyncWebhookSignatureKey": f"{self.marker}-signs-too",
            "asyncEmailDomain": f"{self.marker}.example.com",
        }
        setup = begin_setup(self.actor, self.tenant, "custom_gateway")
        answers = {"prerequisites": self._facts(self.tenant), "gateway": gateway}
        return self._save(setup, answers | {"headers": {"headers": f"x-one = {self.marker}"}})

    def _cloud_draft(self) -> Setup:
        organisation = {
            "orgId": ORG,
            "region": "custom",
            "gcLoginURL": f"{NOWHERE}/{self.marker}/login",
            "gcAPIURL": f"{NOWHERE}/{self.marker}/api",
            "orgUsername": self.marker,
            "orgPassword": f"{self.marker}-password",
        }
        setup = begin_setup(self.actor, self.tenant, "genesys_cloud")
        credentials = {"clientId": CLIENT, "clientSecret": f"{self.marker}-secret"}
        answers = {"prerequisites": self._facts(self.tenant), "organisation": organisation, "checklist": {}}
        return self._save(setup, answers | {"credentials": credentials})

    def _started(self, tenant: Tenant) -> Setup:
        account = {"kaleyraURL": f"{NOWHERE}/{self.marker}"}
        account |= {name: f"{self.marker}-{name}" for name in ("kaleyraUserName", "kaleyraPassword")}
        setup = begin_setup(self.actor, tenant, "kaleyra")
        answers = {"prerequisites": self._facts(tenant), "account": account, "sender": {"tfn": "16504661140"}}
        setup = start_setup(self.actor, self._save(setup, answers))
        setup.steps.update(attempts=1, sentence=f"Nobody answered at {self.marker}.", state=StepState.CREATED)
        for step in setup.steps.all():
            self._call(tenant, step.pk)
        return setup

    def _done(self, tenant: Tenant) -> Setup:
        setup = self._started(tenant)
        Setup.objects.filter(pk=setup.pk).update(state=SetupState.SUCCEEDED, sentence=f"{self.marker} is done.")
        return setup

    def _cloud_done(self, draft: Setup) -> Setup:
        """Let the tenant have a client of Genesys Cloud, without which there are no orders."""
        adopt_draft(self.actor, self.tenant.pk, str(draft.pk))
        facts = {"tenant": self.tenant, "option": draft.option, "state": SetupState.SUCCEEDED}
        done = Setup(**facts, finished_at=timezone.now())
        done.answers = encrypt(decrypt(draft.answers or b"", draft.answers_place()), done.answers_place())
        done.save(force_insert=True)
        sent = {"state": StepState.CREATED, "attempts": 1, "finished_at": timezone.now()}
        SetupStep.objects.create(setup=done, position=1, service="SMS", **sent)
        return done

    def _pack(self) -> Pack:
        """One of the administrator's, whose file is not kept any more."""
        return Pack.objects.create(
            asked_by_id=self.administrator.pk,
            asked_by_label=self.administrator.email,
            chains=[str(self.tenant.pk)],
            state=PackState.DONE,
        )

    def _failed(self) -> Setup:
        setup = self._started(self.branch)
        Setup.objects.filter(pk=setup.pk).update(state=SetupState.FAILED, sentence=f"{self.marker} did not answer.")
        setup.steps.filter(position=0).update(state=StepState.FAILED)
        return setup

    def _call(self, tenant: Tenant, subject: uuid.UUID) -> None:
        Call.objects.create(
            tenant_id=tenant.pk,
            subject_id=subject,
            destination="nexus",
            purpose=f"create {self.marker}",
            method="POST",
            url=f"{NOWHERE}/{self.marker}",
            request_body=self.marker,
            answer_body=self.marker,
            status=500,
            sent_at=timezone.now(),
            finished_at=timezone.now(),
            correlation_id=self.marker,
        )

    def _service(self, live: Setup) -> Service:
        body = {"body": {"service": "SMS", "note": self.marker}}
        return Service.objects.create(
            tenant=self.tenant,
            name="SMS",
            state=ServiceState.DIFFERS,
            setup=live,
            since=timezone.now(),
            sent=body,
            wanted={"body": {"service": "SMS", "note": f"{self.marker} wanted"}},
            check_tone="warning",
            check_sentence=f"{self.marker} could not be read.",
        )

    def _sender(self) -> SenderId:
        facts = SenderFacts("16504661149", section=f"SMS_{self.marker}", endpoint=self.marker)
        sender = add_senders(self.actor, self.tenant.pk, [facts])[0]
        sender.observed = {"endpoint": f"chat.{self.marker}"}
        sender.save()
        return sender

    def _request(self) -> NumberRequest:
        """One that waits for its answer; another one was answered."""
        answered, waiting = (
            send_request(
                self.actor,
                self.tenant,
                kind=RequestKind.EXISTING_NUMBER,
                number=number,
                note=f"{self.marker} wants it.",
            )
            for number in ("16504661140", "16504661149")
        )
        answer_request(command_line(), answered, state=RequestState.DECLINED, answer=f"{self.marker} may not.")
        return waiting

    def _question(self) -> NumberRequest:
        """One of which the representative still needs something."""
        asked = send_request(self.actor, self.tenant, kind=RequestKind.TOLL_FREE, note=f"{self.marker} needs one.")
        return answer_request(command_line(), asked, state=RequestState.ANSWERED, answer=f"Which {self.marker}?")

    def _bystanders(self, gateway: Setup) -> None:
        """Rows that no URL names, and that must not leak all the same."""
        Rehearsal.objects.create(
            setup=gateway,
            state=RehearsalState.DONE,
            asked_by_label=self.administrator.email,
            grades=[{"title": self.marker, "tone": "good", "sentence": f"{self.marker} answered."}],
        )
        KeyRequest.objects.create(
            tenant=self.tenant,
            setup=gateway,
            number=1,
            state=KeyState.FAILED,
            asked_by_label=self.administrator.email,
            sentence=f"{self.marker} did not answer.",
        )
        LockoutMail.objects.create(person_id=self.administrator.pk, locked_at=timezone.now(), told_at=timezone.now())
        PasswordResetMail.objects.create(address=self.administrator.email, asked_at=timezone.now())
        Tick.objects.create(tenant=self.tenant, key=f"genesys_cloud.{self.marker}", by_label=self.administrator.email)
        store_credential(self.actor, self.tenant.pk, Kind.CLUSTER_API_KEY, f"{self.marker}-cluster")
        place = {"tenant": self.tenant, "login_url": f"{NOWHERE}/{self.marker}", "client_id": CLIENT}
        AccessToken.objects.create(**place, failure=f"{self.marker} refused it.")
        ConnectionTest.objects.create(
            **place,
            api_url=f"{NOWHERE}/{self.marker}",
            at=timezone.now(),
            by_label=self.administrator.email,
            ok=False,
            sentence=f"{self.marker} did not answer.",
        )
