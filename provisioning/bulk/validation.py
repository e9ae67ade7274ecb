"""Validation of an import file: turns its tree into entries or problems, with the forms that the pages use."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from portal.tenants.forms import TenantForm
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from provisioning.bulk import parser
from provisioning.bulk.entries import Entry, SenderEntry
from provisioning.bulk.parser import Broken, Node
from provisioning.bulk.problems import FileRefused, Problem
from provisioning.bulk.schema import Answered, Findings, Place, Values, answered
from provisioning.options import OPTIONS
from provisioning.options.base import Option
from provisioning.options.file_schema import FileField
from senders.names import endpoint_name, section_name
from senders.phone_numbers import parse

_FACTS = ("name", "ccid", "nexus_url")
_FACT_KEYS = tuple(FileField(name, name, free_text=name == "name") for name in _FACTS)
API_KEY = FileField("nexus_api_key", "nexus_api_key", secret="NEXUS_API_KEY")  # noqa: S106 - a name, not a secret
_SENDER_KEYS = (
    FileField("number", "number"),
    *(FileField(name, name, required=False) for name in ("section", "endpoint")),
)
_SENDER_FORMS: dict[str, Callable[[str], str]] = {
    "number": lambda text: parse(text).digits,
    "section": section_name,
    "endpoint": endpoint_name,
}


def check(content: bytes, environment: Mapping[str, str] | None = None) -> tuple[list[Entry], list[Problem]]:
    """Return the file's entries and warnings. Raises FileRefused with all problems. Does not query the database.

    `environment` has the values of `${NAME}`; by default it is the process's environment.
    """
    root, problems = parser.read(content)
    findings = Findings(problems)
    entries = _Checker(Values(findings, os.environ if environment is None else environment)).entries(root)
    if findings.problems:
        raise FileRefused(findings.problems)
    return entries, sorted(set(findings.warnings))


class _Checker:
    """Checks one file, and remembers what may occur only once in it."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.findings = values.findings
        self.tenants: dict[Any, Node] = {}

    def entries(self, root: Node) -> list[Entry]:
        """Return an entry for each valid tenant."""
        if not (top := self.values.mapping(root, "The file is a mapping that begins with `tenants:`.")):
            return []
        self.values.refuse_unknown(top, ("tenants",))
        tenants = top.items.get("tenants", Broken(top.path, top.line))
        if "tenants" not in top.items:
            self.findings.tell(top, "`tenants` must be here: a list of tenants.")
        items = self.values.listing(tenants, "`tenants` must be here: a list, each entry with `- name: …`.")
        if items == []:
            self.findings.tell(tenants, "The list is empty.")
        return [entry for node in items or () if (entry := self._tenant(node))]

    def _tenant(self, node: Node) -> Entry | None:
        if not (mapping := self.values.mapping(node, "A tenant is a mapping: name, ccid, nexus_url, …")):
            return None
        before = len(self.findings.problems)
        self.values.refuse_unknown(mapping, (*_FACTS, API_KEY.name, "sender_ids", *OPTIONS))
        option = self._option(mapping)
        facts = self._facts(mapping, needs_key=option is not None)
        senders = self._senders(mapping)
        said = Answered()
        if option:
            tenant = Tenant(**{name: facts.get(name) or "" for name in _FACTS})
            said = answered(self.values, mapping.items[option.key], option, tenant, senders)
        if len(self.findings.problems) > before:
            return None
        key = {Kind.NEXUS_API_KEY: facts["nexus_api_key"]} if facts.get("nexus_api_key") else {}
        return Entry(
            mapping.path,
            mapping.line,
            name=facts["name"],
            ccid=facts["ccid"],
            nexus_url=facts["nexus_url"],
            option=option,
            answers=said.answers,
            secrets=key | said.secrets,
            senders=tuple(senders),
            paths=said.paths,
        )

    def _option(self, mapping: parser.Mapping) -> Option | None:
        found = [key for key in OPTIONS if key in mapping.items]
        for key in found[1:]:
            sentence = f"One option is active in a tenant at a time; {found[0]} is here too."
            self.findings.tell(mapping.items[key], sentence)
        return OPTIONS[found[0]] if found else None

    def _facts(self, mapping: parser.Mapping, *, needs_key: bool) -> dict[str, Any]:
        place = Place(mapping)
        for key in (*_FACT_KEYS, replace(API_KEY, required=needs_key)):
            self.values.take(place, key)
        form = TenantForm(data=place.values)
        self.values.tell_errors(form, place, {})
        if (ccid := form.cleaned_data.get("ccid")) and (url := form.cleaned_data.get("nexus_url")):
            self._refuse_twice(
                self.tenants, (ccid, url), place.at("ccid"), "the contact centre id, at the same Nexus URL,"
            )
        return form.cleaned_data

    def _senders(self, mapping: parser.Mapping) -> list[SenderEntry]:
        node = mapping.items.get("sender_ids")
        items = node and self.values.listing(node, "`sender_ids` is a list, each entry with `- {number: …}`.")
        seen: dict[Any, Node] = {}
        return [sender for item in items or () if (sender := self._sender(item, seen))]

    def _sender(self, node: Node, seen: dict[Any, Node]) -> SenderEntry | None:
        what = "A sender ID is a mapping: number, section, endpoint, cxc_only."
        if not (mapping := self.values.mapping(node, what)):
            return None
        self.values.refuse_unknown(mapping, (*_SENDER_FORMS, "cxc_only"))
        place = Place(mapping)
        for key in _SENDER_KEYS:
            self.values.take(place, key)
            self.values.normalize(place, key.name, _SENDER_FORMS[key.name])
        if (flag := mapping.items.get("cxc_only")) is not None:
            place.values["cxc_only"] = self.values.flag(flag)
        number = place.values.pop("number", None)
        if number is None:
            return None
        if warning := parse(number).warning:
            self.findings.warn(place.at("number"), warning)
        self._refuse_twice(seen, number, place.at("number"), "the number")
        return SenderEntry(mapping.path, mapping.line, number, place.values)

    def _refuse_twice(self, seen: dict[Any, Node], value: Any, node: Node, what: str) -> None:
        if value in seen:
            first = seen[value]
            self.findings.tell(node, f"This is {what} of {first.path}, line {first.line}, too.")
        seen.setdefault(value, node)
