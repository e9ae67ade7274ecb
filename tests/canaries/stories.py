"""What can happen to secrets in a wizard, walked as a person would, with a canary in every secret field.

The fields come from the options' own forms, and so do the answers that are not secret; so what is added is walked too.
"""

from collections import Counter
from collections.abc import Iterable
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.forms import Form
from django.test import Client
from django.urls import resolve, reverse

from portal.tenants.forms import TenantForm
from portal.tenants.models import Tenant
from portal.vault.fields import SecretField
from portal.vault.kinds import Kind
from provisioning.models import Setup
from provisioning.options import OPTIONS
from provisioning.options.base import Option
from provisioning.wizard.forms import facts_of
from provisioning.wizard.steps import WizardStep
from tests.support.canaries import ASCII, AWKWARD, Canary, Evidence, canary, id_canary


def secret_kinds() -> set[Kind]:
    """The kinds that people type into a form."""
    asked: list[type[Form]] = [TenantForm, *(step.form for option in OPTIONS.values() for step in option.steps)]
    fields = [field for form in asked for field in form.base_fields.values()]
    return {field.kind for field in fields if isinstance(field, SecretField)}


def nest() -> dict[str, Canary]:
    """A canary of each kind, as awkward as its form and its way out allow."""
    return {kind.value: _canary_of(kind) for kind in secret_kinds()}


def _canary_of(kind: Kind) -> Canary:
    if kind is Kind.CLUSTER_API_KEY:
        return id_canary(kind.value)
    return canary(kind.value, ASCII if kind is Kind.NEXUS_API_KEY else AWKWARD)  # a header takes no umlauts


class Walk:
    """An administrator in the wizard of one tenant; all pages that were shown are kept."""

    def __init__(self, client: Client, tenant: Tenant, option: Option, canaries: dict[str, Canary]) -> None:
        self.client, self.tenant, self.option, self.canaries = client, tenant, option, canaries
        self.pages: list[Evidence] = []

    @property
    def setup(self) -> Setup:
        """The set-up as it stands."""
        return Setup.objects.filter(tenant=self.tenant).latest("begun_at")

    def get(self, path: str) -> Any:
        """Open a page."""
        return self._kept(f"GET {path}", self.client.get(path))

    def post(self, path: str, values: dict[str, str] | None = None) -> Any:
        """Send a form."""
        return self._kept(f"POST {path}", self.client.post(path, values or {}))

    def _kept(self, what: str, answer: Any) -> Any:
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.pages.append((f"{what} ({answer.status_code})", head.encode() + b"\n\n" + answer.content))
        return answer

    def begin(self) -> None:
        """Choose the option."""
        self.post(reverse("setup_begin", args=[self.tenant.pk, self.option.key]))

    def save(self, step: WizardStep, **changes: str) -> Any:
        """Fill in one step and send it."""
        path = reverse("setup_step", args=[self.setup.pk, step.key])
        self.get(path)
        answer = self.post(path, self.answers(step) | {"version": str(self.setup.version)} | changes)
        self.get(path)
        return answer

    def answers(self, step: WizardStep) -> dict[str, str]:
        """What the step asks: the canaries, the tenant's facts, and the form's own examples."""
        known = facts_of(self.tenant) | {kind: each.value for kind, each in self.canaries.items()}
        fields = step.form.base_fields.items()
        return {
            name: known.get(field.kind if isinstance(field, SecretField) else name, "")
            or step.form.examples.get(name, "")
            for name, field in fields
        }

    def fill_in(self) -> None:
        """Answer all steps, each of them wrongly first."""
        self.begin()
        for step in self.option.steps:
            wrong = {name: "" for name, field in step.form.base_fields.items() if not isinstance(field, SecretField)}
            self.save(step, **wrong)
            assert self.save(step).status_code == 302, f"the examples of {step.title} do not fill it in"
            self.save(step, version="0")  # somebody else saved first
        self.get(reverse("setup_review", args=[self.setup.pk]))

    def press(self, verb: str) -> Any:
        """Press a button of the set-up."""
        return self.post(reverse(f"setup_{verb}", args=[self.setup.pk]))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href") or dict(attrs).get("hx-get")
        if tag in {"a", "div"} and href and href.startswith(("/", "?")) and not href.startswith("//"):
            self.found.add(unescape(href).partition("#")[0])


#: Pages of one kind show the same fields: each line of history, say, has a page of its own.
MOST_OF_A_KIND = 2
_NOT_FOLLOWED = ("/static/", "/accounts/logout")


def pages_in_reach(client: Client, starts: Iterable[str]) -> dict[str, bytes]:
    """The pages to which links lead from `starts`, by address; a few of each kind."""
    waiting, seen, kinds = list(starts), dict[str, bytes](), Counter[str]()
    while waiting:
        path = waiting.pop(0)
        if path in seen or path.startswith(_NOT_FOLLOWED):
            continue
        kind = resolve(urlsplit(path).path).view_name
        if kinds[kind] == MOST_OF_A_KIND:
            continue
        kinds[kind] += 1
        answer = client.get(path)
        seen[path] = answer.content if not answer.streaming else b"".join(answer)
        waiting += [answer["Location"]] if "Location" in answer else []
        waiting += [_absolute(path, link) for link in sorted(_links(seen[path]))]
    return seen


def _absolute(path: str, link: str) -> str:
    return path.partition("?")[0] + link if link.startswith("?") else link


def _links(page: bytes) -> set[str]:
    parser = _Links()
    parser.feed(page.decode(errors="replace"))
    return parser.found
