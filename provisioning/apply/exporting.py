"""The database's tenants in the file's form; where a secret belongs stands `${NAME}`."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml
from django.db import transaction
from django.db.models import QuerySet

from portal.accounts.permission import require_in_all
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import Line, record_many
from portal.audit.verbs import Verb
from portal.tenants.actions import target
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from provisioning.apply import variables
from provisioning.apply.checking import API_KEY
from provisioning.apply.standing import Standing, standings_of
from provisioning.apply.words import trap_in
from provisioning.drafts import answers_of
from provisioning.options import OPTIONS
from provisioning.options.base import Option
from senders.models import SenderId

_PORTION = 100
_ENDLESS = 10_000_000
_HEAD = """\
# Set-ups of this portal, without secrets: each ${NAME} is a variable to be set before `manage.py apply`.
tenants:"""


@transaction.atomic
def record_export(actor: Actor, tenants: QuerySet[Tenant]) -> None:
    """Note in each tenant's history who wrote its set-up into a file."""
    found = list(tenants.order_by("pk"))
    require_in_all(actor, Right.VIEW_TENANT, {tenant.pk for tenant in found})
    record_many([Line(Verb.SETUP_EXPORTED, target(tenant), tenant.pk) for tenant in found], actor)


def export(tenants: QuerySet[Tenant]) -> Iterator[str]:
    """Yield the file in pieces, tenant by tenant."""
    yield f"{_HEAD} []\n" if not tenants.exists() else f"{_HEAD}\n"
    names = _variable_names(tenants)
    ordered = tenants.order_by("name", "pk")
    for start in range(0, len(names), _PORTION):
        for standing in standings_of(ordered[start : start + _PORTION]):
            yield _text(_entry(standing, names))


class _Dumper(yaml.SafeDumper):
    """Quotes what our own reading would take for something else: it is stricter than YAML 1.1."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if trap_in(text) else None)


_Dumper.add_representer(str, _represent)


def _text(entry: dict[str, Any]) -> str:
    text = yaml.dump([entry], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_ENDLESS)
    return "".join(f"  {line}\n" for line in str(text).splitlines())


def _entry(standing: Standing, names: dict[Any, str]) -> dict[str, Any]:
    tenant = standing.tenant
    assert tenant is not None  # noqa: S101 - it was fetched as one
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


def _section(standing: Standing, option: Option, prefix: str) -> dict[str, Any]:
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
    """Return what each tenant's variables begin with: its name, with a piece of its id where two names are alike."""
    slugs = {pk: (_slug(name), ccid) for pk, name, ccid in tenants.values_list("pk", "name", "ccid")}
    times = Counter(slug for slug, _ in slugs.values())
    return {pk: slug if times[slug] == 1 else f"{slug}_{str(ccid)[:8].upper()}" for pk, (slug, ccid) in slugs.items()}


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    slug = re.sub(r"[^A-Z0-9]+", "_", plain).strip("_") or "TENANT"
    return f"T_{slug}" if slug[0].isdigit() else slug
