"""Exporter: writes tenants in the format of the import file, with `${NAME}` in place of secrets."""

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml
from django.db.models import QuerySet

from portal.accounts.permission import require_in_all
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import NewEvent, record_many
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.tenants.actions import target
from portal.tenants.models import Tenant
from portal.vault.encryption import DecryptionError
from portal.vault.kinds import Kind
from provisioning.bulk import variables
from provisioning.bulk.parser import trap_in
from provisioning.bulk.tenant_state import TenantState, tenant_states_of
from provisioning.bulk.validation import API_KEY
from provisioning.options import OPTIONS
from provisioning.options.base import Option
from provisioning.wizard.drafts import answers_of
from senders.models import SenderId

log = logging.getLogger(__name__)

_PORTION = 100
_ENDLESS = 10_000_000
_NAMED_BY = ("pk", "name", "ccid")
_SHORTEST_PIECE = 8
_HEAD = """\
# Set-ups of this portal, without secrets: each ${NAME} is a variable to be set before `manage.py apply`.
tenants:"""


@atomic
def record_export(actor: Actor, tenants: QuerySet[Tenant]) -> None:
    """Record an event for each tenant that is exported."""
    found = list(tenants.order_by("pk"))
    require_in_all(actor, Right.VIEW_TENANT, {tenant.pk for tenant in found})
    record_many([NewEvent(Verb.SETUP_EXPORTED, target(tenant), tenant.pk) for tenant in found], actor)


class Incomplete(RuntimeError):
    """Some tenants could not be exported; the text names them and the reasons."""


def export(tenants: QuerySet[Tenant]) -> Iterator[str]:
    """Yield the file in pieces, tenant by tenant.

    A tenant that cannot be exported becomes a comment, and Incomplete is raised at the end.
    """
    yield f"{_HEAD} []\n" if not tenants.exists() else f"{_HEAD}\n"
    names = _variable_names(tenants)
    ordered = tenants.order_by("name", "pk")
    left_out: list[str] = []
    for start in range(0, tenants.count(), _PORTION):
        for standing in tenant_states_of(ordered[start : start + _PORTION]):
            piece, why = _piece(standing, names)
            left_out += [why] if why else []
            yield piece
    if left_out:
        raise Incomplete(f"Not exported: {' '.join(left_out)}")


def _piece(standing: TenantState, names: dict[Any, str]) -> tuple[str, str]:
    """Return one tenant's part of the file, and a reason if it could not be exported."""
    try:
        return _text(_entry(standing, names)), ""
    except DecryptionError as error:
        why = str(error)
    except Exception:
        log.exception("a tenant could not be exported")
        why = "Something unforeseen went wrong, and the log says what."
    tenant = standing.tenant
    named = f"{' '.join(tenant.name.split())}, {tenant.ccid}" if tenant else "a tenant"
    return f"  # {named}: could not be exported.\n", f"{named}: {why}"


class _Dumper(yaml.SafeDumper):
    """YAML dumper that also quotes values which our reader rejects unquoted; it is stricter than YAML 1.1."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if trap_in(text) else None)


_Dumper.add_representer(str, _represent)


def _text(entry: dict[str, Any]) -> str:
    text = yaml.dump([entry], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_ENDLESS)
    return "".join(f"  {line}\n" for line in str(text).splitlines())


def _entry(standing: TenantState, names: dict[Any, str]) -> dict[str, Any]:
    tenant = standing.tenant
    assert tenant is not None  # noqa: S101 - loaded for an existing tenant
    prefix = names[tenant.pk]
    entry: dict[str, Any] = {
        "name": variables.escaped(tenant.name),
        "ccid": str(tenant.ccid),
        "nexus_url": variables.escaped(tenant.nexus_url),
    }
    if Kind.NEXUS_API_KEY.value in standing.credentials:
        entry[API_KEY.name] = f"${{{prefix}_{API_KEY.secret}}}"
    if standing.active_option:
        option = OPTIONS[standing.active_option]
        entry[option.key] = _section(standing, option, prefix)
    if standing.senders:
        entry["sender_ids"] = [_sender(standing.senders[number]) for number in sorted(standing.senders)]
    return entry


def _section(standing: TenantState, option: Option, prefix: str) -> dict[str, Any]:
    setup = standing.setup_of(option.key)
    answers = answers_of(setup) if setup else {}
    kinds = option.kinds()
    section: dict[str, Any] = {}
    for key in option.section.keys:
        if key.secret:
            if key.required or kinds[key.variable].value in standing.credentials:
                section[key.name] = f"${{{prefix}_{key.secret}}}"
        elif (value := key.in_file(answers)) not in (None, "", [], {}):
            section[key.name] = _escaped(value)
    return section


def _escaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _escaped(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_escaped(each) for each in value]
    return variables.escaped(str(value))


def _sender(sender: SenderId) -> dict[str, Any]:
    texts = {"section": sender.section, "endpoint": sender.endpoint}
    return (
        {"number": sender.number} | {name: text for name, text in texts.items() if text} | {"cxc_only": sender.cxc_only}
    )


def _variable_names(tenants: QuerySet[Tenant]) -> dict[Any, str]:
    """Return a prefix for each tenant's variables that no other tenant shares.

    It is the tenant's name, followed by as many characters of its ids as are needed if names collide. All active
    tenants are considered, exported or not, so that a tenant's variables have the same names in every export.
    """
    everyone = Tenant.objects.filter(archived_at=None) | tenants
    rows = {pk: (_slug(name), f"{ccid.hex}{pk.hex}".upper()) for pk, name, ccid in everyone.values_list(*_NAMED_BY)}
    times = Counter(slug for slug, _ in rows.values())
    names = {pk: slug for pk, (slug, _) in rows.items() if times[slug] == 1}
    taken = {variable for name in names.values() for variable in _variables(name)}
    for slug in sorted(slug for slug, count in times.items() if count > 1):
        alike = {pk: ids for pk, (each, ids) in rows.items() if each == slug}
        length = next(length for length in range(_SHORTEST_PIECE, 65) if _tells_apart(slug, alike, length, taken))
        names |= {pk: f"{slug}_{ids[:length]}" for pk, ids in alike.items()}
        taken |= {variable for pk in alike for variable in _variables(names[pk])}
    return names


def _tells_apart(slug: str, alike: dict[Any, str], length: int, taken: set[str]) -> bool:
    """Return whether ids of this length make the variables of these tenants unique among all tenants."""
    pieces = [ids[:length] for ids in alike.values()]
    variables_of_all = [variable for piece in pieces for variable in _variables(f"{slug}_{piece}")]
    return len(set(variables_of_all)) == len(variables_of_all) and taken.isdisjoint(variables_of_all)


def _variables(prefix: str) -> list[str]:
    """Return all variables that a tenant may have."""
    secrets = {key.secret for option in OPTIONS.values() for key in option.section.keys if key.secret}
    return [f"{prefix}_{secret}" for secret in sorted(secrets | {API_KEY.secret})]


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    slug = re.sub(r"[^A-Z0-9]+", "_", plain).strip("_") or "TENANT"
    return f"T_{slug}" if slug[0].isdigit() else slug
