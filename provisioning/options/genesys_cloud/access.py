"""Genesys Cloud access of a set-up and of a tenant: URLs and OAuth client."""

from genesys_cloud.access import Access
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.models import Setup
from provisioning.runs.active_option import live_setup
from provisioning.wizard.drafts import answers_of, draft_of


def access_of(setup: Setup) -> Access | None:
    """Return the access from a set-up's answers, or None if something is missing."""
    answers = answers_of(setup)
    if not all(answers.get(name) for name in ("gcLoginURL", "gcAPIURL", "clientId")):
        return None
    draft = draft_of(setup)
    stored = Credential.objects.filter(tenant_id=setup.tenant_id, kind=Kind.CLIENT_SECRET, draft__in={"", draft})
    if not stored.filter(client_id=answers["clientId"]).exists():
        return None
    return Access(setup.tenant_id, answers["gcLoginURL"], answers["gcAPIURL"], answers["clientId"], draft)


def access_of_tenant(tenant: Tenant) -> Access | None:
    """Return the access of the tenant's active option, or None if that is not Genesys Cloud."""
    setup = live_setup(tenant)
    return access_of(setup) if setup is not None and setup.option == "genesys_cloud" else None
