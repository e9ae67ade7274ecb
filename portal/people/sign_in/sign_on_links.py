"""Which single sign-on belongs to whom: one function for each verb. A person does this for themselves."""

from hashlib import sha256

from allauth.socialaccount.models import SocialAccount

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.recording import record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.people.sign_in.history import own_account
from portal.people.sign_in.id_tokens import Identity

PROVIDER = "sign_on"


class ConnectedToAnother(Exception):
    """Somebody else signs in with this single sign-on."""


def uid_of(identity: Identity) -> str:
    """Return one text for issuer and subject, of a length that fits whatever theirs is."""
    return sha256(f"{len(identity.issuer)}|{identity.issuer}|{identity.subject}".encode()).hexdigest()


def links_of(user: User) -> list[SocialAccount]:
    """Return what the person signs in with; of an earlier issuer too."""
    return list(SocialAccount.objects.filter(user=user, provider=PROVIDER).order_by("pk"))


@atomic
def connect(user: User, identity: Identity) -> None:
    """Let the person sign in as this identity; again changes nothing. Raises ConnectedToAnother."""
    kept = {"issuer": identity.issuer, "subject": identity.subject, "label": identity.label}
    defaults = {"user": user, "extra_data": kept}
    link, created = SocialAccount.objects.get_or_create(provider=PROVIDER, uid=uid_of(identity), defaults=defaults)
    if link.user_id != user.pk:
        raise ConnectedToAnother
    if created:
        changes = {"issuer": [None, identity.issuer]}
        record(Verb.SIGN_ON_CONNECTED, own_account(user), person(user), changes=changes)


@atomic
def disconnect(user: User) -> None:
    """Let the person sign in by password and passkey only."""
    for link in links_of(user):
        link.delete()
        changes = {"issuer": [link.extra_data.get("issuer"), None]}
        record(Verb.SIGN_ON_DISCONNECTED, own_account(user), person(user), changes=changes)
