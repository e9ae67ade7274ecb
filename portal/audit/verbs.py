"""Every verb of the history, namespaced by what it happens to."""

from django.db import models


class Verb(models.TextChoices):
    """What happened; the label completes the sentence "<actor> …"."""

    PERSON_ADDED = "person.added", "added a person"
    ROLE_GRANTED = "role.granted", "granted a role"
    TENANT_CREATED = "tenant.created", "added the tenant"
    TENANT_CHANGED = "tenant.changed", "changed the tenant"
    TENANT_ARCHIVED = "tenant.archived", "archived the tenant"
    CREDENTIAL_STORED = "credential.stored", "stored a credential"
    CREDENTIAL_REPLACED = "credential.replaced", "replaced a credential"
    KEYS_ROTATED = "keys.rotated", "rotated the vault's keys"
    SENDER_DRAFTED = "sender.drafted", "drafted a sender ID"
    SETUP_BEGUN = "setup.begun", "began a set-up"
    SETUP_STEP_SAVED = "setup.step_saved", "saved a step of the set-up"
    SETUP_DISCARDED = "setup.discarded", "discarded the draft"
    SETUP_REOPENED = "setup.reopened", "reopened the set-up for changes"
    SETUP_STARTED = "setup.started", "started the set-up"
    SETUP_RESUMED = "setup.resumed", "resumed the set-up"
    SETUP_SUCCEEDED = "setup.succeeded", "finished the set-up"
    SETUP_FAILED = "setup.failed", "could not finish the set-up"
    REHEARSAL_ASKED = "rehearsal.asked", "asked for a rehearsal of the"
    WEBHOOK_REHEARSED = "rehearsal.ended", "rehearsed the"
    TICKED = "checklist.ticked", "ticked off"
    UNTICKED = "checklist.unticked", "took back the tick of"
    SERVICE_CREATED = "service.created", "created a service"
    SERVICE_FOUND = "service.found", "found a service already there"
    SERVICE_REFUSED = "service.refused", "was refused a service"
    SERVICE_DELAYED = "service.delayed", "will try a service again"
