"""Fixtures of the keys' tests: a keyset of the test's own, many secrets, and rotations in processes that die."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from portal.core.secret_files import write_private
from portal.tenants.models import Tenant
from portal.vault import rotation
from portal.vault.encryption import decrypt, encrypt
from portal.vault.keyset import new_keyset
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.models import Setup
from tests.support.files import PROJECT

#: A third of a second is enough for a process on this machine to notice.
GRACE = 0.3
KINDS = (Kind.NEXUS_API_KEY, Kind.KALEYRA_USER_NAME, Kind.KALEYRA_PASSWORD)
Rotate = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def keyset(tmp_path: Path, settings: Settings) -> Path:
    """The file of a keyset of this test's own."""
    path = tmp_path / "keys" / "keyset.json"
    path.parent.mkdir()
    write_private(path, new_keyset())
    settings.VAULT_KEYSET, settings.VAULT_KEYSET_FILE = "", str(path)
    return path


def secrets(count: int) -> list[Credential]:
    """Store that many secrets, each of which is `value of <its id>`, and a draft with answers for every third."""
    tenants = [
        Tenant(name=f"T{n}", ccid=uuid.uuid4(), nexus_url="http://127.0.0.1:9") for n in range(-(-count // len(KINDS)))
    ]
    Tenant.objects.bulk_create(tenants)
    rows = [_credential(tenants[n // len(KINDS)], KINDS[n % len(KINDS)]) for n in range(count)]
    Credential.objects.bulk_create(rows)
    Setup.objects.bulk_create([_draft(tenant) for tenant in tenants[::3]])
    return rows


def _credential(tenant: Tenant, kind: Kind) -> Credential:
    row = Credential(tenant=tenant, kind=kind, fingerprint="0" * 8, set_at=timezone.now(), set_by_label="test")
    row.ciphertext = encrypt(f"value of {row.pk}".encode(), row.place())
    return row


def _draft(tenant: Tenant) -> Setup:
    row = Setup(tenant=tenant, option="kaleyra", changed_by_label="test")
    row.answers = encrypt(f'{{"of": "{row.pk}"}}'.encode(), row.answers_place())
    return row


def opened(row: Credential) -> str:
    """What the row holds now."""
    return decrypt(row.ciphertext, row.place()).decode()


def unreadable() -> list[str]:
    """The rows that do not open, or hold what another row should."""
    wrong = [str(row.pk) for row in Credential.objects.all() if not opened(row).startswith(f"value of {row.pk}")]
    drafts = Setup.objects.exclude(answers=None)
    return wrong + [
        str(row.pk) for row in drafts if str(row.pk) not in decrypt(row.answers or b"", row.answers_place()).decode()
    ]


def under(key: int) -> int:
    """How many ciphertexts the key holds."""
    return sum(counter[key] for counter in rotation.counts().values())


def by_key() -> dict[int, int]:
    """How many ciphertexts each key holds."""
    return {key: under(key) for key in rotation.key_states()}


@pytest.fixture
def rotating(keyset: Path, transactional_db: None) -> Iterator[Rotate]:
    """Start `manage.py vault rotate` as a process: `rotating("--add-only", CRASH_AT="rotation.batch:2")`."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **env: str) -> subprocess.Popen[str]:
        own = {"DJANGO_SETTINGS_MODULE": "tests.support.settings", "VAULT_KEYSET_FILE": str(keyset)}
        started.append(
            subprocess.Popen(
                [sys.executable, "manage.py", "vault", "rotate", *arguments],
                cwd=PROJECT,
                env=os.environ | own | env,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def machines(keyset: Path, settings: Settings) -> Callable[[str], Path]:
    """Go to another machine: from now on this process uses that machine's copy of the keyset, which it gets first."""

    def go_to(name: str) -> Path:
        copy = keyset.with_name(f"{name}.json")
        if not copy.exists():
            shutil.copy(keyset, copy)
        settings.VAULT_KEYSET_FILE = str(copy)
        return copy

    return go_to
