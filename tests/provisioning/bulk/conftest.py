"""The fixtures of files of set-ups, made in one place."""

from tests.provisioning.apply.conftest import apply, folder

__all__ = ["apply", "folder"]
