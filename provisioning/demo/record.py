"""`var/demo.json`: where the demo runs and who signs in, for people and scripts; mode 0600."""

import json
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from portal.accounts.rights import Role
from portal.local.secret_files import write_private
from provisioning.demo.parts import Addresses
from provisioning.demo.people import sign_in_of


def write(path: Path, addresses: Addresses) -> None:
    """Write the record in one go: whoever waits for the file never sees half of it."""
    people = {role.value: asdict(sign_in_of(role)) for role in Role}
    record = {"url": addresses.url, "people": people, "sandbox": addresses.sandbox}
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    write_private(draft, json.dumps(record, indent=2) + "\n")
    draft.replace(path)


def earlier_sandbox_port(path: Path) -> int | None:
    """The sandbox's port of the last run, since the tenant's Nexus URL names it; None if there is none."""
    try:
        address: str = json.loads(path.read_text())["sandbox"]
        return urlsplit(address).port
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
