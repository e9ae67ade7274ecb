"""Production works without the folder `portal/devtools`: its apps load, its URLs and checks too."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from portal.audit.checkpoints.keys import new_key_text
from portal.core.secret_files import write_private
from portal.vault.keyset import new_keyset
from tests.support.files import PROJECT

PARTS = ("manage.py", "portal", "provisioning", "numbers", "templates", "static")


def _copy_without_devtools(folder: Path) -> None:
    for name in PARTS:
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("devtools", "__pycache__"))
        else:
            shutil.copy(PROJECT / name, folder / name)


def test_production_starts_without_the_developer_tools(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    _copy_without_devtools(code)
    for name, text in (("keyset", new_keyset()), ("checkpoint-key", new_key_text())):
        write_private(tmp_path / name, text)
    environment = {
        "PATH": os.environ["PATH"],
        "PORTAL_ENV": "production",
        "SECRET_KEY": "x7Kf-2mQ9vT4wZ8bN1cR5dG3hJ6kL0pS-yU4iO7aE2qW9rX5tB",
        "ALLOWED_HOSTS": "portal.example.com",
        "DATABASE_URL": "postgres://portal:geheim@127.0.0.1:1/portal",
        "REDIS_URL": "redis://:geheim@127.0.0.1:1/0",
        "EMAIL_URL": "smtp+tls://portal:geheim@127.0.0.1:587",
        "VAULT_KEYSET_FILE": str(tmp_path / "keyset"),
        "CHECKPOINT_KEY_FILE": str(tmp_path / "checkpoint-key"),
        "VAR_DIR": str(tmp_path / "var"),
    }
    command = [sys.executable, "manage.py", "check", "--deploy"]
    ran = subprocess.run(command, cwd=code, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert not (code / "portal" / "devtools").exists()
