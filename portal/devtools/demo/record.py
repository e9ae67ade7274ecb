"""Demo record `var/demo.json`: addresses and passwords, for people and scripts; mode 0600."""

import json
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from portal.accounts.rights import Role
from portal.core.secret_files import write_private
from portal.devtools.demo.parts import Addresses
from portal.devtools.demo.people import sign_in_of


def write(path: Path, addresses: Addresses) -> None:
    """Write the record atomically, so that a waiting reader never sees half of it."""
    people = {role.value: asdict(sign_in_of(role)) for role in Role}
    record = {"url": addresses.url, "people": people, "sandbox": addresses.sandbox}
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    write_private(draft, json.dumps(record, indent=2) + "\n")
    draft.replace(path)


def earlier_sandbox_port(path: Path) -> int | None:
    """Return the sandbox's port of the last run, because tenants' Nexus URLs contain it; None if there was none."""
    try:
        address: str = json.loads(path.read_text())["sandbox"]
        return urlsplit(address).port
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
