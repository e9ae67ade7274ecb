"""What an option is: the shape that every room under `options/` fills in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.vault.kinds import Kind
from provisioning.wizard import WizardStep

#: All answers of a wizard that are not secret, by the guide's variable names.
Answers = Mapping[str, str]


@dataclass(frozen=True)
class ServiceDefinition:
    """A Nexus service to create; `body` is JSON in which secrets are `Secret` markers."""

    name: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Option:
    """One of the ways to send SMS.

    `provider` is the word that sender IDs of this option carry; `services` gives the definitions in the guide's order;
    `secrets` are the credentials that they need, besides the Nexus API key.
    """

    key: str
    title: str
    summary: str
    provider: str
    steps: tuple[WizardStep, ...]
    secrets: tuple[Kind, ...]
    services: Callable[[Answers], list[ServiceDefinition]]

    @property
    def questions(self) -> str:
        """Return what the wizard asks, in words."""
        return ", ".join(step.title for step in self.steps)

    def step(self, key: str) -> WizardStep:
        """Return a step of the wizard; raises KeyError."""
        return {step.key: step for step in self.steps}[key]
