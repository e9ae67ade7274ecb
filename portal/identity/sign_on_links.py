"""Actions on single sign-on links: people connect and disconnect their own account."""

from hashlib import sha256

from allauth.socialaccount.models import SocialAccount

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.recording import record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.identity.history import own_account
from portal.identity.id_tokens import Identity

PROVIDER = "sign_on"


class ConnectedToAnother(Exception):
    """Another person uses this single sign-on account."""


def uid_of(identity: Identity) -> str:
    """Return a hash of issuer and subject, so that its length always fits."""
    return sha256(f"{len(identity.issuer)}|{identity.issuer}|{identity.subject}".encode()).hexdigest()


def links_of(user: User) -> list[SocialAccount]:
    """Return the person's connected accounts, also those of an earlier issuer."""
    return list(SocialAccount.objects.filter(user=user, provider=PROVIDER).order_by("pk"))


@atomic
def connect(user: User, identity: Identity) -> None:
    """Connect the person to this identity; idempotent. Raises ConnectedToAnother."""
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
    """Disconnect all; the person signs in with password or passkey only."""
    links = SocialAccount.objects.filter(user=user, provider=PROVIDER).order_by("pk")
    for link in links.select_for_update():  # of two tabs only one finds it
        link.delete()
        changes = {"issuer": [link.extra_data.get("issuer"), None]}
        record(Verb.SIGN_ON_DISCONNECTED, own_account(user), person(user), changes=changes)
