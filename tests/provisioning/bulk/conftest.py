from tests.provisioning.apply.conftest import apply, folder

__all__ = ["apply", "folder"]
