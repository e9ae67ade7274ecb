"""The block of options that makes a sender ID work, as it stands in Platform Administration (guide, last chapter)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from senders.models import SenderId
from senders.names import PREFIX

LONGEST_BLOCK = 20_000
_SECTION_LINE = re.compile(r"\[\s*(?P<name>[^\]]*?)\s*\]")
#: What Digital Channels takes where the option is missing (guide).
DEFAULTS: Mapping[str, str] = {"cxcOnly": "false", "provider": "Portico"}


def options_of(sender: SenderId) -> dict[str, str]:
    """Return the options of the sender's section, in the guide's order."""
    return {
        "channelId": sender.number,
        "channelType": "sms",
        "endpoint": f"{PREFIX}{sender.endpoint}",
        "interactionSubtype": "SMS",
        "interactionType": "Inbound",
        "media": "chat",
        "cxcOnly": "true" if sender.cxc_only else "false",
        "provider": sender.provider,
    }


def render(sender: SenderId) -> str:
    """Return the whole block, ready to paste."""
    lines = [f"{name} = {value}" for name, value in options_of(sender).items()]
    return "\n".join([f"[{PREFIX}{sender.section}]", *lines])


def read(text: str) -> tuple[str, dict[str, str]]:
    """Return section and options of a pasted block; raises ValidationError with a sentence.

    A block without a section line is taken too: people copy the options alone.
    """
    if len(text) > LONGEST_BLOCK:
        raise ValidationError("This is longer than any section. Paste the section of this number alone.")
    section, options, wrong = "", {}, []
    for number, line in enumerate((line.strip() for line in text.splitlines()), start=1):
        if not line or line.startswith(("#", ";")):
            continue
        if found := _SECTION_LINE.fullmatch(line):
            section = found["name"]
            continue
        name, separator, value = line.partition("=")
        if not separator:
            wrong.append(f"Line {number} is no option; options read NAME = VALUE.")
        options[name.strip()] = value.strip()
    if wrong or not options:
        raise ValidationError(wrong or ["Paste the options of the section."])
    return section, options


@dataclass(frozen=True)
class Comparison:
    """One option: what it should be, what it is, and whether that is the same."""

    name: str
    wanted: str
    found: str | None
    note: str

    @property
    def is_same(self) -> bool:
        """Say whether Digital Channels reads the same from both."""
        return not self.note


def compare(sender: SenderId, section: str, options: Mapping[str, str]) -> list[Comparison]:
    """Return every option of the sender beside the pasted one, then those that are not ours."""
    lines = [_line(name, wanted, options.get(name)) for name, wanted in options_of(sender).items()]
    if section:
        lines.insert(0, _line("section", f"{PREFIX}{sender.section}", section))
    extra = [name for name in options if name not in options_of(sender)]
    return lines + [Comparison(name, "", options[name], "not one of the guide's options") for name in extra]


def _line(name: str, wanted: str, found: str | None) -> Comparison:
    if found == wanted or (found is None and DEFAULTS.get(name) == wanted):
        return Comparison(name, wanted, found, "")
    return Comparison(name, wanted, found, "missing" if found is None else "another value")
