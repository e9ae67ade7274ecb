"""Verbs of audit events, namespaced by the type of their target, with their attributes.

The meaning of a verb for readers is defined here and nowhere else: its kind, whether it is unusual or urgent, and the
extracts of an evidence pack that contain its events. No code derives that from a verb's text.
"""

from typing import Self

from django.db import models

from portal.audit.attributes import (
    EXTRACTS,
    IN_APPROVALS,
    IN_CREDENTIALS,
    IN_ORDERS,
    IN_ROLES,
    NO_MARK,
    UNUSUAL,
    URGENT,
    EventKind,
    Mark,
)


class Verb(models.TextChoices):
    """A verb: its text in the chain, its kind, its marks, and a label that completes "<actor> …"."""

    kind: EventKind
    marks: Mark

    def __new__(cls, text: str, kind: EventKind, marks: Mark) -> Self:
        """Return the member; a verb without its attributes raises TypeError on import. Django takes the label."""
        verb = str.__new__(cls, text)
        verb._value_ = text
        verb.kind, verb.marks = kind, marks
        return verb

    REFUSED = "person.refused", EventKind.REFUSALS, UNUSUAL | IN_ROLES, "was refused: may not"
    HISTORY_EXPORTED = "history.exported", EventKind.PROOF, UNUSUAL | URGENT, "downloaded lines of the history"
    CALL_MADE = "call.made", EventKind.CALLS, NO_MARK, "asked another system to"
    PERSON_ADDED = "person.added", EventKind.PEOPLE, URGENT | IN_ROLES, "added a person"
    SIGNED_IN = "person.signed_in", EventKind.SIGN_INS, IN_ROLES, "signed in"
    SIGN_IN_REFUSED = "person.sign_in_refused", EventKind.SIGN_INS, UNUSUAL | IN_ROLES, "refused the sign-in of"
    SIGNED_OUT = "person.signed_out", EventKind.SIGN_INS, IN_ROLES, "signed out"
    PASSWORD_CHANGED = "password.changed", EventKind.SIGN_INS, URGENT | IN_ROLES, "changed the password of"
    PASSWORD_RESET_ASKED = (
        "password.reset_asked",
        EventKind.SIGN_INS,
        URGENT | IN_ROLES,
        "sent a link to choose another password to",
    )
    PASSWORD_RESET = (
        "password.reset",
        EventKind.SIGN_INS,
        UNUSUAL | URGENT | IN_ROLES,
        "chose another password by such a link for",
    )
    FACTOR_ADDED = "factor.added", EventKind.SIGN_INS, URGENT | IN_ROLES, "added a second factor for"
    FACTOR_REMOVED = "factor.removed", EventKind.SIGN_INS, UNUSUAL | URGENT | IN_ROLES, "removed a second factor of"
    RECOVERY_CODE_USED = (
        "factor.recovery_code_used",
        EventKind.SIGN_INS,
        UNUSUAL | URGENT | IN_ROLES,
        "used up a recovery code of",
    )
    RECOVERY_CODES_SHOWN = (
        "factor.recovery_codes_shown",
        EventKind.SIGN_INS,
        URGENT | IN_ROLES,
        "was shown, once, the recovery codes of",
    )
    PASSKEY_ADDED = "passkey.added", EventKind.SIGN_INS, URGENT | IN_ROLES, "added a passkey for"
    PASSKEY_REMOVED = "passkey.removed", EventKind.SIGN_INS, UNUSUAL | URGENT | IN_ROLES, "removed a passkey of"
    PASSKEY_RENAMED = "passkey.renamed", EventKind.SIGN_INS, URGENT | IN_ROLES, "renamed a passkey of"
    SIGN_ON_CONNECTED = "sign_on.connected", EventKind.SIGN_INS, URGENT | IN_ROLES, "connected the single sign-on of"
    SIGN_ON_DISCONNECTED = (
        "sign_on.disconnected",
        EventKind.SIGN_INS,
        UNUSUAL | URGENT | IN_ROLES,
        "disconnected the single sign-on of",
    )
    SIGN_ON_CHANGED = (
        "sign_on.changed",
        EventKind.SIGN_INS,
        URGENT | IN_ROLES,
        "learned from the service another name for the single sign-on of",
    )
    SIGN_ON_REFUSED = "sign_on.refused", EventKind.SIGN_INS, UNUSUAL | IN_ROLES, "refused a single sign-on"
    SESSION_ENDED = "session.ended", EventKind.SIGN_INS, URGENT | IN_ROLES, "ended sessions,"
    SIGN_IN_LOCKED = (
        "sign_in.locked",
        EventKind.SIGN_INS,
        UNUSUAL | URGENT | IN_ROLES,
        "locked, after too many wrong guesses, the sign-in of",
    )
    PERSON_DISABLED = "person.disabled", EventKind.PEOPLE, UNUSUAL | URGENT | IN_ROLES, "disabled a person"
    PERSON_ENABLED = "person.enabled", EventKind.PEOPLE, UNUSUAL | URGENT | IN_ROLES, "enabled a person again"
    SECOND_FACTOR_RESET = (
        "person.second_factor_reset",
        EventKind.SIGN_INS,
        UNUSUAL | URGENT | IN_ROLES,
        "reset the second factor of a person",
    )
    SITE_ADMINISTRATOR_MADE = (
        "person.site_administrator_made",
        EventKind.PEOPLE,
        UNUSUAL | URGENT | IN_ROLES,
        "made a site administrator of",
    )
    SITE_ADMINISTRATOR_UNMADE = (
        "person.site_administrator_unmade",
        EventKind.PEOPLE,
        UNUSUAL | URGENT | IN_ROLES,
        "took the site administration from",
    )
    SITE_AUDITOR_MADE = (
        "person.site_auditor_made",
        EventKind.PEOPLE,
        UNUSUAL | URGENT | IN_ROLES,
        "made a site auditor of",
    )
    SITE_AUDITOR_UNMADE = (
        "person.site_auditor_unmade",
        EventKind.PEOPLE,
        UNUSUAL | URGENT | IN_ROLES,
        "took the site audit from",
    )
    INVITED = "invitation.sent", EventKind.ROLES, URGENT | IN_ROLES, "invited"
    INVITATION_WITHDRAWN = "invitation.withdrawn", EventKind.ROLES, URGENT | IN_ROLES, "withdrew the invitation of"
    INVITATION_ACCEPTED = "invitation.accepted", EventKind.ROLES, URGENT | IN_ROLES, "accepted an invitation as"
    ROLE_GRANTED = "role.granted", EventKind.ROLES, UNUSUAL | URGENT | IN_ROLES, "granted a role"
    ROLE_CHANGED = "role.changed", EventKind.ROLES, UNUSUAL | URGENT | IN_ROLES, "changed a role"
    ROLE_WITHDRAWN = "role.withdrawn", EventKind.ROLES, UNUSUAL | URGENT | IN_ROLES, "withdrew a role"
    WORK_REFUSED = "work.refused", EventKind.REFUSALS, UNUSUAL | IN_ROLES, "is no longer allowed what was asked for"
    WORK_GIVEN_UP = "work.given_up", EventKind.REFUSALS, UNUSUAL, "gave up, after too many tries,"
    TENANT_CREATED = "tenant.created", EventKind.TENANTS, NO_MARK, "added the tenant"
    TENANT_CHANGED = "tenant.changed", EventKind.TENANTS, NO_MARK, "changed the tenant"
    TENANT_ARCHIVED = "tenant.archived", EventKind.TENANTS, UNUSUAL | URGENT, "archived the tenant"
    CREDENTIAL_STORED = "credential.stored", EventKind.CREDENTIALS, URGENT | IN_CREDENTIALS, "stored a credential"
    CREDENTIAL_REPLACED = "credential.replaced", EventKind.CREDENTIALS, URGENT | IN_CREDENTIALS, "replaced a credential"
    CREDENTIAL_FORGOTTEN = (
        "credential.forgotten",
        EventKind.CREDENTIALS,
        UNUSUAL | URGENT | IN_CREDENTIALS,
        "deleted the credential",
    )
    CREDENTIAL_REVEALED = (
        "credential.revealed",
        EventKind.CREDENTIALS,
        UNUSUAL | URGENT | IN_CREDENTIALS,
        "was shown, once, the credential",
    )
    KEYS_PROMOTED = (
        "keys.promoted",
        EventKind.KEYS,
        UNUSUAL | URGENT | IN_CREDENTIALS,
        "let a new key seal from now on in",
    )
    KEYS_ROTATED = "keys.rotated", EventKind.KEYS, UNUSUAL | URGENT | IN_CREDENTIALS, "rotated the vault's keys"
    SENDER_DRAFTED = "sender.drafted", EventKind.SENDERS, NO_MARK, "drafted a sender ID"
    SENDER_CHANGED = "sender.changed", EventKind.SENDERS, NO_MARK, "changed a sender ID"
    SENDER_REMOVED = "sender.removed", EventKind.SENDERS, NO_MARK, "removed a sender ID"
    SENDER_DONE = "sender.done", EventKind.SENDERS, NO_MARK, "ticked off a sender ID"
    SENDER_REOPENED = "sender.reopened", EventKind.SENDERS, NO_MARK, "took back the tick of a sender ID"
    SENDER_COMPARED = "sender.compared", EventKind.SENDERS, NO_MARK, "compared a sender ID with Platform Administration"
    SENDER_DOWNLOADED = "sender.downloaded", EventKind.SENDERS, NO_MARK, "downloaded the block of a sender ID"
    SETUP_BEGUN = "setup.begun", EventKind.SETUPS, NO_MARK, "began a set-up"
    SETUP_STEP_SAVED = "setup.step_saved", EventKind.SETUPS, NO_MARK, "saved a step of the set-up"
    SETUP_DISCARDED = "setup.discarded", EventKind.SETUPS, NO_MARK, "discarded the draft"
    SETUP_REOPENED = "setup.reopened", EventKind.SETUPS, NO_MARK, "reopened the set-up for changes"
    SETUP_STARTED = "setup.started", EventKind.SETUPS, NO_MARK, "started the set-up"
    SETUP_RESUMED = "setup.resumed", EventKind.SETUPS, NO_MARK, "resumed the set-up"
    SETUP_SUCCEEDED = "setup.succeeded", EventKind.SETUPS, NO_MARK, "finished the set-up"
    SETUP_DIFFERS = "setup.differs", EventKind.SETUPS, NO_MARK, "ended, with old values kept by Nexus, the set-up"
    SETUP_FAILED = "setup.failed", EventKind.SETUPS, UNUSUAL, "could not finish the set-up"
    SETUP_EXPORTED = (
        "setup.exported",
        EventKind.SETUPS,
        UNUSUAL,
        "wrote into a file, without its secrets, the set-up of",
    )
    REHEARSAL_ASKED = "rehearsal.asked", EventKind.TESTS, NO_MARK, "asked for a rehearsal of the"
    WEBHOOK_REHEARSED = "rehearsal.ended", EventKind.TESTS, NO_MARK, "rehearsed the"
    CONNECTION_TESTED = "connection.tested", EventKind.TESTS, NO_MARK, "tested the connection to"
    REQUEST_SENT = "request.sent", EventKind.REQUESTS, IN_APPROVALS, "asked the Genesys representative for"
    REQUEST_ANSWERED = "request.answered", EventKind.REQUESTS, IN_APPROVALS, "answered the request for"
    REQUEST_REPLIED = (
        "request.replied",
        EventKind.REQUESTS,
        IN_APPROVALS,
        "replied about the request for",
    )
    REQUEST_WITHDRAWN = "request.withdrawn", EventKind.REQUESTS, IN_APPROVALS, "withdrew the request for"
    NUMBERS_REFRESH_ASKED = "number.refresh_asked", EventKind.NUMBERS, NO_MARK, "asked Genesys Cloud for the numbers of"
    NUMBER_FOUND = "number.found", EventKind.NUMBERS, NO_MARK, "found in Genesys Cloud"
    NUMBER_CHANGED = "number.changed", EventKind.NUMBERS, NO_MARK, "found changed in Genesys Cloud"
    NUMBER_GONE = "number.gone", EventKind.NUMBERS, NO_MARK, "did not find in Genesys Cloud any more"
    NUMBER_BACK = "number.back", EventKind.NUMBERS, NO_MARK, "found in Genesys Cloud again"
    NUMBER_TAKEN_IN = "number.taken_in", EventKind.NUMBERS, NO_MARK, "took into the inventory"
    NUMBER_GIVEN_UP = "number.given_up", EventKind.NUMBERS, NO_MARK, "noted the release of"
    NUMBER_EXPLAINED = "number.explained", EventKind.NUMBERS, NO_MARK, "explained the number"
    VERIFICATION_CHANGED = "verification.changed", EventKind.NUMBERS, NO_MARK, "noted how far the verification is of"
    VERIFICATION_NOTED = "verification.noted", EventKind.NUMBERS, NO_MARK, "noted about the verification of"
    CLUSTER_KEY_ASKED = (
        "cluster_key.asked",
        EventKind.CREDENTIALS,
        URGENT | IN_CREDENTIALS,
        "asked for a key of Digital Channels,",
    )
    CLUSTER_KEY_NOT_MADE = (
        "cluster_key.not_made",
        EventKind.CREDENTIALS,
        UNUSUAL | URGENT | IN_CREDENTIALS,
        "did not get from Digital Channels",
    )
    CLUSTER_KEY_MADE = "cluster_key.made", EventKind.CREDENTIALS, URGENT | IN_CREDENTIALS, "had Digital Channels make"
    TICKED = "checklist.ticked", EventKind.CHECKLISTS, NO_MARK, "ticked off"
    UNTICKED = "checklist.unticked", EventKind.CHECKLISTS, NO_MARK, "took back the tick of"
    SERVICE_CREATED = "service.created", EventKind.SERVICES, NO_MARK, "created a service"
    SERVICE_ACCEPTED = (
        "service.accepted",
        EventKind.SERVICES,
        NO_MARK,
        "sent, and got no word of what came of it, a service",
    )
    SERVICE_REPLACED = "service.replaced", EventKind.SERVICES, NO_MARK, "replaced a service"
    SERVICE_KEPT = "service.kept", EventKind.SERVICES, NO_MARK, "could not replace a service"
    SERVICE_BY_HAND = "service.by_hand", EventKind.SERVICES, NO_MARK, "ticked off as changed by hand a service"
    SERVICE_CONFIRMED = (
        "service.confirmed",
        EventKind.SERVICES,
        NO_MARK,
        "looked in Digital Channels, and confirmed the values of a service",
    )
    SERVICE_CHECK_ASKED = "service.check_asked", EventKind.SERVICES, NO_MARK, "asked to read back a service"
    SERVICE_CHECKED = "service.checked", EventKind.SERVICES, NO_MARK, "read back a service"
    SERVICE_FOUND = "service.found", EventKind.SERVICES, NO_MARK, "found a service already there"
    SERVICE_REFUSED = "service.refused", EventKind.SERVICES, UNUSUAL, "was refused a service"
    SERVICE_UNCLEAR = (
        "service.unclear",
        EventKind.SERVICES,
        NO_MARK,
        "does not know, for its worker fell silent, what became of a service",
    )
    SERVICE_DELAYED = "service.delayed", EventKind.SERVICES, NO_MARK, "will try a service again"
    EVIDENCE_ASKED = "evidence.asked", EventKind.PROOF, URGENT, "asked for an evidence pack of"
    EVIDENCE_DOWNLOADED = "evidence.downloaded", EventKind.PROOF, UNUSUAL | URGENT, "downloaded an evidence pack of"
    CHECKPOINT_DOWNLOADED = "checkpoint.downloaded", EventKind.PROOF, NO_MARK, "downloaded"
    CHECKPOINT_KEY_ROTATED = (
        "checkpoint_key.rotated",
        EventKind.KEYS,
        UNUSUAL | URGENT | IN_CREDENTIALS,
        "rotated the key",
    )
    HISTORY_ERASED = "history.erased", EventKind.PROOF, UNUSUAL | URGENT, "erased from the history"
    HISTORY_VERIFIED = "history.verified", EventKind.PROOF, URGENT, "verified, and found whole, the history of"
    HISTORY_BROKEN = "history.broken", EventKind.PROOF, UNUSUAL | URGENT, "verified, and found broken, the history of"
    RATE_SET = "rate.set", EventKind.ORDER_RULES, URGENT | IN_ORDERS, "set what a number costs,"
    ORDER_POLICY_SET = "order_policy.set", EventKind.ORDER_RULES, URGENT | IN_ORDERS, "set the rules for orders of"
    ORDER_POLICY_WEAKENED = (
        "order_policy.weakened",
        EventKind.ORDER_RULES,
        UNUSUAL | URGENT | IN_ORDERS,
        "weakened the rules for orders of",
    )
    ORDER_DRAFTED = "order.drafted", EventKind.ORDERS, URGENT | IN_ORDERS, "drafted the order of"
    ORDER_CONFIRMED = "order.confirmed", EventKind.ORDERS, URGENT | IN_ORDERS, "ordered"
    ORDER_APPROVED = "order.approved", EventKind.ORDERS, URGENT | IN_ORDERS | IN_APPROVALS, "approved the order of"
    ORDER_DECLINED = "order.declined", EventKind.ORDERS, URGENT | IN_ORDERS | IN_APPROVALS, "declined the order of"
    ORDER_CANCELLED = "order.cancelled", EventKind.ORDERS, URGENT | IN_ORDERS, "cancelled the order of"
    ORDER_DELAYED = "order.delayed", EventKind.ORDERS, URGENT | IN_ORDERS, "will try later to send the order of"
    ORDER_SENDING = "order.sending", EventKind.ORDERS, URGENT | IN_ORDERS, "is about to send the order of"
    ORDER_PLACED = "order.placed", EventKind.ORDERS, URGENT | IN_ORDERS, "placed the order of"
    ORDER_HEARD = (
        "order.heard",
        EventKind.ORDERS,
        URGENT | IN_ORDERS,
        "heard something new from Genesys Cloud about the order of",
    )
    ORDER_REFUSED = "order.refused", EventKind.ORDERS, UNUSUAL | URGENT | IN_ORDERS, "was refused the order of"
    ORDER_REFUSAL_NOTED = (
        "order.refusal_noted",
        EventKind.ORDERS,
        URGENT | IN_ORDERS,
        "took note of the refused order of",
    )
    ORDER_UNKNOWN = (
        "order.unknown",
        EventKind.ORDERS,
        UNUSUAL | URGENT | IN_ORDERS,
        "does not know what became of the order of",
    )
    ORDER_LATE_ANSWER = "order.late_answer", EventKind.ORDERS, URGENT | IN_ORDERS, "got a late answer to the order of"
    ORDER_UNDER_REVIEW = (
        "order.under_review",
        EventKind.ORDERS,
        UNUSUAL | URGENT | IN_ORDERS,
        "put under review the order of",
    )
    ORDER_LOOK_ASKED = "order.look_asked", EventKind.ORDERS, URGENT | IN_ORDERS, "asked to look again for the order of"
    ORDER_NOT_PLACED = (
        "order.not_placed",
        EventKind.ORDERS,
        UNUSUAL | URGENT | IN_ORDERS,
        "closed as not placed the order of",
    )
    ORDER_COMPLETED = "order.completed", EventKind.ORDERS, URGENT | IN_ORDERS, "completed the order of"
    ORDER_RELEASED = (
        "order.released",
        EventKind.ORDERS,
        UNUSUAL | URGENT | IN_ORDERS,
        "closed after its release the order of",
    )
    ORDER_COMMENT_CHANGED = "order.comment_changed", EventKind.ORDERS, URGENT | IN_ORDERS, "changed the comment of"
    RELEASE_ASKED = "release.asked", EventKind.RELEASES, UNUSUAL | URGENT | IN_ORDERS, "asked to release"
    RELEASE_APPROVED = (
        "release.approved",
        EventKind.RELEASES,
        UNUSUAL | URGENT | IN_ORDERS | IN_APPROVALS,
        "approved the release of",
    )
    RELEASE_DECLINED = (
        "release.declined",
        EventKind.RELEASES,
        URGENT | IN_ORDERS | IN_APPROVALS,
        "declined the release of",
    )
    RELEASE_TAKEN_BACK = "release.taken_back", EventKind.RELEASES, URGENT | IN_ORDERS, "took back the release of"
    RELEASE_DELAYED = "release.delayed", EventKind.RELEASES, URGENT | IN_ORDERS, "will try later to release"
    RELEASE_SENDING = "release.sending", EventKind.RELEASES, URGENT | IN_ORDERS, "is about to release"
    RELEASE_UNKNOWN = (
        "release.unknown",
        EventKind.RELEASES,
        UNUSUAL | URGENT | IN_ORDERS,
        "does not know what became of the release of",
    )
    RELEASE_UNDER_REVIEW = (
        "release.under_review",
        EventKind.RELEASES,
        UNUSUAL | URGENT | IN_ORDERS,
        "put under review the release of",
    )
    RELEASE_LOOK_ASKED = (
        "release.look_asked",
        EventKind.RELEASES,
        URGENT | IN_ORDERS,
        "asked to look again for the release of",
    )
    RELEASE_KEPT = "release.kept", EventKind.RELEASES, UNUSUAL | URGENT | IN_ORDERS, "closed as kept the release of"
    RELEASE_REFUSED = "release.refused", EventKind.RELEASES, UNUSUAL | URGENT | IN_ORDERS, "could not release"
    RELEASE_DONE = "release.done", EventKind.RELEASES, UNUSUAL | URGENT | IN_ORDERS, "released"

    @property
    def is_unusual(self) -> bool:
        """Return whether an auditor should look at it first."""
        return UNUSUAL in self.marks

    @property
    def is_urgent(self) -> bool:
        """Return whether it needs a checkpoint at once."""
        return URGENT in self.marks

    @property
    def extracts(self) -> tuple[str, ...]:
        """Return the files of an evidence pack that repeat its events."""
        return tuple(name for mark, name in EXTRACTS.items() if mark in self.marks)


_BY_TEXT = {verb.value: verb for verb in Verb}


def known(text: str) -> Verb | None:
    """Return the verb of an event, or None if this release does not know it."""
    return _BY_TEXT.get(text)
