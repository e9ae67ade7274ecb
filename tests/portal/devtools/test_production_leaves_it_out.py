"""Production works without the folder `portal/devtools`: its apps load, its URLs and checks too."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.files import PROJECT

PARTS = ("manage.py", "portal", "provisioning", "numbers", "templates", "static")


def _copy_without_devtools(folder: Path) -> None:
    for name in PARTS:
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("devtools", "__pycache__"))
        else:
            shutil.copy(PROJECT / name, folder / name)


def _run(code: Path, environment: dict[str, str], *command: str) -> None:
    ran = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=code,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr


def test_an_installation_without_the_developer_tools_makes_its_keys_and_passes_the_checks(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    _copy_without_devtools(code)
    keyset, checkpoint_key = str(tmp_path / "keyset"), str(tmp_path / "checkpoint-key")
    _run(code, {}, "vault", "new-keyset", "--out", keyset)
    _run(code, {}, "history", "new-key", "--out", checkpoint_key)
    environment = {
        "PORTAL_ENV": "production",
        "SECRET_KEY": "x7Kf-2mQ9vT4wZ8bN1cR5dG3hJ6kL0pS-yU4iO7aE2qW9rX5tB",
        "ALLOWED_HOSTS": "portal.example.com",
        "DATABASE_URL": "postgres://portal:geheim@127.0.0.1:1/portal",
        "REDIS_URL": "redis://:geheim@127.0.0.1:1/0",
        "EMAIL_URL": "smtp+tls://portal:geheim@127.0.0.1:587",
        "VAULT_KEYSET_FILE": keyset,
        "CHECKPOINT_KEY_FILE": checkpoint_key,
        "VAR_DIR": str(tmp_path / "var"),
    }
    _run(code, environment, "check", "--deploy")
    assert not (code / "portal" / "devtools").exists()
