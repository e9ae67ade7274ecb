"""Options block of a sender ID: render it for Platform Administration, parse it, compare it (guide, last chapter)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from senders.models import SenderId
from senders.names import PREFIX

LONGEST_BLOCK = 20_000
#: Key for the section's name among the stored options.
SECTION = "section"
_SECTION_LINE = re.compile(r"\[\s*(?P<name>[^\]]*?)\s*\]")
#: The values that Digital Channels uses for missing options (guide).
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
    """Return the section and the options of a pasted block; raises ValidationError.

    The section line is optional, because people also copy the options alone.
    """
    if len(text) > LONGEST_BLOCK:
        raise ValidationError("This is longer than any section. Paste the section of this number alone.")
    section, options, wrong = "", dict[str, str](), list[str]()
    for number, line in _lines(text):
        if found := _SECTION_LINE.fullmatch(line):
            if section or options:
                wrong.append(f"Another section begins in line {number}. Paste the section of this number alone.")
            section = found["name"]
            continue
        name, separator, value = (part.strip() for part in line.partition("="))
        if not separator or not name:
            wrong.append(f"Line {number} is no option; options read NAME = VALUE.")
        elif name in options:
            wrong.append(f"Line {number} names {name} a second time.")
        options[name] = value
    if wrong or not options:
        raise ValidationError(wrong or ["Paste the options of the section."])
    return section, options


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Return the non-empty lines with their line numbers; comments begin with # or ;."""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if line.strip() and not line.strip().startswith(("#", ";")):
            yield number, line.strip()


@dataclass(frozen=True)
class Comparison:
    """One option with its wanted and found value, and a note if they differ."""

    name: str
    wanted: str
    found: str | None
    note: str

    @property
    def is_same(self) -> bool:
        """Return whether Digital Channels reads the same value from both."""
        return not self.note


def compare(sender: SenderId, section: str, options: Mapping[str, str]) -> list[Comparison]:
    """Compare every option of the sender with the pasted one; unknown options come last."""
    lines = [_line(name, wanted, options.get(name)) for name, wanted in options_of(sender).items()]
    if section:
        lines.insert(0, _line(SECTION, f"{PREFIX}{sender.section}", section))
    extra = [name for name in options if name not in options_of(sender)]
    return lines + [Comparison(name, "", options[name], "Not one of the guide's options") for name in extra]


def observed(sender: SenderId) -> list[Comparison]:
    """Return the comparison with the block that was copied back last; empty if there is none."""
    options = dict(sender.observed)
    section = options.pop(SECTION, "")
    return compare(sender, section, options) if options and sender.is_complete else []


def _line(name: str, wanted: str, found: str | None) -> Comparison:
    if found == wanted or (found is None and DEFAULTS.get(name) == wanted):
        return Comparison(name, wanted, found, "")
    return Comparison(name, wanted, found, "Missing" if found is None else "Another value")
