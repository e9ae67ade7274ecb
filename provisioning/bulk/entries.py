"""Entries: the validated contents of an import file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from portal.vault.kinds import Kind
from provisioning.options.base import Option
from senders.actions import SenderFacts


@dataclass(frozen=True)
class SenderEntry:
    """One item of `sender_ids`. `given` has its keys besides the number: section, endpoint, cxc_only."""

    path: str
    line: int
    number: str
    given: Mapping[str, Any]

    def facts(self, provider: str) -> SenderFacts:
        """Return the facts of a new sender ID."""
        return SenderFacts(
            self.number, provider=provider, agents_answer=not self.given.get("cxc_only", False), **self.given
        )


@dataclass(frozen=True)
class Entry:
    """One tenant of the file.

    `answers` are by wizard step, `paths` are the places of variables in the file. `secrets` are passed only to the
    vault.
    """

    path: str
    line: int
    name: str
    ccid: UUID
    nexus_url: str
    option: Option | None
    answers: dict[str, dict[str, Any]]
    secrets: dict[Kind, str] = field(repr=False)
    senders: tuple[SenderEntry, ...]
    paths: dict[str, str]

    @property
    def key(self) -> tuple[UUID, str]:
        """Return what identifies the tenant: contact centre id and Nexus URL."""
        return self.ccid, self.nexus_url

    @property
    def left_out(self) -> frozenset[str]:
        """Return the keys of the wizard steps for which the file has no answers and needs none."""
        return (
            frozenset(step.key for step in self.option.steps if step.key not in self.answers)
            if self.option
            else frozenset()
        )

    @property
    def all_answers(self) -> dict[str, Any]:
        """Return the answers of all steps by variable."""
        return {name: value for step in self.answers.values() for name, value in step.items()}
